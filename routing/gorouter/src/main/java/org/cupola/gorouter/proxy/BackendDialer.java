package org.cupola.gorouter.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.function.BiConsumer;
import org.cupola.gorouter.routes.Backend;
import org.jspecify.annotations.Nullable;

/** Makes connections to backends: TCP, then TLS where they speak it. */
final class BackendDialer {
    private BackendDialer() {}

    /**
     * Calls back on the loop with a connected channel, or with why there is none. Over TLS, by what holds when the connection
     * is begun, where the backend has it.
     */
    static void dial(Loop loop, Backend backend, BiConsumer<@Nullable DuplexChannel, @Nullable Failure> done) {
        InetSocketAddress address = Addresses.literal(backend.host(), backend.port());
        if (address != null) {
            connect(loop, backend, address, -1, done);
            return;
        }
        long begun = System.nanoTime();
        // A name must be looked up, which may block: elsewhere.
        loop.shared().control().execute(() -> {
            var found = new InetSocketAddress(backend.host(), backend.port());
            long lookup = System.nanoTime() - begun;
            loop.eventLoop().execute(() -> {
                if (found.isUnresolved()) {
                    done.accept(null, Failure.dial(backend, new UnknownHostException(backend.host())));
                } else {
                    connect(loop, backend, found, lookup, done);
                }
            });
        });
    }

    private static void connect(
            Loop loop,
            Backend backend,
            InetSocketAddress address,
            long lookup,
            BiConsumer<@Nullable DuplexChannel, @Nullable Failure> done) {
        DuplexChannel channel = loop.backendChannels().newChannel();
        Buffers.configure(channel.config());
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setConnectTimeoutMillis(loop.settings().dialTimeoutMillis());
        SslHandler handshake = backend.tls() ? loop.shared().tls().handler(loop.allocator(), backend) : null;
        if (handshake != null) {
            channel.pipeline().addLast(handshake, new FailureSink());
        }
        loop.eventLoop().register(channel);
        long begun = System.nanoTime();
        channel.connect(address).addListener(connected -> {
            long connect = System.nanoTime() - begun;
            if (!connected.isSuccess()) {
                channel.close();
                done.accept(null, Failure.dial(backend, connected.cause()));
            } else if (handshake == null) {
                new DialTimes(lookup, connect, -1).attachTo(channel);
                done.accept(channel, null);
            } else {
                handshake.handshakeFuture().addListener(shaken -> {
                    if (shaken.isSuccess()) {
                        channel.pipeline().remove(FailureSink.class);
                        new DialTimes(lookup, connect, System.nanoTime() - begun - connect).attachTo(channel);
                        done.accept(channel, null);
                    } else {
                        channel.close();
                        done.accept(null, Failure.handshake(shaken.cause()));
                    }
                });
            }
        });
    }

    /** A failed handshake is told by its future; as an event of the pipeline it would be logged a second time. */
    private static final class FailureSink extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
