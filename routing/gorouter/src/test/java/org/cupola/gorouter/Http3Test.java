package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.Http3Headers;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.cupola.gorouter.Http3Peer.Request;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouteOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class Http3Test extends Http3Fixture {
    private static final int H3_NO_ERROR = 0x100;

    // ---- requests and responses ----

    @Test
    void servesFromAnHttp1Backend() throws Exception {
        try (var backend = RawBackend.answering("HTTP/1.1 200 OK\r\n"
                + "X-Own: 1\r\n"
                + "Connection: x-hop\r\n"
                + "X-Hop: 1\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n")) {
            router.register(backend.port(), "one.test");

            Request request = peer.get("one.test", "/a?x=y");

            assertThat(request.status()).isEqualTo("200");
            assertThat(request.text()).isEqualTo("hello");
            assertThat(request.trailers().get("x-sum")).asString().isEqualTo("9");
            assertThat(request.header("x-own")).isEqualTo("1");
            assertThat(request.header("x-vcap-request-id")).hasSize(36);
            assertThat(request.header("x-hop") + request.header("transfer-encoding") + request.header("alt-svc"))
                    .isEmpty();
            assertThat(backend.lastRequest())
                    .startsWith("GET /a?x=y HTTP/1.1\r\nHost: one.test\r\n")
                    .contains("\r\nX-Forwarded-Proto: https\r\n", "\r\nX-Forwarded-For: 127.0.0.1\r\n")
                    .doesNotContain("Transfer-Encoding");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(Files.readString(folder.resolve("access.log")))
                            .contains("\"GET /a?x=y HTTP/3.0\" 200 0 5 "));
        }
    }

    @Test
    void carriesBodiesBothWays() throws Exception {
        String large = "0123456789".repeat(100_000);
        try (var known = RawBackend.serving((self, connection) ->
                        connection.send(RawBackend.ok(self.lastRequest().split("\r\n\r\n", 2)[1])));
                var chunked = new RawBackend(connection -> {
                    assertThat(connection.readHead()).contains("\r\nTransfer-Encoding: chunked\r\n");
                    connection.send(RawBackend.ok(connection.readTo("\r\nx-last: 1\r\n\r\n")));
                })) {
            router.register(known.port(), "known.test");
            router.register(chunked.port(), "chunked.test");

            Request first = peer.open();
            first.send(Http3Peer.head("POST", "known.test", "/").add("content-length", "1000000"), false);
            first.send(large, true);
            Request second = peer.open();
            second.send(Http3Peer.head("POST", "chunked.test", "/"), false);
            second.send("abc", false);
            second.send(new DefaultHttp3Headers().add("x-last", "1"), true);

            assertThat(first.text()).isEqualTo(large);
            assertThat(second.text()).isEqualTo("3\r\nabc\r\n0\r\nx-last: 1\r\n\r\n");
        }
    }

    @Test
    void answersForItself() throws Exception {
        router.register(FreePorts.next(), "large.test");
        Request unknown = peer.get("nowhere.test", "/");
        Request large = peer.open();
        Http3Headers head = Http3Peer.head("GET", "large.test", "/").add("x-large", "x".repeat(17_000));
        large.send(head, true);
        Request early = peer.open();
        early.send(Http3Peer.head("POST", "nowhere.test", "/"), false);

        assertThat(unknown.status()).isEqualTo("404");
        assertThat(unknown.header("x-cf-routererror")).isEqualTo("unknown_route");
        assertThat(unknown.text()).contains("does not exist");
        assertThat(large.status()).isEqualTo("431");
        assertThat(early.status()).as("before the request is complete").isEqualTo("404");
    }

    @Test
    void runsManyStreamsAtOnce() throws Exception {
        try (var backend = RawBackend.serving((self, connection) ->
                connection.send(RawBackend.ok(self.lastRequest().split(" ", 3)[1])))) {
            router.register(backend.port(), "many.test");
            List<Request> running = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                running.add(peer.get("many.test", "/" + i));
            }

            for (Request request : running) {
                assertThat(request.text()).startsWith("/");
            }
        }
    }

    @Test
    void goesOnToAnEndpointThatIsThere() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("there"))) {
            router.register(FreePorts.next(), "dead.test");
            router.register(backend.port(), "dead.test");

            for (int i = 0; i < 4; i++) {
                assertThat(peer.get("dead.test", "/").text()).isEqualTo("there");
            }
        }
    }

    // ---- back-pressure and ends ----

    @Test
    void holdsABackendBackThatIsFasterThanItsClient() throws Exception {
        int total = 8 * 1024 * 1024;
        var sent = new AtomicLong();
        try (var backend = new RawBackend(connection -> {
                    connection.socket().setSendBufferSize(64 * 1024);
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
                    byte[] piece = new byte[64 * 1024];
                    while (sent.get() < total) {
                        connection.send(piece);
                        sent.addAndGet(piece.length);
                    }
                    connection.readTo("never");
                });
                Http3Peer slow = connect("first.test")) {
            router.register(backend.port(), "fast.test");
            Request request = slow.open().counting();
            request.stream().config().setAutoRead(false);
            request.send(Http3Peer.head("GET", "fast.test", "/"), true);

            awaitStandstill(sent);
            assertThat(sent.get()).isLessThan(total);

            request.stream().config().setAutoRead(true);
            request.text();
            assertThat(request.received()).isEqualTo(total);
        }
    }

    @Test
    void holdsAClientBackThatIsFasterThanItsBackend() throws Exception {
        int total = 8 * 1024 * 1024;
        var taken = new AtomicLong();
        var goOn = new CountDownLatch(1);
        try (var backend = new RawBackend(connection -> {
                    connection.socket().setReceiveBufferSize(64 * 1024);
                    connection.readHead();
                    goOn.await();
                    connection.socket().getInputStream().readNBytes(total);
                    connection.send(RawBackend.ok("all"));
                });
                Http3Peer fast = connect("first.test")) {
            router.register(backend.port(), "slow.test");
            Request request = fast.open();
            request.send(
                    Http3Peer.head("POST", "slow.test", "/").add("content-length", Integer.toString(total)), false);
            byte[] piece = new byte[64 * 1024];
            for (int i = 0; i < total / piece.length; i++) {
                request.write(piece, taken);
            }

            awaitStandstill(taken);
            assertThat(taken.get()).isLessThan(total);

            goOn.countDown();
            assertThat(request.text()).isEqualTo("all");
        }
    }

    /** Until it has begun and then not grown for a while. */
    private static void awaitStandstill(AtomicLong count) {
        var before = new AtomicLong(-1);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> count.get() > 0 && before.getAndSet(count.get()) == count.get());
    }

    @Test
    void endsTheBackendsRequestWhenTheClientGivesUp() throws Exception {
        var ended = new CountDownLatch(2);
        try (var backend = new RawBackend(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            try {
                while (true) {
                    connection.send(new byte[64 * 1024]);
                }
            } finally {
                ended.countDown();
            }
        })) {
            router.register(backend.port(), "endless.test");
            Request cancelled = peer.get("endless.test", "/").counting();
            assertThat(cancelled.status()).isEqualTo("200");
            cancelled.cancel();
            try (Http3Peer gone = connect("first.test")) {
                assertThat(gone.get("endless.test", "/").counting().status()).isEqualTo("200");
            }

            assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void tellsTheClientOfAResponseThatBrokeOff() throws Exception {
        try (var backend = new RawBackend(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
        })) {
            router.register(backend.port(), "broken.test");

            assertThat(peer.get("broken.test", "/").resetCode()).isPositive();
        }
    }

    @Test
    void refusesABodyThatIsLargerThanItsRouteTakes() throws Exception {
        try (var backend = new RawBackend(connection -> connection.readTo("never"))) {
            router.register(RegistryMessage.builder("127.0.0.1", List.of("small.test"))
                    .port(backend.port())
                    .options(RouteOptions.parse("{\"max_request_body\":10}"))
                    .build());
            Request request = peer.open();
            request.send(Http3Peer.head("POST", "small.test", "/"), false);
            request.send("01234567890", false);

            assertThat(request.status()).isEqualTo("413");
            assertThat(request.header("x-cf-routererror")).isEqualTo("max_request_body_exceeded");
        }
    }

    @Test
    void missesAClientThatGaveUpSilentlyAndLetsOthersFinishWhenItDrains() throws Exception {
        var missed = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        TlsIdentity own = OURS.issue("first", List.of("first.test"), DAY);
        try (var draining = start(
                        "tls_pem: [" + pair(own) + "]", "client_cert_validation: none", "frontend_idle_timeout: 1s");
                var waiting = new RawBackend(connection -> {
                    connection.readHead();
                    assertThat(connection.isEnded()).isTrue();
                    missed.countDown();
                });
                var backend = new RawBackend(connection -> {
                    connection.readHead();
                    goOn.await();
                    connection.send(RawBackend.ok("finished"));
                });
                Http3Peer client =
                        new Http3Peer(draining.router.tlsPort(), "first.test", Optional.empty(), OURS.certificate())) {
            draining.register(waiting.port(), "waiting.test");
            draining.register(backend.port(), "drain.test");
            Request cancelled = client.get("waiting.test", "/");
            await().atMost(PATIENCE).until(() -> waiting.connections() == 1);
            cancelled.cancel();
            Request request = client.get("drain.test", "/");
            await().atMost(PATIENCE).until(() -> backend.connections() == 1);
            assertThat(missed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

            Thread stopping = Thread.ofVirtual().start(draining.router::close);

            assertThat(client.goAwayId()).as("the first that is not served").isEqualTo(8);
            goOn.countDown();
            assertThat(request.text()).isEqualTo("finished");
            assertThat(client.closeCode()).isEqualTo(H3_NO_ERROR);
            assertThat(stopping.join(PATIENCE)).isTrue();
        }
    }

    // ---- TLS and what leads here ----

    @Test
    void showsTheCertificateOfTheNameAndPassesTheClientsOn() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("hi"))) {
            router.register(backend.port(), "over.quic");
            for (String name : List.of("first.test", "a.wild.test", "unknown.test")) {
                try (Http3Peer client =
                        new Http3Peer(router.router.tlsPort(), name, Optional.of(CLIENT), OURS.certificate())) {
                    assertThat(client.get("over.quic", "/").text()).isEqualTo("hi");
                    assertThat(client.serverCertificate()
                                    .getSubjectX500Principal()
                                    .getName())
                            .isEqualTo(name.equals("a.wild.test") ? "CN=wild" : "CN=first");
                    assertThat(backend.lastRequest())
                            .contains("\r\nX-Forwarded-Client-Cert: "
                                    + Base64.getEncoder()
                                            .encodeToString(CLIENT.certificate().getEncoded()) + "\r\n");
                }
            }
        }
    }

    @Test
    void refusesAClientsForeignCertificate() {
        TlsIdentity foreign =
                CertificateAuthority.create("ours", DAY, Clock.systemUTC()).issue("x", List.of("x"), DAY);

        assertThatThrownBy(() -> {
                    try (Http3Peer client = new Http3Peer(
                            router.router.tlsPort(), "first.test", Optional.of(foreign), OURS.certificate())) {
                        client.get("nowhere.test", "/").status();
                    }
                })
                .isInstanceOf(Exception.class);
    }

    @Test
    void tellsClientsOfTheHttpsPortAlone() throws Exception {
        String offer = "\r\nAlt-Svc: h3=\":" + router.router.tlsPort() + "\"; ma=86400\r\n";
        try (var backend = RawBackend.answering(RawBackend.ok("hi"));
                var silent = RawBackend.answering("HTTP/1.1 200 OK\r\nAlt-Svc: clear\r\nContent-Length: 0\r\n\r\n")) {
            router.register(backend.port(), "offer.test");
            router.register(silent.port(), "silent.test");

            assertThat(overTls("offer.test")).startsWith("HTTP/1.1 200").contains(offer);
            assertThat(overTls("nowhere.test")).startsWith("HTTP/1.1 404").contains(offer);
            assertThat(overTls("silent.test"))
                    .contains("\r\nAlt-Svc: clear\r\n")
                    .doesNotContain("h3=");
            assertThat(router.get("offer.test", "/")).doesNotContain("Alt-Svc");
            try (var clients = ClientFactory.builder().tlsNoVerify().build()) {
                assertThat(WebClient.builder("h2://127.0.0.1:" + router.router.tlsPort())
                                .factory(clients)
                                .build()
                                .get("/")
                                .aggregate()
                                .join()
                                .headers()
                                .get("alt-svc"))
                        .isEqualTo("h3=\":" + router.router.tlsPort() + "\"; ma=86400");
            }
        }
    }

    private static String overTls(String host) throws Exception {
        var socket = TlsContexts.jdk(Optional.empty(), List.of(OURS.certificate()))
                .getSocketFactory()
                .createSocket("127.0.0.1", router.router.tlsPort());
        try (var client = new RawClient(socket)) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            return client.readAll();
        }
    }
}
