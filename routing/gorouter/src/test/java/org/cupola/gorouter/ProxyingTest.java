package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.cupola.platform.testing.FreePorts;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyingTest {
    @TempDir
    private static Path folder;

    private static RouterUnderTest router;

    @BeforeAll
    static void start() throws Exception {
        router = RouterUnderTest.start(
                RouterUnderTest.accessLog(folder.resolve("access.log")), "logging: {level: fatal}");
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    @Test
    void passesARequestAndItsResponse() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("hello"))) {
            router.register(RegistryMessage.builder("127.0.0.1", List.of("plain.test"))
                    .port(backend.port())
                    .app("app-guid")
                    .privateInstanceId("instance-guid")
                    .privateInstanceIndex("3")
                    .build());
            try (RawClient client = router.client()) {
                client.send(
                        "GET /a/b?c=%20d HTTP/1.1\r\nhost: plain.test\r\nx-own:  1 \r\nConnection: keep-alive\r\n\r\n");

                String response = client.readResponse();

                assertThat(response).startsWith("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Vcap-Request-Id: ");
                assertThat(response).contains("\r\nDate: ").endsWith("\r\n\r\nhello");
                assertThat(backend.lastRequest())
                        .startsWith("GET /a/b?c=%20d HTTP/1.1\r\nHost: plain.test\r\nX-Own:  1 \r\n")
                        .contains("\r\nX-Forwarded-For: 127.0.0.1\r\n")
                        .contains("\r\nX-Forwarded-Proto: http\r\n")
                        .contains("\r\nX-Cf-Applicationid: app-guid\r\n")
                        .contains("\r\nX-Cf-Instanceid: instance-guid\r\n")
                        .contains("\r\nX-Cf-Instanceindex: 3\r\n")
                        .containsPattern("\r\nX-Request-Start: \\d{13}\r\n")
                        .containsPattern("\r\n"
                                + "X-Vcap-Request-Id:"
                                + " [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\r\n")
                        .doesNotContain("Connection:");
            }
        }
    }

    @Test
    void keepsBothConnectionsForManyRequests() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(backend.port(), "keep.test");
            try (RawClient client = router.client()) {
                for (int i = 0; i < 20; i++) {
                    client.send("GET /" + i + " HTTP/1.1\r\nHost: keep.test\r\n\r\n");
                    assertThat(client.readResponse()).startsWith("HTTP/1.1 200").endsWith("x");
                }
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @Test
    void closesIdleBackendConnectionsBeyondTheConfiguredNumber() throws Exception {
        int clients = 300; // over two event loops, which may keep 100 each
        var allThere = new CountDownLatch(clients);
        try (var backend = RawBackend.serving((_, connection) -> {
            allThere.countDown();
            allThere.await();
            connection.send(RawBackend.ok("x"));
        })) {
            router.register(backend.port(), "crowd.test");
            List<RawClient> crowd = new ArrayList<>();
            try {
                for (int i = 0; i < clients; i++) {
                    RawClient client = router.client();
                    crowd.add(client);
                    client.send("GET / HTTP/1.1\r\nHost: crowd.test\r\n\r\n");
                }
                for (RawClient client : crowd) {
                    assertThat(client.readResponse()).startsWith("HTTP/1.1 200");
                }
                assertThat(backend.connections()).isEqualTo(clients);
                await().until(() -> backend.openConnections() <= 200);
                assertThat(router.get("crowd.test", "/")).startsWith("HTTP/1.1 200");
                assertThat(backend.connections()).isEqualTo(clients);
            } finally {
                for (RawClient client : crowd) {
                    client.close();
                }
            }
        }
    }

    @Test
    void answersPipelinedRequestsInTheirOrder() throws Exception {
        try (var backend = RawBackend.serving((self, connection) -> {
            String path = self.lastRequest().split(" ")[1];
            connection.send(RawBackend.ok(path));
        })) {
            router.register(backend.port(), "pipe.test");
            try (RawClient client = router.client()) {
                client.send("GET /1 HTTP/1.1\r\n"
                        + "Host: pipe.test\r\n\r\n"
                        + "POST /2 HTTP/1.1\r\n"
                        + "Host: pipe.test\r\n"
                        + "Content-Length: 3\r\n\r\n"
                        + "abcGET /3 HTTP/1.1\r\n"
                        + "Host: pipe.test\r\n\r\n");

                assertThat(client.readResponse()).endsWith("/1");
                assertThat(client.readResponse()).endsWith("/2");
                assertThat(client.readResponse()).endsWith("/3");
            }
            assertThat(backend.requests().get(1)).endsWith("\r\n\r\nabc");
        }
    }

    @Test
    void streamsLargeBodiesBothWays() throws Exception {
        String megabyte = "0123456789abcdef".repeat(65536);
        try (var backend = RawBackend.serving((self, connection) -> {
            String request = self.lastRequest();
            connection.send(RawBackend.ok(request.substring(request.indexOf("\r\n\r\n") + 4)));
        })) {
            router.register(backend.port(), "large.test");
            try (RawClient client = router.client()) {
                client.send("PUT / HTTP/1.1\r\nHost: large.test\r\nContent-Length: " + megabyte.length() + "\r\n\r\n"
                        + megabyte);

                String response = client.readResponse();

                assertThat(response.substring(response.indexOf("\r\n\r\n") + 4)).isEqualTo(megabyte);
            }
        }
    }

    @Test
    void passesChunksAndTrailersAsTheyAre() throws Exception {
        try (var backend = new RawBackend(connection -> {
            connection.readHead();
            assertThat(connection.readTo("0\r\nX-End: 1\r\n\r\n")).isEqualTo("3\r\nabc\r\n0\r\nX-End: 1\r\n\r\n");
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            connection.send("5;ext=1\r\nhello\r\n");
            connection.send("0\r\nX-Sum: 2\r\n\r\n");
            connection.readHead();
            connection.send(RawBackend.ok("again"));
        })) {
            router.register(backend.port(), "chunks.test");
            try (RawClient client = router.client()) {
                client.send("POST / HTTP/1.1\r\nHost: chunks.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                client.send("0\r\nX-End: 1\r\n\r\n");

                assertThat(client.readHead()).contains("\r\nTransfer-Encoding: chunked\r\n");
                assertThat(client.readTo("\r\n\r\n")).isEqualTo("5;ext=1\r\nhello\r\n0\r\nX-Sum: 2\r\n\r\n");
                client.send("GET / HTTP/1.1\r\nHost: chunks.test\r\n\r\n");
                assertThat(client.readResponse()).endsWith("again");
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @Test
    void framesABodyThatEndsWithTheConnection() throws Exception {
        try (var backend = new RawBackend(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\n\r\nabc");
        })) {
            router.register(backend.port(), "close.test");

            try (RawClient client = router.client()) {
                client.send("GET / HTTP/1.1\r\nHost: close.test\r\n\r\n");
                assertThat(client.readHead()).contains("\r\nTransfer-Encoding: chunked\r\n");
                assertThat(client.readTo("0\r\n\r\n")).isEqualTo("3\r\nabc\r\n0\r\n\r\n");
            }
        }
    }

    @Test
    void speaksHttp10ToClientsOfIt() throws Exception {
        try (var backend = RawBackend.answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) {
            router.register(backend.port(), "old.test");
            try (RawClient client = router.client()) {
                client.send("GET / HTTP/1.0\r\nHost: old.test\r\n\r\n");

                assertThat(client.readAll())
                        .startsWith("HTTP/1.0 200 OK\r\n")
                        .doesNotContain("chunked")
                        .endsWith("\r\n\r\nabcde");
            }
            assertThat(backend.lastRequest()).startsWith("GET / HTTP/1.1\r\n");
        }
    }

    @Test
    void sendsNoBodyForHeadAndEmptyStatuses() throws Exception {
        try (var backend = RawBackend.serving((self, connection) -> connection.send(
                self.lastRequest().startsWith("HEAD")
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                        : "HTTP/1.1 204 No Content\r\n\r\n"))) {
            router.register(backend.port(), "head.test");
            try (RawClient client = router.client()) {
                client.send("HEAD / HTTP/1.1\r\nHost: head.test\r\n\r\n");
                assertThat(client.readHead()).contains("Content-Length: 1000");
                client.send("GET / HTTP/1.1\r\nHost: head.test\r\n\r\n");
                assertThat(client.readHead())
                        .startsWith("HTTP/1.1 204 No Content\r\n")
                        .doesNotContain("chunked");
            }
        }
    }

    @Test
    void turnsIntoATunnelForWebSockets() throws Exception {
        try (var backend = new RawBackend(connection -> {
            assertThat(connection.readHead()).contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
            connection.send(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nfirst");
            assertThat(connection.read(4)).isEqualTo("ping");
            connection.send("pong");
            assertThat(connection.isEnded()).isTrue();
        })) {
            router.register(backend.port(), "ws.test");
            try (RawClient client = router.client()) {
                client.send("GET /chat HTTP/1.1\r\n"
                        + "Host: ws.test\r\n"
                        + "Connection: keep-alive, Upgrade\r\n"
                        + "Upgrade: websocket\r\n\r\n");

                assertThat(client.readHead())
                        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                        .contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
                assertThat(client.read(5)).isEqualTo("first");
                client.send("ping");
                assertThat(client.read(4)).isEqualTo("pong");
            }
        }
        await().untilAsserted(() -> assertThat(Files.readString(folder.resolve("access.log")))
                .contains("ws.test - [")
                .contains("\"GET /chat HTTP/1.1\" 101 0 0 "));
    }

    @Test
    void answersForUnknownRoutesAndMissingHosts() throws Exception {
        assertThat(router.get("unknown.test:1234", "/"))
                .startsWith("HTTP/1.1 404 Not Found\r\nCache-Control: no-cache, no-store\r\n")
                .contains("\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n")
                .contains("\r\nX-Cf-Routererror: unknown_route\r\n")
                .endsWith("\r\n\r\n404 Not Found: Requested route ('unknown.test:1234') does not exist.\n");
        assertThat(router.get("", "/"))
                .startsWith("HTTP/1.1 400 Bad Request\r\nCache-Control: public,max-age=2\r\n")
                .contains("\r\nX-Cf-Routererror: empty_host\r\n")
                .endsWith("400 Bad Request: Request had empty Host header\n");
    }

    @Test
    void goesOnToAHealthyEndpointForAsLongAsItTakes() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("alive"))) {
            for (int i = 0; i < 8; i++) {
                router.register(FreePorts.next(), "retry.test");
            }
            router.register(backend.port(), "retry.test");

            for (int i = 0; i < 30; i++) {
                assertThat(router.get("retry.test", "/"))
                        .startsWith("HTTP/1.1 200")
                        .endsWith("alive");
            }
        }
    }

    @Test
    void namesTheFailureWhenNobodyAnswers() throws Exception {
        int nobody = FreePorts.next();
        router.register(nobody, "dead.test");

        assertThat(router.get("dead.test", "/"))
                .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                .contains("\r\nX-Cf-Routererror: endpoint_failure (dial tcp 127.0.0.1:" + nobody
                        + ": connect: connection refused)\r\n")
                .endsWith("\r\n\r\n502 Bad Gateway: Registered endpoint failed to handle the request.\n");
    }

    @Test
    void usesARestoredBackendAgain() throws Exception {
        int port = FreePorts.next();
        router.register(port, "back.test");
        try (var other = RawBackend.answering(RawBackend.ok("other"))) {
            router.register(other.port(), "back.test");
            for (int i = 0; i < 3; i++) {
                assertThat(router.get("back.test", "/")).endsWith("other");
            }

            try (var restored =
                    RawBackend.servingOn(port, (self, connection) -> connection.send(RawBackend.ok("restored")))) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> router.get("back.test", "/").endsWith("restored"));
                assertThat(restored.connections()).isPositive();
            }
        }
    }

    @Test
    void forgetsAnUnregisteredEndpointForTheNextRequestAndLetsTheCurrentOneFinish() throws Exception {
        try (var backend = new RawBackend(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
            connection.readTo("never");
        })) {
            router.register(backend.port(), "gone.test");
            try (RawClient client = router.client()) {
                client.send("GET / HTTP/1.1\r\nHost: gone.test\r\n\r\n");
                client.readTo("abc");

                router.unregister(backend.port(), "gone.test");

                assertThat(router.get("gone.test", "/")).startsWith("HTTP/1.1 404");
                client.socket().setSoTimeout(200);
                org.assertj.core.api.Assertions.assertThatThrownBy(() -> client.read(1))
                        .isInstanceOf(java.net.SocketTimeoutException.class);
            }
        }
    }

    @Test
    void spreadsRequestsOverInstances() throws Exception {
        try (var a = RawBackend.answering(RawBackend.ok("a"));
                var b = RawBackend.answering(RawBackend.ok("b"));
                var c = RawBackend.answering(RawBackend.ok("c"))) {
            router.register(a.port(), "spread.test");
            router.register(b.port(), "spread.test");
            router.register(c.port(), "spread.test");

            Set<String> answers = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                String response = router.get("spread.test", "/");
                answers.add(response.substring(response.length() - 1));
            }

            assertThat(answers).containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    @Test
    void sendsARepeatableRequestElsewhereWhenItsConnectionWasResetOrClosed() throws Exception {
        try (var resetting = resetting();
                var closing = new RawBackend(RawClient::readHead);
                var healthy = RawBackend.answering(RawBackend.ok("alive"))) {
            for (int i = 0; i < 4; i++) {
                router.register(FreePorts.next(), "reset.test"); // refusals do not use up the attempts
            }
            router.register(resetting.port(), "reset.test");
            router.register(closing.port(), "reset.test");
            router.register(healthy.port(), "reset.test");

            for (int i = 0; i < 14; i++) {
                assertThat(router.get("reset.test", "/"))
                        .startsWith("HTTP/1.1 200")
                        .endsWith("alive");
            }
            assertThat(resetting.connections()).isPositive();
            assertThat(closing.connections()).isPositive();
        }
    }

    @Test
    void sendsAPostThatWasResetToNobodyElse() throws Exception {
        try (var one = resetting();
                var other = resetting();
                RawClient client = router.client()) {
            router.register(one.port(), "reset-post.test");
            router.register(other.port(), "reset-post.test");

            client.send("POST / HTTP/1.1\r\nHost: reset-post.test\r\nContent-Length: 0\r\n\r\n");

            assertThat(client.readHead()).startsWith("HTTP/1.1 502").contains("read: connection reset by peer)");
            assertThat(one.connections() + other.connections()).isEqualTo(1);
        }
    }

    @Test
    void givesUpARequestThatThreeInstancesDidNotSurvive() throws Exception {
        try (var one = resetting();
                var two = resetting();
                var three = resetting();
                var four = resetting()) {
            for (var backend : List.of(one, two, three, four)) {
                router.register(backend.port(), "deadly.test");
            }

            assertThat(router.get("deadly.test", "/")).startsWith("HTTP/1.1 502");

            assertThat(one.connections() + two.connections() + three.connections() + four.connections())
                    .isEqualTo(3);
        }
    }

    private static RawBackend resetting() throws Exception {
        return new RawBackend(connection -> {
            connection.readHead();
            connection.socket().setSoLinger(true, 0);
        });
    }

    @Test
    void retriesOnAFreshConnectionWhenAKeptOneHasGone() throws Exception {
        try (var backend = new RawBackend(connection -> {
            connection.readHead();
            connection.send(RawBackend.ok("once"));
            connection.readHead(); // the next request on this connection is read and not answered
        })) {
            router.register(backend.port(), "stale.test");
            try (RawClient client = router.client()) {
                for (int i = 0; i < 5; i++) {
                    client.send("GET / HTTP/1.1\r\nHost: stale.test\r\n\r\n");
                    assertThat(client.readResponse()).endsWith("once");
                }
            }
        }
    }

    @Test
    void writesTheAccessLogInTheOriginalsFormat() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("hello"))) {
            router.register(RegistryMessage.builder("127.0.0.1", List.of("log.test"))
                    .port(backend.port())
                    .app("a1")
                    .privateInstanceId("i1")
                    .privateInstanceIndex("2")
                    .build());
            try (RawClient client = router.client()) {
                client.send("POST /p?q=1 HTTP/1.1\r\n"
                        + "Host: log.test\r\n"
                        + "User-Agent: te\"st\r\n"
                        + "X-Forwarded-For: 1.2.3.4\r\n"
                        + "Content-Length: 4\r\n\r\n"
                        + "body");
                client.readResponse();
            }

            await().untilAsserted(() -> assertThat(Files.readString(folder.resolve("access.log")))
                    .containsPattern("(?m)^log\\.test -"
                            + " \\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z\\] \"POST"
                            + " /p\\?q=1 HTTP/1\\.1\" 200 4 5 \"-\" \"te\\\\\"st\""
                            + " \"127\\.0\\.0\\.1:\\d+\" \"127\\.0\\.0\\.1:"
                            + backend.port()
                            + "\" x_forwarded_for:\"1\\.2\\.3\\.4, 127\\.0\\.0\\.1\""
                            + " x_forwarded_proto:\"http\" vcap_request_id:\"[-0-9a-f]{36}\""
                            + " response_time:0\\.\\d{6} gorouter_time:0\\.\\d{6}"
                            + " app_id:\"a1\" app_index:\"2\" instance_id:\"i1\""
                            + " x_cf_routererror:\"-\"$"));
        }
    }
}
