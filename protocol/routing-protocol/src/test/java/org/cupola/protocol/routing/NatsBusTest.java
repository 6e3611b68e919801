package org.cupola.protocol.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.cupola.platform.config.Secret;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NatsBusTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());
    private static final NatsBus.Listener SILENT = new NatsBus.Listener() {};

    @TempDir
    private Path folder;

    private static NatsSettings to(NatsServerProcess... servers) {
        return NatsSettings.plain(
                        "test",
                        java.util.Arrays.stream(servers)
                                .map(NatsServerProcess::url)
                                .toList())
                .withIntervals(Duration.ofSeconds(20), Duration.ofMillis(50));
    }

    @Test
    void deliversInOrderAndAnswersRequests() throws Exception {
        try (var server = NatsServerProcess.start();
                var bus = NatsBus.connect(to(server), SILENT)) {
            var got = new CopyOnWriteArrayList<String>();
            bus.subscribe("router.*", (subject, replyTo, data) -> got.add(subject + new String(data, UTF_8)));
            bus.subscribe("greet", (subject, replyTo, data) -> bus.publish(replyTo, "hello".getBytes(UTF_8)));

            for (int i = 0; i < 100; i++) {
                bus.publish("router.register", ("" + i).getBytes(UTF_8));
            }

            await().until(() -> got.size() == 100);
            assertThat(got.get(99)).isEqualTo("router.register99");
            assertThat(bus.request("greet", new byte[0], Duration.ofSeconds(5)))
                    .hasValueSatisfying(answer -> assertThat(answer).asString().isEqualTo("hello"));
            assertThat(bus.request("nobody", new byte[0], Duration.ofSeconds(5)))
                    .isEmpty();
            assertThat(bus.droppedMessages()).isZero();
        }
    }

    @Test
    void readsNoFasterThanAHandlerWants() throws Exception {
        try (var server = NatsServerProcess.start();
                var bus = NatsBus.connect(to(server), SILENT);
                var sender = NatsBus.connect(to(server), SILENT)) {
            var got = new CopyOnWriteArrayList<Integer>();
            var go = new CountDownLatch(1);
            bus.subscribe("a", new NatsBus.Handler() {
                @Override
                public void handle(String subject, String replyTo, byte[] data) {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    got.add(data.length);
                }

                @Override
                public int mostWaiting() {
                    return 10;
                }

                @Override
                public long pending() {
                    return 1_000_000;
                }
            });
            bus.flush(Duration.ofSeconds(30));

            for (int i = 0; i < 2_000; i++) {
                sender.publish("a", new byte[i]);
            }
            sender.flush(Duration.ofSeconds(30));

            await().until(() -> bus.pendingMessages() > 1_000_010);
            assertThat(bus.pendingMessages()).isLessThan(1_001_000);
            go.countDown();
            await().atMost(Duration.ofSeconds(30)).until(() -> got.size() == 2_000);
            assertThat(got).isEqualTo(IntStream.range(0, 2_000).boxed().toList());
        }
    }

    @Test
    void comesBackWithItsSubscriptionsWhenTheServerDoes() throws Exception {
        int port = FreePorts.next();
        var events = new CopyOnWriteArrayList<String>();
        var got = new CopyOnWriteArrayList<String>();
        var first = NatsServerProcess.startOn(port);
        try (var bus = NatsBus.connect(to(first), new NatsBus.Listener() {
            @Override
            public void disconnected() {
                events.add("disconnected");
            }

            @Override
            public void reconnected(String server) {
                events.add("reconnected " + server);
            }

            @Override
            public void closed() {
                events.add("closed");
            }
        })) {
            bus.subscribe("a", (subject, replyTo, data) -> got.add(new String(data, UTF_8)));
            first.close();
            await().until(() -> events.contains("disconnected"));
            assertThat(bus.isConnected()).isFalse();

            try (var second = NatsServerProcess.startOn(port)) {
                await().until(() -> events.contains("reconnected nats://127.0.0.1:" + second.port()));
                bus.publish("a", "again".getBytes(UTF_8));
                await().until(() -> got.contains("again"));
            }
        }
        assertThat(events).doesNotContain("closed");
    }

    @Test
    void showsItsCredentials() throws Exception {
        try (var server = NatsServerProcess.start("--user", "nats", "--pass", "secret")) {
            try (var bus = NatsBus.connect(to(server).withUser("nats", new Secret("secret")), SILENT)) {
                assertThat(bus.isConnected()).isTrue();
                assertThat(bus.server()).isEqualTo(server.url());
            }
            assertThatThrownBy(() -> NatsBus.connect(to(server).withUser("nats", new Secret("wrong")), SILENT))
                    .isInstanceOf(IOException.class);
        }
    }

    /** A server whose certificate bears the given names, demanding one of its clients. */
    private NatsServerProcess tlsServer(String... names) throws IOException {
        TlsIdentity identity = OURS.issue("nats", List.of(names), DAY);
        Path certificate = Files.writeString(folder.resolve("server.crt"), Pem.write(identity.certificate()));
        Path key = Files.writeString(folder.resolve("server.key"), Pem.write(identity.key()));
        Path authority = Files.writeString(folder.resolve("ca.crt"), Pem.write(OURS.certificate()));
        return NatsServerProcess.start(
                "--tlsverify",
                "--tlscert",
                certificate.toString(),
                "--tlskey",
                key.toString(),
                "--tlscacert",
                authority.toString());
    }

    private static NatsSettings byName(NatsServerProcess server) {
        return NatsSettings.plain("test", List.of("localhost:" + server.port())).withConnectAttempts(1);
    }

    @Test
    void takesAServerByItsNameAndShowsItsOwnCertificate() throws Exception {
        TlsIdentity client = OURS.issue("client", List.of("client.test"), DAY);
        for (String host : List.of("localhost", "127.0.0.1")) {
            try (var server = tlsServer(host)) {
                NatsSettings settings = NatsSettings.plain("test", List.of(host + ":" + server.port()))
                        .withTls(client, List.of(OURS.certificate()));
                try (var bus = NatsBus.connect(settings, SILENT)) {
                    assertThat(bus.isConnected()).as(host).isTrue();
                }
            }
        }
    }

    @Test
    void refusesAServerOfAnotherName() throws Exception {
        TlsIdentity client = OURS.issue("client", List.of("client.test"), DAY);
        try (var server = tlsServer("elsewhere.test", "127.0.0.9")) {
            for (String host : List.of("localhost", "127.0.0.1")) {
                NatsSettings settings = NatsSettings.plain("test", List.of(host + ":" + server.port()))
                        .withConnectAttempts(1)
                        .withTls(client, List.of(OURS.certificate()));
                assertThatThrownBy(() -> NatsBus.connect(settings, SILENT).close())
                        .as(host)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void refusesAServerOfAnotherAuthority() throws Exception {
        TlsIdentity client = OURS.issue("client", List.of("client.test"), DAY);
        var others = CertificateAuthority.create("others", DAY, Clock.systemUTC());
        try (var server = tlsServer("localhost")) {
            assertThatThrownBy(() -> NatsBus.connect(
                                    byName(server).withTls(client, List.of(others.certificate())), SILENT)
                            .close())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void isRefusedWithoutACertificate() throws Exception {
        try (var server = tlsServer("localhost")) {
            assertThatThrownBy(() -> NatsBus.connect(byName(server).withTls(null, List.of(OURS.certificate())), SILENT)
                            .close())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void failsAfterTheGivenAttempts() {
        String nobody = "127.0.0.1:" + FreePorts.next();

        assertThatThrownBy(() -> NatsBus.connect(
                        NatsSettings.plain("test", List.of(nobody)).withConnectAttempts(2), SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nobody);
    }

    @Test
    void saysNothingOfAttemptsBeforeTheFirstThatSucceeds() throws Exception {
        var events = new CopyOnWriteArrayList<String>();
        try (var server = NatsServerProcess.start();
                var front = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> refuseOnceThenPass(front, server.port()));
            var settings = NatsSettings.plain("test", List.of("nats://127.0.0.1:" + front.getLocalPort()));

            try (var bus = NatsBus.connect(settings, new NatsBus.Listener() {
                @Override
                public void disconnected() {
                    events.add("disconnected");
                }

                @Override
                public void closed() {
                    events.add("closed");
                }
            })) {
                bus.flush(Duration.ofSeconds(30));
                assertThat(bus.isConnected()).isTrue();
                assertThat(events).isEmpty();
            }
        }
    }

    private static void refuseOnceThenPass(ServerSocket front, int port) {
        try {
            front.accept().close();
            try (Socket client = front.accept();
                    var server = new Socket(InetAddress.getLoopbackAddress(), port)) {
                Thread there = Thread.ofVirtual().start(() -> copy(client, server));
                copy(server, client);
                there.join();
            }
        } catch (IOException | InterruptedException e) {
            return; // the test is over
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            return; // the test is over
        }
    }
}
