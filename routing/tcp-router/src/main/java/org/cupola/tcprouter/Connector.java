package org.cupola.tcprouter;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.cupola.platform.net.Transport;

/** Opens one connection to one address, ready for a relay: nothing is read yet, half-closure is on. Any thread. */
final class Connector {
    private static final ChannelHandler NO_HANDLER = new NoHandler();

    private final Transport transport;

    /** A bootstrap wants a handler; the relay adds its own later. */
    @Sharable
    private static final class NoHandler extends ChannelInboundHandlerAdapter {}

    Connector(Transport transport) {
        this.transport = transport;
    }

    /** Names are looked up on a virtual thread: that blocks. */
    Future<Channel> connect(EventLoop loop, InetSocketAddress address, Duration timeout) {
        Promise<Channel> promise = loop.newPromise();
        if (!address.isUnresolved()) {
            connect(loop, address, timeout, promise);
            return promise;
        }
        Thread.ofVirtual().name("resolve-" + address.getHostString()).start(() -> {
            try {
                var resolved = new InetSocketAddress(InetAddress.getByName(address.getHostString()), address.getPort());
                loop.execute(() -> connect(loop, resolved, timeout, promise));
            } catch (UnknownHostException e) {
                promise.tryFailure(e);
            }
        });
        return promise;
    }

    private void connect(EventLoop loop, InetSocketAddress address, Duration timeout, Promise<Channel> promise) {
        new Bootstrap()
                .group(loop)
                .channel(transport.socketChannel())
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, timeout.toMillis()))
                .handler(NO_HANDLER)
                .connect(address)
                .addListener((ChannelFuture connected) -> {
                    if (!connected.isSuccess()) {
                        promise.tryFailure(connected.cause());
                    } else if (!promise.trySuccess(connected.channel())) {
                        connected.channel().close();
                    }
                });
    }
}
