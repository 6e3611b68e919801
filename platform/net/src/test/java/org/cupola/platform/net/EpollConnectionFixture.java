package org.cupola.platform.net;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Our channels beside Netty's, which they must behave like but where a test says otherwise. */
abstract class EpollConnectionFixture {
    static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    static final int TIMEOUT_MILLIS = 30_000;

    EventLoopGroup loops;
    final List<AutoCloseable> opened = new ArrayList<>();
    final BlockingQueue<Recorder> accepted = new LinkedBlockingQueue<>();

    enum Kind {
        OWN(() -> new EpollListener(null), EpollConnection::new),
        NETTY(EpollServerSocketChannel::new, EpollSocketChannel::new);

        final ChannelFactory<ServerChannel> listeners;
        final ChannelFactory<DuplexChannel> connections;

        Kind(ChannelFactory<ServerChannel> listeners, ChannelFactory<DuplexChannel> connections) {
            this.listeners = listeners;
            this.connections = connections;
        }
    }

    /** What happened to a channel. */
    static final class Recorder extends ChannelInboundHandlerAdapter {
        final CompletableFuture<DuplexChannel> active = new CompletableFuture<>();
        final CompletableFuture<Void> inputShutdown = new CompletableFuture<>();
        final CompletableFuture<Void> inactive = new CompletableFuture<>();
        final BlockingQueue<Throwable> problems = new LinkedBlockingQueue<>();
        final AtomicInteger reads = new AtomicInteger();
        final AtomicInteger bytes = new AtomicInteger();
        final ByteBuf received = Unpooled.buffer();
        boolean closeAtFirst;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            active.complete((DuplexChannel) ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf buffer = (ByteBuf) message;
            received.writeBytes(buffer);
            buffer.release();
            reads.incrementAndGet();
            bytes.set(received.readableBytes());
            if (closeAtFirst) {
                ctx.close();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                inputShutdown.complete(null);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            inactive.complete(null);
        }

        @Override
        @SuppressWarnings("OverridesJavaxDeprecation")
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            problems.add(cause);
        }

        DuplexChannel channel() throws Exception {
            return active.get(30, SECONDS);
        }

        void awaitBytes(int count) {
            await().atMost(Duration.ofSeconds(30)).until(() -> bytes.get() >= count);
        }
    }

    @BeforeEach
    void start() {
        assumeTrue(Transport.EPOLL.isAvailable(), "epoll is not available on this machine");
        loops = Transport.EPOLL.eventLoops("epoll-test", 1);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        if (loops != null) {
            loops.shutdownGracefully(0, 5, SECONDS).sync();
        }
    }

    Channel listen(Kind kind, boolean autoRead, boolean halfClosure) throws Exception {
        return listen(kind, autoRead, halfClosure, Recorder::new);
    }

    Channel listen(Kind kind, boolean autoRead, boolean halfClosure, Callable<Recorder> recorders) throws Exception {
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(kind.listeners)
                .childOption(ChannelOption.AUTO_READ, autoRead)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) throws Exception {
                        Recorder recorder = recorders.call();
                        channel.pipeline().addLast(recorder);
                        accepted.add(recorder);
                    }
                })
                .bind(new InetSocketAddress(LOOPBACK, 0))
                .sync()
                .channel();
    }

    Socket dial(Channel listener) throws IOException {
        return opened(new Socket(LOOPBACK, ((InetSocketAddress) listener.localAddress()).getPort()));
    }

    Socket opened(Socket socket) throws IOException {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        opened.add(socket);
        return socket;
    }

    Recorder accepted() throws Exception {
        Recorder recorder = accepted.poll(30, SECONDS);
        assertThat(recorder).isNotNull();
        recorder.channel();
        return recorder;
    }

    ChannelFuture connect(Kind kind, InetSocketAddress to, int timeoutMillis, Recorder recorder) {
        return new Bootstrap()
                .group(loops)
                .channelFactory(kind.connections)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(recorder)
                .connect(to);
    }

    ServerSocket server(int backlog) throws IOException {
        var server = new ServerSocket(0, backlog, LOOPBACK);
        server.setSoTimeout(TIMEOUT_MILLIS);
        opened.add(server);
        return server;
    }

    /** Until all has run that an event has left behind. */
    void settle() throws Exception {
        for (int i = 0; i < 5; i++) {
            loops.next().submit(() -> {}).get(30, SECONDS);
        }
    }

    static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    static byte[] bytes(Recorder recorder, DuplexChannel channel) throws Exception {
        return channel.eventLoop()
                .submit(() -> {
                    byte[] copy = new byte[recorder.received.readableBytes()];
                    recorder.received.getBytes(recorder.received.readerIndex(), copy);
                    return copy;
                })
                .get(30, SECONDS);
    }

    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
