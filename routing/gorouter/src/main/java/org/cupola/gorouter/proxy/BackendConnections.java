package org.cupola.gorouter.proxy;

import io.netty.channel.Channel;
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
    private boolean crowded;
    private int fewest;

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

    /** The connection to use from now on: the new one, unless several were made at once and another was first. */
    private Http2Upstream share(Channel made) {
        Http2Upstream present = http2;
        if (present != null && present.isUsable()) {
            made.close();
            return present;
        }
        if (present != null) {
            present.retire();
        }
        var fresh = new Http2Upstream(loop, made);
        http2 = fresh;
        return fresh;
    }

    /** Gets the exchange a connection, or tells it why there is none. */
    void acquire(Exchange exchange, boolean reuse) {
        Http2Upstream shared = http2;
        if (shared != null && shared.isUsable()) {
            shared.begin(exchange);
            return;
        }
        if (reuse) {
            for (Http1Backend kept = take(); kept != null; kept = take()) {
                if (kept.isUsable()) {
                    kept.begin(exchange, true);
                    return;
                }
            }
        }
        BackendDialer.dial(loop, backend, (channel, failure) -> {
            if (channel == null) {
                exchange.connectFailed(this, failure == null ? Failure.EOF : failure);
                return;
            }
            exchange.dialed(DialTimes.of(channel), this);
            SslHandler handshake = channel.pipeline().get(SslHandler.class);
            if (handshake != null && ApplicationProtocolNames.HTTP_2.equals(handshake.applicationProtocol())) {
                Http2Upstream chosen = share(channel);
                if (exchange.isWaitingFor(this)) {
                    chosen.begin(exchange);
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

    private @Nullable Http1Backend take() {
        Http1Backend kept = idle.pollLast();
        fewest = Math.min(fewest, idle.size());
        return kept;
    }

    /**
     * Keeps a connection that has done its work. More than the configured number may be idle for a moment, between the
     * responses and the requests of one batch of events; {@link #trim} closes those that stay so.
     */
    void keep(Http1Backend connection) {
        int limit = loop.settings().maxIdlePerBackend();
        if (limit == 0 || backend.isRetired() || backend.isAside()) {
            connection.close();
            return;
        }
        idle.addLast(connection);
        if (idle.size() > limit && !crowded) {
            crowded = true;
            fewest = limit;
            loop.crowded(this);
        }
    }

    /**
     * Closes the oldest of those that nobody needed since the last call, down to the configured number.
     *
     * @return whether there are still too many
     */
    boolean trim() {
        int limit = loop.settings().maxIdlePerBackend();
        for (int excess = fewest - limit; excess > 0; excess--) {
            Http1Backend oldest = idle.pollFirst();
            if (oldest == null) {
                break;
            }
            oldest.close();
        }
        fewest = idle.size();
        crowded = fewest > limit;
        return crowded;
    }

    void forget(Http1Backend connection) {
        idle.remove(connection);
        fewest = Math.min(fewest, idle.size());
    }

    Backend backend() {
        return backend;
    }
}
