package org.cupola.blobstore;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.cupola.platform.net.Transport;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/** One port and the service behind it. Guarded by nothing: opened once, closed once, by its component. */
final class BlobListener {
    private static final int IDLE_SECONDS = 75;
    private static final int MAX_LINE_BYTES = 8192;
    private static final int MAX_HEADER_BYTES = 16_384;
    private static final int CHUNK_BYTES = 64 * 1024;
    private final Channel channel;
    private final ChannelGroup connections;

    private BlobListener(Channel channel, ChannelGroup connections) {
        this.channel = channel;
        this.connections = connections;
    }

    /** @throws IllegalStateException with one clear line when the port cannot be had */
    static BlobListener open(
            BlobstoreConfig.Listener config,
            ExchangeHandler.Service service,
            Transport transport,
            EventLoopGroup loops,
            Executor threads) {
        TlsIdentity identity = config.identity();
        SslContext tls = identity == null ? null : TlsContexts.build(TlsContexts.server(identity));
        var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channelFactory(transport.fileServerChannels())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Pipeline(tls, connections, service, threads))
                .bind(config.address())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IllegalStateException(
                    "cannot listen on " + config.address().getHostString() + ":"
                            + config.address().getPort() + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        return new BlobListener(bound.channel(), connections);
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** No new connections; those in the middle of an exchange may end it. */
    void stopAccepting() {
        channel.close().awaitUninterruptibly();
    }

    void closeConnections() {
        connections.close().awaitUninterruptibly();
    }

    private static final class Pipeline extends ChannelInitializer<Channel> {
        private final @Nullable SslContext tls;
        private final ChannelGroup connections;
        private final ExchangeHandler.Service service;
        private final Executor threads;

        Pipeline(
                @Nullable SslContext tls, ChannelGroup connections, ExchangeHandler.Service service, Executor threads) {
            this.tls = tls;
            this.connections = connections;
            this.service = service;
            this.threads = threads;
        }

        @Override
        protected void initChannel(Channel connection) {
            connections.add(connection);
            if (tls != null) {
                connection.pipeline().addLast(tls.newHandler(connection.alloc()));
            }
            connection
                    .pipeline()
                    .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
                    .addLast(new HttpServerCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, CHUNK_BYTES))
                    .addLast(new ExchangeHandler(service, threads));
        }
    }
}
