package org.cupola.platform.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RelayTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final byte[] NOTHING = new byte[0];

    private final CompletableFuture<Relay> relay = new CompletableFuture<>();
    private final BlockingQueue<SocketAddress> refused = new LinkedBlockingQueue<>();
    private final CountDownLatch mayDial = new CountDownLatch(1);
    private EventLoopGroup loops;
    private EventLoopGroup acceptor;
    private Channel listener;
    private ServerSocket backend;

    static Stream<Transport> transports() {
        return Arrays.stream(Transport.values()).filter(Transport::isAvailable);
    }

    private void start(Transport transport, RelaySettings settings, byte[] preface) throws Exception {
        start(transport, settings, preface, List.of());
    }

    private void start(Transport transport, RelaySettings settings, byte[] preface, List<SocketAddress> first)
            throws Exception {
        backend = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        loops = transport.eventLoops("relay-test", 1);
        acceptor = transport.eventLoops("relay-accept", 1);
        var dialer = new Dialer(transport, Duration.ofSeconds(5));
        List<SocketAddress> candidates = Stream.concat(first.stream(), Stream.of(backend.getLocalSocketAddress()))
                .toList();
        listener = new ServerBootstrap()
                .group(acceptor, loops)
                .channelFactory(transport.serverChannels())
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        Relay held = Relay.hold(ctx.channel(), settings);
                        Channel client = ctx.channel();
                        Thread.ofVirtual().start(() -> dial(held, client));
                    }

                    private void dial(Relay held, Channel client) {
                        try {
                            mayDial.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        dialer.dial(
                                        client.eventLoop(),
                                        candidates.iterator(),
                                        address -> address,
                                        (address, cause) -> refused.add(address))
                                .addListener(dialed -> {
                                    held.join(
                                            ((Dialer.Dialed<?>) dialed.getNow()).channel(),
                                            Unpooled.wrappedBuffer(preface));
                                    relay.complete(held);
                                });
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    @AfterEach
    void stop() throws Exception {
        listener.close().sync();
        backend.close();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
        acceptor.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) listener.localAddress()).getPort());
    }

    private RelayEnd end() throws Exception {
        return relay.get(10, TimeUnit.SECONDS).closed().get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void carriesManyBytesBothWaysAtOnce(Transport transport) throws Exception {
        start(transport, RelaySettings.DEFAULT, NOTHING);
        mayDial.countDown();
        byte[] up = new byte[3_000_000];
        byte[] down = new byte[2_000_000];
        new Random(1).nextBytes(up);
        new Random(2).nextBytes(down);

        try (Socket client = connect();
                Socket server = backend.accept()) {
            var received = new CompletableFuture<byte[]>();
            Thread.ofVirtual().start(() -> send(client, up));
            Thread.ofVirtual().start(() -> send(server, down));
            Thread.ofVirtual().start(() -> received.complete(readAll(server)));

            assertThat(readAll(client)).isEqualTo(down);
            assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo(up);
        }
        assertThat(end()).isEqualTo(RelayEnd.COMPLETED);
        assertThat(relay.get().bytesFromClient()).isEqualTo(up.length);
        assertThat(relay.get().bytesFromBackend()).isEqualTo(down.length);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void answersAClientThatSpokeAndHalfClosedBeforeThereWasABackend(Transport transport) throws Exception {
        start(transport, RelaySettings.DEFAULT, "preface ".getBytes(US_ASCII));
        byte[] question = new byte[300_000];
        new Random(3).nextBytes(question);

        try (Socket client = connect()) {
            send(client, question);
            mayDial.countDown();
            try (Socket server = backend.accept()) {
                byte[] asked = readAll(server);
                assertThat(new String(asked, 0, 8, US_ASCII)).isEqualTo("preface ");
                assertThat(Arrays.copyOfRange(asked, 8, asked.length)).isEqualTo(question);

                send(server, "the answer".getBytes(US_ASCII));
                assertThat(new String(readAll(client), US_ASCII)).isEqualTo("the answer");
            }
        }
        assertThat(end()).isEqualTo(RelayEnd.COMPLETED);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void doesNotReadFasterThanTheOtherSideTakes(Transport transport) throws Exception {
        start(transport, new RelaySettings(16 * 1024, LONG, LONG), NOTHING);
        mayDial.countDown();
        byte[] bytes = new byte[40_000_000];

        try (Socket client = connect();
                Socket server = backend.accept()) {
            Thread.ofVirtual().start(() -> send(client, bytes));
            Relay running = relay.get(10, TimeUnit.SECONDS);
            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(60))
                    .until(counter(running), count -> count > 0);
            long stalledAt = running.bytesFromClient();

            assertThat(stalledAt).isLessThan(bytes.length); // what fits the kernel's buffers and ours
            assertThat(pendingBytes(running.backend().orElseThrow())).isLessThan(16 * 1024 + 512 * 1024);
            assertThat(readAll(server)).hasSize(bytes.length);
        }
    }

    /** The count while it stands still, 0 while it moves. */
    private static java.util.concurrent.Callable<Long> counter(Relay relay) {
        long[] last = {-1};
        return () -> {
            long now = relay.bytesFromClient();
            boolean stable = now == last[0];
            last[0] = now;
            return stable ? now : 0L;
        };
    }

    private static long pendingBytes(Channel channel) {
        return channel.config().getWriteBufferHighWaterMark() + channel.bytesBeforeWritable();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void passesAResetOn(Transport transport) throws Exception {
        start(transport, RelaySettings.DEFAULT, NOTHING);
        mayDial.countDown();

        try (Socket client = connect();
                Socket server = backend.accept()) {
            send1(client);
            assertThat(server.getInputStream().read()).isEqualTo('x');
            reset(server);

            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(end()).isEqualTo(RelayEnd.BACKEND_RESET);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void resetsTheBackendWhenTheClientBreaks(Transport transport) throws Exception {
        start(transport, RelaySettings.DEFAULT, NOTHING);
        mayDial.countDown();

        try (Socket client = connect();
                Socket server = backend.accept()) {
            send1(client);
            assertThat(server.getInputStream().read()).isEqualTo('x');
            reset(client);

            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(end()).isEqualTo(RelayEnd.CLIENT_RESET);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void closesAnIdlePair(Transport transport) throws Exception {
        start(transport, new RelaySettings(1024, Duration.ofMillis(150), LONG), NOTHING);
        mayDial.countDown();

        try (Socket client = connect();
                Socket server = backend.accept()) {
            send1(client);
            assertThat(server.getInputStream().read()).isEqualTo('x');

            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(end()).isEqualTo(RelayEnd.IDLE);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void closesAHalfClosedPairWhenOnlyThatHasALimit(Transport transport) throws Exception {
        start(transport, new RelaySettings(1024, Duration.ZERO, Duration.ofMillis(150)), NOTHING);
        mayDial.countDown();

        try (Socket client = connect();
                Socket server = backend.accept()) {
            client.shutdownOutput();
            assertThat(server.getInputStream().read()).isEqualTo(-1);

            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(end()).isEqualTo(RelayEnd.IDLE);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void goesOnToTheNextBackendWhenOneRefuses(Transport transport) throws Exception {
        SocketAddress dead;
        try (var once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = once.getLocalSocketAddress();
        }
        start(transport, RelaySettings.DEFAULT, NOTHING, List.of(dead));
        mayDial.countDown();

        try (Socket client = connect();
                Socket server = backend.accept()) {
            send1(client);

            assertThat(server.getInputStream().read()).isEqualTo('x');
        }
        assertThat(refused).containsExactly(dead);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void mayBeIdleForLessThanAtFirst(Transport transport) throws Exception {
        start(transport, new RelaySettings(1024, LONG, LONG), NOTHING);
        mayDial.countDown();

        try (Socket client = connect();
                Socket server = backend.accept()) {
            send1(client);
            assertThat(server.getInputStream().read()).isEqualTo('x');
            relay.get(10, TimeUnit.SECONDS).limitIdle(Duration.ofMillis(50));

            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(end()).isEqualTo(RelayEnd.IDLE);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void closesFromAnyThread(Transport transport) throws Exception {
        start(transport, RelaySettings.DEFAULT, NOTHING);
        mayDial.countDown();

        try (Socket client = connect();
                Socket server = backend.accept()) {
            relay.get(10, TimeUnit.SECONDS).close();

            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(end()).isEqualTo(RelayEnd.CLOSED);
    }

    private static void send1(Socket socket) throws IOException {
        socket.getOutputStream().write('x');
        socket.getOutputStream().flush();
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Sends and half-closes. */
    private static void send(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] readAll(Socket socket) {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
