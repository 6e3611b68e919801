package org.cupola.platform.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the first of several candidates that accepts, ready to be joined by a {@link Relay}: half-closure on,
 * nothing read yet. Immutable, any thread; listeners run on the given event loop.
 */
public final class Dialer {
    private final Transport transport;
    private final int connectTimeoutMillis;

    /** @param connectTimeout for each candidate */
    public Dialer(Transport transport, Duration connectTimeout) {
        if (connectTimeout.toMillis() < 1 || connectTimeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("connect-timeout: " + connectTimeout + " (expected: >= 1 ms)");
        }
        this.transport = transport;
        this.connectTimeoutMillis = (int) connectTimeout.toMillis();
    }

    /** A candidate and the connection to it. */
    public record Dialed<B>(B candidate, Channel channel) {}

    /**
     * Tries the candidates in the iterator's order; fails with the last one's reason when none accepts.
     *
     * @param onFailure told of each candidate that did not accept, on the event loop
     */
    public <B> Future<Dialed<B>> dial(
            EventLoop loop,
            Iterator<B> candidates,
            Function<? super B, ? extends SocketAddress> address,
            BiConsumer<? super B, Throwable> onFailure) {
        Promise<Dialed<B>> promise = loop.newPromise();
        dialNext(loop, candidates, address, onFailure, promise, null);
        return promise;
    }

    private <B> void dialNext(
            EventLoop loop,
            Iterator<B> candidates,
            Function<? super B, ? extends SocketAddress> address,
            BiConsumer<? super B, Throwable> onFailure,
            Promise<Dialed<B>> promise,
            @Nullable Throwable lastFailure) {
        if (!candidates.hasNext()) {
            promise.setFailure(lastFailure == null ? new ConnectException("no backend to connect to") : lastFailure);
            return;
        }
        B candidate = candidates.next();
        connect(loop, address.apply(candidate)).addListener((ChannelFuture connected) -> {
            if (connected.isSuccess()) {
                promise.setSuccess(new Dialed<>(candidate, connected.channel()));
            } else {
                onFailure.accept(candidate, connected.cause());
                dialNext(loop, candidates, address, onFailure, promise, connected.cause());
            }
        });
    }

    private ChannelFuture connect(EventLoop loop, SocketAddress address) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(transport.socketChannels())
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMillis)
                .handler(NO_HANDLERS)
                .connect(address);
    }

    /** A bootstrap wants a handler; the relay adds its own after the connect. */
    private static final ChannelInitializer<Channel> NO_HANDLERS = new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel channel) {}
    };
}
