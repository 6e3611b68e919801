package org.cupola.gorouter.proxy;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.cupola.gorouter.routes.Backend;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.Pool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets failing backends aside for all requests at once, and tries them from time to time until they accept connections
 * again or nobody refers to them any more. Any event loop; each backend is probed by the loop that set it aside.
 */
final class Prober {
    private static final Logger log = LoggerFactory.getLogger(LogSources.PROXY);

    private final long intervalMillis;

    Prober(long intervalMillis) {
        this.intervalMillis = intervalMillis;
    }

    /** After a failure that says the endpoint is not there, or is not who it should be: then it also leaves the pool. */
    void setAside(Exchange exchange, Endpoint failing, Failure failure) {
        Shared shared = exchange.loop().shared();
        setAside(exchange.loop(), failing.backend());
        Pool pool = exchange.pool();
        if (failure.kind().prunesTls() && failing.info().tls() && pool != null) {
            shared.control().execute(() -> {
                if (shared.table().expel(pool, failing, System.nanoTime())) {
                    FailureReport.expelled(pool, failing);
                }
            });
        } else {
            FailureReport.ineligible(failing);
        }
    }

    /** To be called on the loop that saw it fail. */
    private void setAside(Loop loop, Backend backend) {
        if (backend.setAside()) {
            log.atInfo().addKeyValue("backend", backend.address()).log("backend-set-aside");
            later(loop, backend);
        }
    }

    /** A backend that was set aside and answers all the same is a backend again. */
    static void answered(@Nullable Endpoint endpoint) {
        if (endpoint != null && endpoint.backend().isAside()) {
            endpoint.backend().restore();
        }
    }

    private void later(Loop loop, Backend backend) {
        loop.eventLoop().schedule(() -> probe(loop, backend), intervalMillis, TimeUnit.MILLISECONDS);
    }

    private void probe(Loop loop, Backend backend) {
        if (backend.isRetired() || !backend.isAside()) {
            return;
        }
        tryOnce(loop, backend, isThere -> {
            if (!isThere) {
                later(loop, backend);
                return;
            }
            backend.restore();
            log.atInfo().addKeyValue("backend", backend.address()).log("backend-restored");
        });
    }

    /** Tells whether a connection can be made, and with TLS whether the right one answers. On the loop, as the answer. */
    static void tryOnce(Loop loop, Backend backend, Consumer<Boolean> answer) {
        BackendDialer.dial(loop, backend, (channel, failure) -> {
            if (channel != null) {
                channel.close();
            }
            answer.accept(channel != null);
        });
    }
}
