package org.cupola.gorouter.proxy;

import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import org.cupola.gorouter.routes.Backend;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's connections to one backend: those kept for later, newest first, and how to make new ones. Confined to
 * the loop.
 */
final class BackendConnections {
    private final Loop loop;
    private final Backend backend;
    private @Nullable Http2Upstream http2;
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
        Http2Upstream shared = http2;
        if (shared != null && shared.isUsable()) {
            shared.begin(exchange, this);
            return;
        }
        if (reuse) {
            for (Http1Backend kept = idle.pollLast(); kept != null; kept = idle.pollLast()) {
                if (kept.isUsable()) {
                    kept.begin(exchange, true);
                    return;
                }
            }
        }
        BackendTls tls = backend.tls() ? loop.shared().tls().of(backend) : null;
        BackendDialer.dial(loop, backend, tls, (channel, failure) -> {
            if (channel == null) {
                exchange.connectFailed(this, failure == null ? Failure.EOF : failure);
                return;
            }
            exchange.dialed(DialTimes.of(channel), this);
            SslHandler handshake = channel.pipeline().get(SslHandler.class);
            if (handshake != null && ApplicationProtocolNames.HTTP_2.equals(handshake.applicationProtocol())) {
                http2 = new Http2Upstream(loop, channel);
                if (exchange.isWaitingFor(this)) {
                    http2.begin(exchange, this);
                }
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
