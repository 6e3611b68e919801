package org.cupola.gorouter;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.cupola.platform.tls.TlsIdentity;

/** A client's HTTP/3 connection, by Netty's client. */
final class Http3Peer implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel socket;
    private final QuicChannel connection;
    private final CompletableFuture<Long> goAway = new CompletableFuture<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();

    Http3Peer(int port, String serverName, Optional<TlsIdentity> identity, X509Certificate authority) throws Exception {
        try {
            QuicSslContextBuilder tls = QuicSslContextBuilder.forClient()
                    .trustManager(authority)
                    .endpointIdentificationAlgorithm("")
                    .applicationProtocols("h3");
            identity.ifPresent(
                    own -> tls.keyManager(own.key(), null, own.chain().toArray(X509Certificate[]::new)));
            QuicSslContext context = tls.build();
            socket = new Bootstrap()
                    .group(group)
                    .channel(NioDatagramChannel.class)
                    .handler(Http3.newQuicClientCodecBuilder()
                            .sslEngineProvider(channel -> context.newEngine(channel.alloc(), serverName, port))
                            .maxIdleTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .initialMaxData(1 << 20)
                            .initialMaxStreamDataBidirectionalLocal(1 << 18)
                            .build())
                    .bind("127.0.0.1", 0)
                    .sync()
                    .channel();
            connection = QuicChannel.newBootstrap(socket)
                    .handler(new Events())
                    .remoteAddress(new InetSocketAddress("127.0.0.1", port))
                    .connect()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    private final class Events extends ChannelInitializer<QuicChannel> {
        @Override
        protected void initChannel(QuicChannel channel) {
            channel.pipeline().addLast(new Http3ClientConnectionHandler(new Control(), null, null, null, true));
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    if (event instanceof QuicConnectionCloseEvent close) {
                        closed.complete(close.error());
                    }
                }

                @Override
                public void channelInactive(ChannelHandlerContext ctx) {
                    closed.complete(-1);
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    closed.completeExceptionally(cause);
                }
            });
        }
    }

    private final class Control extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http3GoAwayFrame frame) {
                goAway.complete(frame.id());
            }
            ReferenceCountUtil.release(message);
        }
    }

    /** The certificate the router has shown. */
    X509Certificate serverCertificate() throws Exception {
        return (X509Certificate) connection.sslEngine().getSession().getPeerCertificates()[0];
    }

    /** The first stream id that is not served any more, once the router has said so. */
    long goAwayId() throws Exception {
        return goAway.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The error code the router closes the connection with. */
    int closeCode() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    boolean isOpen() {
        return connection.isActive();
    }

    static Http3Headers head(String method, String host, String path) {
        return new DefaultHttp3Headers(false)
                .method(method)
                .scheme("https")
                .authority(host)
                .path(path);
    }

    /** A stream to write requests on. */
    Request open() throws Exception {
        var request = new Request();
        request.stream = Http3.newRequestStream(connection, request).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return request;
    }

    /** A stream to write any bytes on. */
    Request openRaw() throws Exception {
        var request = new Request();
        request.stream =
                connection.createStream(QuicStreamType.BIDIRECTIONAL, request).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return request;
    }

    Request get(String host, String path) throws Exception {
        Request request = open();
        request.send(head("GET", host, path), true);
        return request;
    }

    /** A request and what comes of it. */
    static final class Request extends Http3RequestStreamInboundHandler {
        private final CompletableFuture<Http3Headers> head = new CompletableFuture<>();
        private final CompletableFuture<Http3Headers> trailers = new CompletableFuture<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final AtomicLong received = new AtomicLong();
        private QuicStreamChannel stream;
        private volatile boolean keep = true;

        void send(Http3Headers headers, boolean last) {
            var written = stream.writeAndFlush(new DefaultHttp3HeadersFrame(headers));
            if (last) {
                written.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            }
        }

        void send(String latin1, boolean last) {
            send(latin1.getBytes(StandardCharsets.ISO_8859_1), last);
        }

        void send(byte[] bytes, boolean last) {
            var written = stream.writeAndFlush(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(bytes)));
            if (last) {
                written.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            }
        }

        void sendRaw(byte[] bytes, boolean last) {
            var written = stream.writeAndFlush(Unpooled.wrappedBuffer(bytes));
            if (last) {
                written.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            }
        }

        /** Queues a piece, and counts it when QUIC has taken it. */
        void write(byte[] bytes, AtomicLong taken) {
            stream.writeAndFlush(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(bytes)))
                    .addListener(_ -> taken.addAndGet(bytes.length));
        }

        QuicStreamChannel stream() {
            return stream;
        }

        /** Counts the response's body from now on, and does not keep it. */
        Request counting() {
            keep = false;
            return this;
        }

        /** Gives up, as browsers do. */
        void cancel() {
            stream.shutdown(0x10c);
        }

        Http3Headers awaitHead() throws Exception {
            return head.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        String status() throws Exception {
            return awaitHead().status().toString();
        }

        String header(String name) throws Exception {
            CharSequence value = awaitHead().get(name);
            return value == null ? "" : value.toString();
        }

        /** The body, once all of it has come. */
        String text() throws Exception {
            end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            synchronized (body) {
                return body.toString(StandardCharsets.ISO_8859_1);
            }
        }

        Http3Headers trailers() throws Exception {
            return trailers.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        long received() {
            return received.get();
        }

        /** The code the router gives the stream up with. */
        long resetCode() throws Exception {
            try {
                end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                return -1;
            } catch (java.util.concurrent.ExecutionException e) {
                return e.getCause() instanceof QuicStreamResetException reset ? reset.applicationProtocolCode() : -2;
            }
        }

        @Override
        protected void channelRead(ChannelHandlerContext ctx, Http3HeadersFrame frame) {
            CharSequence status = frame.headers().status();
            if (status == null) {
                trailers.complete(frame.headers());
            } else if (status.charAt(0) != '1') {
                head.complete(frame.headers());
            }
        }

        @Override
        protected void channelRead(ChannelHandlerContext ctx, Http3DataFrame frame) {
            take(frame.content());
        }

        private void take(ByteBuf bytes) {
            received.addAndGet(bytes.readableBytes());
            if (keep) {
                synchronized (body) {
                    byte[] copy = new byte[bytes.readableBytes()];
                    bytes.readBytes(copy);
                    body.writeBytes(copy);
                }
            }
            bytes.release();
        }

        @Override
        protected void channelInputClosed(ChannelHandlerContext ctx) {
            end.complete(null);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            fail(new java.io.IOException("closed"));
        }

        private void fail(Exception cause) {
            head.completeExceptionally(cause);
            trailers.completeExceptionally(cause);
            end.completeExceptionally(cause);
        }

        @Override
        protected void handleQuicException(ChannelHandlerContext ctx, QuicException cause) {
            fail(cause);
        }

        @Override
        protected void handleHttp3Exception(
                ChannelHandlerContext ctx, io.netty.handler.codec.http3.Http3Exception cause) {
            fail(cause);
        }
    }

    /** HEADERS with these lines, as they are. */
    static byte[] headersFrame(List<String[]> lines) {
        ByteBuf block = Unpooled.buffer();
        block.writeShort(0);
        for (String[] line : lines) {
            byte[] name = line[0].getBytes(StandardCharsets.ISO_8859_1);
            byte[] value = line[1].getBytes(StandardCharsets.ISO_8859_1);
            prefixed(block, 0x20, 3, name.length);
            block.writeBytes(name);
            prefixed(block, 0, 7, value.length);
            block.writeBytes(value);
        }
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(1);
        frame.writeInt(0x80000000 | block.readableBytes());
        frame.writeBytes(block);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        return bytes;
    }

    /** RFC 7541, 5.1. */
    private static void prefixed(ByteBuf out, int pattern, int bits, int value) {
        int most = (1 << bits) - 1;
        if (value < most) {
            out.writeByte(pattern | value);
            return;
        }
        out.writeByte(pattern | most);
        int rest = value - most;
        while (rest >= 128) {
            out.writeByte(rest & 0x7f | 0x80);
            rest >>= 7;
        }
        out.writeByte(rest);
    }

    @Override
    public void close() {
        connection.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        socket.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
