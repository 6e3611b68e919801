package org.cupola.platform.net;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections of epoll come about, move and end. */
class EpollConnectTest extends EpollConnectionFixture {
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

    /** What closes first keeps the port for a minute (TIME_WAIT), which must not keep a server from starting again. */
    @ParameterizedTest
    @EnumSource
    void listensAgainWhereConnectionsWereClosed(Kind kind) throws Exception {
        Channel listener = listen(kind, true, false);
        Socket client = dial(listener);
        accepted().channel().close().sync();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        client.close();
        listener.close().sync();

        Channel again = new ServerBootstrap()
                .group(loops)
                .channelFactory(kind.listeners)
                .childHandler(new Recorder())
                .bind(listener.localAddress())
                .sync()
                .channel();

        assertThat(again.isActive()).isTrue();
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
