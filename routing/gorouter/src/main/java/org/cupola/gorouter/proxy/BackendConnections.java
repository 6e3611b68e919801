package org.cupola.gorouter.proxy;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
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
        InetSocketAddress address = Addresses.literal(backend.host(), backend.port());
        if (address != null) {
            connect(exchange, address);
            return;
        }
        // A name must be looked up, which may block: elsewhere.
        loop.shared().control().execute(() -> {
            InetSocketAddress found = new InetSocketAddress(backend.host(), backend.port());
            loop.eventLoop().execute(() -> {
                if (found.isUnresolved()) {
                    exchange.connectFailed(
                            this, Failure.dial(backend, new java.net.UnknownHostException(backend.host())));
                } else {
                    connect(exchange, found);
                }
            });
        });
    }

    private void connect(Exchange exchange, InetSocketAddress address) {
        SocketChannel channel = loop.backendChannels().newChannel();
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setConnectTimeoutMillis(loop.settings().dialTimeoutMillis());
        var connection = new Http1Backend(loop, this, channel);
        channel.pipeline().addLast(connection);
        loop.eventLoop().register(channel);
        ChannelFuture connected = channel.connect(address);
        connected.addListener(future -> {
            if (!future.isSuccess()) {
                channel.close();
                exchange.connectFailed(this, Failure.dial(backend, future.cause()));
            } else if (exchange.isWaitingFor(this)) {
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
