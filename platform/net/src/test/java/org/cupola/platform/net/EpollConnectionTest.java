package org.cupola.platform.net;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our channels beside Netty's, which they must behave like but where a test says otherwise. */
class EpollConnectionTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int TIMEOUT_MILLIS = 30_000;

    private EventLoopGroup loops;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final BlockingQueue<Recorder> accepted = new LinkedBlockingQueue<>();

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
    private static final class Recorder extends ChannelInboundHandlerAdapter {
        final CompletableFuture<DuplexChannel> active = new CompletableFuture<>();
        final CompletableFuture<Void> inputShutdown = new CompletableFuture<>();
        final CompletableFuture<Void> inactive = new CompletableFuture<>();
        final BlockingQueue<Throwable> problems = new LinkedBlockingQueue<>();
        final AtomicInteger reads = new AtomicInteger();
        final AtomicInteger bytes = new AtomicInteger();
        final ByteBuf received = Unpooled.buffer();
        private boolean closeAtFirst;

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

    private Channel listen(Kind kind, boolean autoRead, boolean halfClosure) throws Exception {
        return listen(kind, autoRead, halfClosure, Recorder::new);
    }

    private Channel listen(Kind kind, boolean autoRead, boolean halfClosure, Callable<Recorder> recorders)
            throws Exception {
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

    private Socket dial(Channel listener) throws IOException {
        return opened(new Socket(LOOPBACK, ((InetSocketAddress) listener.localAddress()).getPort()));
    }

    private Socket opened(Socket socket) throws IOException {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        opened.add(socket);
        return socket;
    }

    private Recorder accepted() throws Exception {
        Recorder recorder = accepted.poll(30, SECONDS);
        assertThat(recorder).isNotNull();
        recorder.channel();
        return recorder;
    }

    private ChannelFuture connect(Kind kind, InetSocketAddress to, int timeoutMillis, Recorder recorder) {
        return new Bootstrap()
                .group(loops)
                .channelFactory(kind.connections)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(recorder)
                .connect(to);
    }

    private ServerSocket server(int backlog) throws IOException {
        var server = new ServerSocket(0, backlog, LOOPBACK);
        server.setSoTimeout(TIMEOUT_MILLIS);
        opened.add(server);
        return server;
    }

    /** Until all has run that an event has left behind. */
    private void settle() throws Exception {
        for (int i = 0; i < 5; i++) {
            loops.next().submit(() -> {}).get(30, SECONDS);
        }
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(Recorder recorder, DuplexChannel channel) throws Exception {
        return channel.eventLoop()
                .submit(() -> {
                    byte[] copy = new byte[recorder.received.readableBytes()];
                    recorder.received.getBytes(recorder.received.readerIndex(), copy);
                    return copy;
                })
                .get(30, SECONDS);
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @ParameterizedTest
    @EnumSource
    void knowsBothAddresses(Kind kind) throws Exception {
        Channel listener = listen(kind, true, false);
        Socket client = dial(listener);
        DuplexChannel channel = accepted().channel();

        assertThat(channel.remoteAddress()).isEqualTo(client.getLocalSocketAddress());
        assertThat(channel.localAddress()).isEqualTo(client.getRemoteSocketAddress());
        assertThat(channel.parent()).isSameAs(listener);
        channel.close().sync();
        assertThat(channel.localAddress()).isEqualTo(client.getRemoteSocketAddress());
    }

    @ParameterizedTest
    @EnumSource
    void connectsAndKnowsBothAddresses(Kind kind) throws Exception {
        ServerSocket server = server(10);
        var recorder = new Recorder();
        Channel channel = connect(kind, (InetSocketAddress) server.getLocalSocketAddress(), 30_000, recorder)
                .sync()
                .channel();
        Socket peer = opened(server.accept());

        assertThat(recorder.channel()).isSameAs(channel);
        assertThat(channel.remoteAddress()).isEqualTo(server.getLocalSocketAddress());
        assertThat(channel.localAddress()).isEqualTo(peer.getRemoteSocketAddress());
        assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
        assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void readsNoMoreThanIsAskedFor(Kind kind) throws Exception {
        Socket client = dial(listen(kind, false, true));
        Recorder recorder = accepted();
        DuplexChannel channel = recorder.channel();
        byte[] sent = random(100_000);
        client.getOutputStream().write(sent);
        settle();
        assertThat(recorder.reads).hasValue(0);

        channel.read();
        await().atMost(Duration.ofSeconds(30)).until(() -> recorder.reads.get() > 0);
        settle();
        assertThat(recorder.reads).hasValue(1);

        channel.read();
        await().atMost(Duration.ofSeconds(30)).until(() -> recorder.reads.get() > 1);
        channel.config().setAutoRead(true);
        recorder.awaitBytes(sent.length);
        channel.eventLoop().submit(() -> channel.config().setAutoRead(false)).get(30, SECONDS);
        client.getOutputStream().write(1);
        settle();
        assertThat(bytes(recorder, channel)).isEqualTo(sent);
        channel.config().setAutoRead(true);
        recorder.awaitBytes(sent.length + 1);
    }

    @ParameterizedTest
    @EnumSource
    void readsToAnEndThatHasComeEvenUnasked(Kind kind) throws Exception {
        Socket client = dial(listen(kind, false, true));
        Recorder recorder = accepted();
        byte[] sent = random(50_000);
        client.getOutputStream().write(sent);
        client.shutdownOutput();

        recorder.inputShutdown.get(30, SECONDS);
        assertThat(bytes(recorder, recorder.channel())).isEqualTo(sent);
        assertThat(recorder.channel().isInputShutdown()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void endsEachDirectionByItself(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        DuplexChannel channel = recorder.channel();
        client.getOutputStream().write(random(10));
        client.shutdownOutput();
        recorder.inputShutdown.get(30, SECONDS);
        assertThat(channel.isActive()).isTrue();

        byte[] answer = random(20_000);
        channel.writeAndFlush(Unpooled.wrappedBuffer(answer)).sync();
        channel.shutdownOutput().sync();
        assertThat(client.getInputStream().readAllBytes()).isEqualTo(answer);
        assertThat(channel.isShutdown()).isTrue();
        assertThat(channel.isOpen()).isTrue();
        assertThatThrownBy(() ->
                        channel.writeAndFlush(Unpooled.wrappedBuffer(answer)).sync())
                .isInstanceOf(IOException.class);
        channel.close().sync();
        recorder.inactive.get(30, SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void readsOnAfterItsOwnOutputEnded(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        recorder.channel().shutdownOutput().sync();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        byte[] sent = random(300_000);
        client.getOutputStream().write(sent);
        client.close();

        recorder.inputShutdown.get(30, SECONDS);
        assertThat(bytes(recorder, recorder.channel())).isEqualTo(sent);
    }

    @ParameterizedTest
    @EnumSource
    void closesAtTheEndOfInputUnlessHalfClosureIsOn(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, false));
        Recorder recorder = accepted();
        client.getOutputStream().write(random(1000));
        client.close();

        recorder.inactive.get(30, SECONDS);
        assertThat(recorder.bytes).hasValue(1000);
        assertThat(recorder.problems).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfAResetWhetherOrNotItReads(Kind kind) throws Exception {
        for (boolean autoRead : new boolean[] {true, false}) {
            Socket client = dial(listen(kind, autoRead, false));
            Recorder recorder = accepted();
            client.getOutputStream().write(random(1000));
            recorder.channel().eventLoop().submit(() -> {}).get(30, SECONDS);
            reset(client);

            recorder.inactive.get(30, SECONDS);
            assertThat(recorder.problems).first().isInstanceOf(IOException.class);
        }
    }

    /** Netty's goes on as if nothing had happened until it writes. */
    @ParameterizedTest
    @EnumSource(names = "OWN")
    void isClosedByAResetAfterTheEndOfInput(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        recorder.channel().writeAndFlush(Unpooled.wrappedBuffer(random(10))).sync();
        client.shutdownOutput();
        recorder.inputShutdown.get(30, SECONDS);
        reset(client); // with input unread

        recorder.inactive.get(30, SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void resetsThePeerWhenClosedWithoutLinger(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        DuplexChannel channel = accepted().channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close().sync();

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @ParameterizedTest
    @EnumSource
    void writesAllOfManyBuffersToASlowReader(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        DuplexChannel channel = accepted().channel();
        byte[] all = random(9_000_000);
        int at = 0;
        for (int piece = 0; at < all.length; piece++) {
            int size = Math.min(all.length - at, piece % 7 == 0 ? 0 : 1 + piece * 97 % 9000);
            ByteBuf heap = Unpooled.wrappedBuffer(all, at, size);
            channel.write(
                    switch (piece % 3) {
                        case 0 -> heap;
                        case 1 ->
                            channel.alloc().directBuffer(Math.max(1, size)).writeBytes(heap);
                        default ->
                            Unpooled.wrappedBuffer(
                                    channel.alloc()
                                            .directBuffer(1)
                                            .writeBytes(heap.readRetainedSlice(Math.min(1, size))),
                                    heap);
                    });
            at += size;
        }
        ChannelFuture last = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        settle();
        assertThat(last.isDone()).isFalse();
        assertThat(channel.isWritable()).isFalse();

        assertThat(client.getInputStream().readNBytes(all.length)).isEqualTo(all);
        last.get(30, SECONDS);
        assertThat(channel.isWritable()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void failsWhatWasNotWrittenWhenItIsClosed(Kind kind) throws Exception {
        dial(listen(kind, true, true));
        DuplexChannel channel = accepted().channel();
        List<ByteBuf> buffers = new ArrayList<>();
        List<ChannelFuture> written = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ByteBuf buffer = channel.alloc().directBuffer(1_000_000).writeZero(1_000_000);
            buffers.add(buffer);
            written.add(channel.writeAndFlush(buffer));
        }
        channel.close().sync();

        await().atMost(Duration.ofSeconds(30)).until(() -> written.getLast().isDone());
        assertThat(written.getLast().cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void failsTheWriteThatFindsThePeerGone(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        DuplexChannel channel = recorder.channel();
        ByteBuf filling = channel.alloc().directBuffer(20_000_000).writeZero(20_000_000);
        ChannelFuture blocked = channel.writeAndFlush(filling);
        settle();
        assertThat(blocked.isDone()).isFalse();
        reset(client);

        assertThat(blocked.await(30, SECONDS)).isTrue();
        assertThat(blocked.cause()).isInstanceOf(IOException.class);
        recorder.inactive.get(30, SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void readsNothingOnceClosedByAHandler(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true, () -> {
            var recorder = new Recorder();
            recorder.closeAtFirst = true;
            return recorder;
        }));
        Recorder recorder = accepted();
        try (OutputStream out = client.getOutputStream()) {
            out.write(random(100_000));
        } catch (SocketException e) {
            assertThat(e).isNotNull(); // closed in our face, which may or may not be in time
        }

        recorder.inactive.get(30, SECONDS);
        settle();
        assertThat(recorder.reads).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhoRefused(Kind kind) throws Exception {
        ServerSocket gone = server(1);
        gone.close();
        var recorder = new Recorder();
        ChannelFuture connected =
                connect(kind, (InetSocketAddress) gone.getLocalSocketAddress(), TIMEOUT_MILLIS, recorder);

        assertThat(connected.await(30, SECONDS)).isTrue();
        assertThat(connected.cause())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("refused")
                .hasMessageContaining(String.valueOf(gone.getLocalPort()));
        assertThat(connected.channel().closeFuture().await(30, SECONDS)).isTrue();
        assertThat(recorder.active).isNotDone();
    }

    @ParameterizedTest
    @EnumSource
    void doesNotConnectForEver(Kind kind) throws Exception {
        InetSocketAddress full = full();
        ChannelFuture connected = connect(kind, full, 100, new Recorder());

        assertThat(connected.await(30, SECONDS)).isTrue();
        assertThat(connected.cause()).isInstanceOf(ConnectTimeoutException.class);
        assertThat(connected.channel().closeFuture().await(30, SECONDS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void canBeClosedOrCancelledWhileItConnects(Kind kind) throws Exception {
        InetSocketAddress full = full();
        ChannelFuture closed = connect(kind, full, TIMEOUT_MILLIS, new Recorder());
        ChannelFuture cancelled = connect(kind, full, TIMEOUT_MILLIS, new Recorder());
        settle();

        closed.channel().close().sync();
        assertThat(closed.await(30, SECONDS)).isTrue();
        assertThat(closed.cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(cancelled.cancel(false)).isTrue();
        assertThat(cancelled.channel().closeFuture().await(30, SECONDS)).isTrue();
    }

    /** Somebody whose queue is full, so that Linux does not answer. */
    private InetSocketAddress full() throws IOException {
        ServerSocket server = server(1);
        for (int i = 0; i < 2; i++) {
            opened(new Socket(LOOPBACK, server.getLocalPort()));
        }
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    @ParameterizedTest
    @EnumSource
    void movesToAnotherLoop(Kind kind) throws Exception {
        EventLoopGroup others = Transport.EPOLL.eventLoops("epoll-other", 1);
        opened.add(() -> others.shutdownGracefully(0, 5, SECONDS).sync());
        Socket client = dial(listen(kind, true, false));
        Recorder recorder = accepted();
        DuplexChannel channel = recorder.channel();
        client.getOutputStream().write(1);
        recorder.awaitBytes(1);

        channel.deregister().sync();
        client.getOutputStream().write(2);
        others.register(channel).sync();
        recorder.awaitBytes(2);
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {3})).sync();
        assertThat(client.getInputStream().read()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void endsWithItsLoop(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, false));
        Recorder recorder = accepted();
        loops.shutdownGracefully(0, 5, SECONDS).sync();

        assertThat(recorder.channel().isOpen()).isFalse();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    /** Numbers of files are used again at once, also within one round of events. */
    @ParameterizedTest
    @EnumSource
    void keepsManyShortConnectionsApart(Kind kind) throws Exception {
        Channel echo = new ServerBootstrap()
                .group(loops)
                .channelFactory(kind.listeners)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        ctx.writeAndFlush(message);
                    }

                    @Override
                    @SuppressWarnings("OverridesJavaxDeprecation")
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        ctx.close();
                    }

                    @Override
                    public boolean isSharable() {
                        return true;
                    }
                })
                .bind(new InetSocketAddress(LOOPBACK, 0))
                .sync()
                .channel();
        int port = ((InetSocketAddress) echo.localAddress()).getPort();
        try (var threads = Executors.newFixedThreadPool(4)) {
            var done = new ArrayList<java.util.concurrent.Future<Integer>>();
            for (int thread = 0; thread < 4; thread++) {
                int number = thread;
                done.add(threads.submit(() -> {
                    for (int i = 0; i < 250; i++) {
                        try (var socket = new Socket(LOOPBACK, port)) {
                            socket.setSoTimeout(TIMEOUT_MILLIS);
                            byte[] message = random(1 + number * 1000 + i);
                            socket.getOutputStream().write(message);
                            assertThat(socket.getInputStream().readNBytes(message.length))
                                    .isEqualTo(message);
                            if (i % 3 == 0) {
                                socket.setSoLinger(true, 0);
                            }
                        }
                    }
                    return number;
                }));
            }
            for (var each : done) {
                each.get(60, SECONDS);
            }
        }
    }

    /** In a process of its own, since without file descriptors a JVM cannot even read the names of time zones. */
    @Test
    void outlivesALackOfFileDescriptors() throws Exception {
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "ulimit -n 512; exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dio.netty.leakDetection.level=paranoid",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DescriptorShortage.class.getName())
                .redirectErrorStream(true)
                .start();
        String said;
        try (var output = process.getInputStream()) {
            said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        }

        assertThat(process.waitFor()).as(said).isZero();
    }
}
