package org.cupola.tcprouter;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.cupola.platform.net.Transport;

/** Opens one connection to one address, ready for a relay: nothing is read yet, half-closure is on. Any thread. */
final class Connector {
    private final Transport transport;
    private final boolean keepAlive;

    /** @param keepAlive whether the kernel is to notice dead backends, because nothing else does */
    Connector(Transport transport, boolean keepAlive) {
        this.transport = transport;
        this.keepAlive = keepAlive;
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

    /** By hand: a bootstrap costs as much as the rest of a connection's set-up. */
    private void connect(EventLoop loop, InetSocketAddress address, Duration timeout, Promise<Channel> promise) {
        Channel channel = transport.socketChannels().newChannel();
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setConnectTimeoutMillis((int) Math.max(1, timeout.toMillis()));
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (keepAlive) {
            config.setOption(ChannelOption.SO_KEEPALIVE, true);
        }
        loop.register(channel).addListener((ChannelFuture registered) -> {
            if (!registered.isSuccess()) {
                channel.unsafe().closeForcibly();
                promise.tryFailure(registered.cause());
                return;
            }
            channel.connect(address).addListener((ChannelFuture connected) -> {
                if (!connected.isSuccess()) {
                    channel.close();
                    promise.tryFailure(connected.cause());
                } else if (!promise.trySuccess(channel)) {
                    channel.close();
                }
            });
        });
    }
}
