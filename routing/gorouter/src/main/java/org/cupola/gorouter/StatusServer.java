package org.cupola.gorouter;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.cupola.platform.net.SharedPort;
import org.cupola.platform.net.Transport;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP server for health, status and metrics, on threads of its own so that a busy data plane does not delay it.
 * Pages are made on virtual threads and may block.
 */
final class StatusServer implements AutoCloseable {
    private static final int MAX_REQUEST_BYTES = 64 * 1024;
    private static final int READ_TIMEOUT_SECONDS = 10;

    private final String name;
    private final Map<String, Page> pages;
    private final StatusAuth auth;
    private final EventLoopGroup group;
    private final Transport transport;
    private final ExecutorService makers = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable Channel listener;
    private volatile @Nullable SslContext context;

    // Also those that were replaced: a connection may have been given one a moment ago.
    private final List<SslContext> made = new CopyOnWriteArrayList<>();

    /**
     * What is found under a path.
     *
     * @param guarded whether user and password are asked for
     */
    record Page(boolean guarded, Supplier<Content> content) {}

    /** @param headers besides content type and length */
    @SuppressWarnings("ArrayRecordComponent") // made once, sent once, never compared
    record Content(int status, String type, byte[] body, Map<String, String> headers) {
        static Content text(int status, String text, Map<String, String> headers) {
            return new Content(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8), headers);
        }

        static Content json(byte[] json) {
            return new Content(200, "application/json", json, Map.of("Connection", "close"));
        }
    }

    StatusServer(String name, Transport transport, StatusAuth auth, Map<String, Page> pages) {
        this.name = name;
        this.transport = transport;
        this.auth = auth;
        this.pages = Map.copyOf(pages);
        this.group = transport.eventLoops(name, 1);
    }

    /**
     * @param takeOver whether the port may be in use by another router, which is about to drain
     * @return the port in use
     */
    int start(InetSocketAddress address, boolean takeOver, @Nullable SslContext tls)
            throws IOException, InterruptedException {
        if (tls != null) {
            replace(tls);
        }
        var bootstrap = new ServerBootstrap()
                .group(group)
                .channelFactory(transport.serverChannels())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        SslContext present = context;
                        if (present != null) {
                            channel.pipeline().addLast(present.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(
                                        new ReadTimeoutHandler(READ_TIMEOUT_SECONDS),
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(MAX_REQUEST_BYTES),
                                        new Handler());
                    }
                });
        if (takeOver) {
            transport.reusePort().ifPresent(option -> bootstrap.option(option, true));
        }
        var bound = bootstrap.bind(address).await();
        if (!bound.isSuccess()) {
            close();
            throw new IOException(
                    name + ": cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listener = bound.channel();
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    /** What it listens on, once started. */
    SharedPort port() {
        return new SharedPort(List.of(Objects.requireNonNull(listener, "started")));
    }

    /** New connections are met with this from now on. It is closed with the server. */
    void replace(SslContext tls) {
        made.add(tls);
        context = tls;
    }

    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            String target = request.uri();
            int query = target.indexOf('?');
            String path = query < 0 ? target : target.substring(0, query);
            boolean keepAlive = HttpUtil.isKeepAlive(request);
            String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
            makers.execute(() -> send(ctx, content(path, authorization), keepAlive));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private Content content(String path, String authorization) {
        Page page = pages.get(path);
        boolean guarded = page == null ? pages.values().stream().anyMatch(Page::guarded) : page.guarded();
        if (guarded && !auth.accepts(authorization)) {
            return Content.text(401, "401 Unauthorized\n", Map.of("WWW-Authenticate", "Basic"));
        }
        return page == null
                ? Content.text(404, "404 page not found\n", Map.of())
                : page.content().get();
    }

    private static void send(ChannelHandlerContext ctx, Content content, boolean keepAlive) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(content.status()),
                Unpooled.wrappedBuffer(content.body()));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, content.type());
        content.headers().forEach((name, value) -> response.headers().set(name, value));
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, content.body().length);
        boolean open = keepAlive && !content.headers().containsKey("Connection");
        if (!open) {
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        var sent = ctx.writeAndFlush(response);
        if (!open) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void close() {
        Channel open = listener;
        if (open != null) {
            open.close().syncUninterruptibly();
        }
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
        makers.close();
        context = null;
        made.forEach(ReferenceCountUtil::release);
        made.clear();
    }
}
