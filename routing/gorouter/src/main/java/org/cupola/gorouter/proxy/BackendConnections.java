package org.cupola.gorouter.proxy;

import java.util.ArrayDeque;
import org.cupola.gorouter.routes.Backend;

/**
 * One event loop's connections to one backend: those kept for later, newest first, and how to make new ones. Confined to
 * the loop.
 */
final class BackendConnections {
    private final Loop loop;
    private final Backend backend;
    private final ArrayDeque<Http1Backend> idle = new ArrayDeque<>(4);

    private BackendConnections(Loop loop, Backend backend) {
        this.loop = loop;
        this.backend = backend;
    }

    static BackendConnections of(Loop loop, Backend backend) {
        if (backend.slot(loop.index()) instanceof BackendConnections present) {
            return present;
        }
        var made = new BackendConnections(loop, backend);
        backend.slot(loop.index(), loop.loops(), made);
        return made;
    }

    /** Gets the exchange a connection, or tells it why there is none. */
    void acquire(Exchange exchange, boolean reuse) {
        if (reuse) {
            for (Http1Backend kept = idle.pollLast(); kept != null; kept = idle.pollLast()) {
                if (kept.isUsable()) {
                    kept.begin(exchange, true);
                    return;
                }
            }
        }
        BackendTls tls = backend.tls() ? loop.shared().backendTls() : null;
        BackendDialer.dial(loop, backend, tls, (channel, failure) -> {
            if (channel == null) {
                exchange.connectFailed(this, failure == null ? Failure.EOF : failure);
                return;
            }
            var connection = new Http1Backend(loop, this, channel);
            channel.pipeline().addLast(connection);
            if (exchange.isWaitingFor(this)) {
                connection.begin(exchange, false);
            } else {
                connection.keep(); // the client did not wait; the next one need not
            }
        });
    }

    /** Keeps a connection that has done its work. */
    void keep(Http1Backend connection) {
        if (idle.size() >= loop.settings().maxIdlePerBackend() || backend.isRetired() || backend.isAside()) {
            connection.close();
        } else {
            idle.addLast(connection);
        }
    }

    void forget(Http1Backend connection) {
        idle.remove(connection);
    }

    Backend backend() {
        return backend;
    }
}
