package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.platform.config.ConfigException;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouteOptions;
import org.cupola.protocol.routing.RouterSubjects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RouteProtectionTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static RouterUnderTest router;

    @BeforeAll
    static void start() throws Exception {
        router = RouterUnderTest.start(
                RouterUnderTest.accessLog(folder.resolve("access.log")),
                "logging: {level: fatal}",
                "prometheus: {enabled: true, port: 0}",
                "cupola: {route_defaults: {max_request_body: 64K}}");
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    private static RegistryMessage message(int port, String uri, String options) throws Exception {
        return RegistryMessage.builder("127.0.0.1", List.of(uri))
                .port(port)
                .app("app-" + uri)
                .privateInstanceId("instance-" + port)
                .options(RouteOptions.parse(options))
                .build();
    }

    private static String logLine(String part) {
        Path file = folder.resolve("access.log");
        return await().atMost(LONG)
                .until(
                        () -> Files.readAllLines(file).stream()
                                .filter(line -> line.contains(part))
                                .findFirst()
                                .orElse(""),
                        line -> !line.isEmpty());
    }

    private static long metric(String name) throws IOException {
        try (var client = new RawClient(router.router.prometheusPort())) {
            client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            return client.readAll()
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void refusesRequestsAboveTheRate() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(
                    message(backend.port(), "rate.test", "{\"max_requests_per_second\":0.001,\"request_burst\":2}"));

            long before = metric("rate_limited_requests");

            assertThat(router.get("rate.test", "/1")).startsWith("HTTP/1.1 200 ");
            assertThat(router.get("rate.test", "/2")).startsWith("HTTP/1.1 200 ");
            String refused = router.get("rate.test", "/3");

            assertThat(refused)
                    .startsWith("HTTP/1.1 429 Too Many Requests\r\n")
                    .contains("\r\nX-Cf-Routererror: rate_limit_exceeded\r\n")
                    .containsPattern("\r\nRetry-After: (9\\d\\d|1000)\r\n")
                    .endsWith("429 Too Many Requests: Requested route ('rate.test') has reached its request rate"
                            + " limit.\n");
            assertThat(backend.requests()).hasSize(2);
            assertThat(logLine("/3 HTTP"))
                    .contains(" 429 ", "app_id:\"app-rate.test\"", "x_cf_routererror:\"rate_limit_exceeded\"");
            assertThat(metric("rate_limited_requests")).isGreaterThan(before);
        }
    }

    @Test
    void refusesRequestsAboveTheNumberAtOnce() throws Exception {
        var go = new CountDownLatch(1);
        try (var backend = RawBackend.serving((self, connection) -> {
                    go.await();
                    connection.send(RawBackend.ok("x"));
                });
                RawClient first = router.client();
                RawClient second = router.client()) {
            router.register(message(backend.port(), "crowd.test", "{\"max_concurrent_requests\":2}"));
            first.send("GET /1 HTTP/1.1\r\nHost: crowd.test\r\n\r\n");
            second.send("GET /2 HTTP/1.1\r\nHost: crowd.test\r\n\r\n");
            await().atMost(LONG).until(() -> backend.requests().size() == 2);

            assertThat(router.get("crowd.test", "/3"))
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                    .contains("\r\nX-Cf-Routererror: concurrency_limit_exceeded\r\n")
                    .endsWith("has reached its limit of concurrent requests.\n");

            go.countDown();
            assertThat(first.readResponse()).startsWith("HTTP/1.1 200 ");
            assertThat(second.readResponse()).startsWith("HTTP/1.1 200 ");
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(router.get("crowd.test", "/4")).startsWith("HTTP/1.1 200 "));
            assertThat(metric("concurrency_limited_requests")).isGreaterThan(0);
        }
    }

    @Test
    void clientsThatLeaveMakeRoom() throws Exception {
        try (var backend = new RawBackend(connection -> connection.readTo("never"))) {
            router.register(message(backend.port(), "left.test", "{\"max_concurrent_requests\":1}"));
            for (int i = 0; i < 3; i++) {
                try (RawClient client = router.client()) {
                    int before = backend.connections();
                    await().atMost(LONG).until(() -> {
                        client.send("GET / HTTP/1.1\r\nHost: left.test\r\n\r\n");
                        await().atMost(LONG)
                                .until(() -> backend.connections() > before
                                        || client.socket().getInputStream().available() > 0);
                        boolean refused = client.socket().getInputStream().available() > 0;
                        if (refused) {
                            client.readResponse(); // the one before has not left yet
                        }
                        return !refused;
                    });
                }
            }
            assertThat(backend.connections()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void refusesABodyThatSaysItIsTooLarge() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("x"));
                RawClient client = router.client()) {
            router.register(message(backend.port(), "body.test", "{\"max_request_body\":10}"));

            client.send("POST /fits HTTP/1.1\r\nHost: body.test\r\nContent-Length: 10\r\n\r\n0123456789");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 ");
            client.send("POST /large HTTP/1.1\r\nHost: body.test\r\nContent-Length: 11\r\n\r\n01234567890");

            assertThat(client.readAll())
                    .startsWith("HTTP/1.1 413 Request Entity Too Large\r\n")
                    .contains("\r\nX-Cf-Routererror: max_request_body_exceeded\r\n", "\r\nConnection: close\r\n");
            assertThat(backend.requests()).hasSize(1);
            assertThat(logLine("/large HTTP")).contains(" 413 ", "app_id:\"app-body.test\"");
        }
    }

    @Test
    void refusesAChunkedBodyOnceItIsTooLarge() throws Exception {
        try (var backend = new RawBackend(connection -> connection.readTo("never"));
                RawClient client = router.client()) {
            router.register(message(backend.port(), "chunks.test", "{\"max_request_body\":10}"));
            long before = metric("body_limited_requests");

            client.send("POST / HTTP/1.1\r\nHost: chunks.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5\r\n01234\r\n5\r\n56789\r\n");
            await().atMost(LONG).until(() -> backend.connections() == 1);
            client.send("1\r\n0\r\n");

            assertThat(client.readAll())
                    .startsWith("HTTP/1.1 413 ")
                    .contains("\r\nX-Cf-Routererror: max_request_body_exceeded\r\n");
            assertThat(metric("body_limited_requests")).isGreaterThan(before);
        }
    }

    @Test
    void configurationHoldsForRoutesThatSayNothing() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("x"));
                RawClient client = router.client()) {
            router.register(backend.port(), "default.test");

            client.send("POST / HTTP/1.1\r\nHost: default.test\r\nContent-Length: 65537\r\n\r\n");

            assertThat(client.readHead()).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void registersARouteWhoseOptionsMakeNoSense() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(message(
                    backend.port(),
                    "odd.test",
                    "{\"max_requests_per_second\":\"many\",\"max_concurrent_requests\":-1,\"max_request_body\":[]}"));

            assertThat(router.get("odd.test", "/")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void limitsChangeWithTheNextRegistration() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(
                    message(backend.port(), "change.test", "{\"max_requests_per_second\":0.001,\"request_burst\":1}"));
            assertThat(router.get("change.test", "/")).startsWith("HTTP/1.1 200 ");
            assertThat(router.get("change.test", "/")).startsWith("HTTP/1.1 429 ");

            router.bus.publish(
                    RouterSubjects.REGISTER,
                    message(backend.port(), "change.test", "{}").toEmitterJson());

            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(router.get("change.test", "/")).startsWith("HTTP/1.1 200 "));
        }
    }

    @Test
    void ejectsAnEndpointThatFails() throws Exception {
        try (var bad = RawBackend.answering("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
                var good = RawBackend.answering(RawBackend.ok("good"))) {
            String options = "{\"outlier_ejection\":{\"consecutive_failures\":3,\"base_ejection_time\":\"1h\","
                    + "\"max_ejection_time\":\"1h\"}}";
            router.register(message(bad.port(), "sick.test", options));
            router.register(message(good.port(), "sick.test", options));
            var pool = router.router.table().lookup("sick.test");

            await().atMost(LONG).until(() -> {
                router.get("sick.test", "/");
                return pool.ejected() == 1;
            });

            int seen = bad.requests().size();
            for (int i = 0; i < 6; i++) {
                assertThat(router.get("sick.test", "/")).endsWith("good");
            }
            assertThat(bad.requests()).hasSize(seen);
            assertThat(seen).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void takesAnEjectedEndpointBack() throws Exception {
        var broken = new AtomicBoolean(true);
        try (var bad = RawBackend.serving((self, connection) -> connection.send(
                        broken.get() ? "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n" : RawBackend.ok("well")));
                var good = RawBackend.answering(RawBackend.ok("good"))) {
            String options = "{\"outlier_ejection\":{\"consecutive_failures\":1,\"base_ejection_time\":\"300ms\"}}";
            router.register(message(bad.port(), "cured.test", options));
            router.register(message(good.port(), "cured.test", options));
            long before = metric("endpoints_ejected");
            await().atMost(LONG).until(() -> {
                router.get("cured.test", "/");
                return metric("endpoints_ejected") > before;
            });

            broken.set(false);

            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(router.get("cured.test", "/")).endsWith("well"));
        }
    }

    @Test
    void theLastEndpointIsNeverEjected() throws Exception {
        try (var bad = RawBackend.answering("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")) {
            router.register(message(bad.port(), "alone.test", "{\"outlier_ejection\":{\"consecutive_failures\":1}}"));

            for (int i = 0; i < 10; i++) {
                assertThat(router.get("alone.test", "/")).startsWith("HTTP/1.1 500 ");
            }
        }
    }

    @Test
    void theConfigurationIsHeldToItsKeysAndValues() {
        String yaml = "cupola: {route_defaults: {max_requests_per_second: fast, max_request: 5}}";

        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                        ConfigException.class, () -> GorouterConfig.parse("test.yml", RouterUnderTest.yaml(1, yaml))))
                .hasMessageContaining(
                        "cupola.route_defaults: max_requests_per_second: \"fast\" (expected: a number from 0")
                .hasMessageContaining("cupola.route_defaults: max_request (expected: one of max_requests_per_second");
    }
}
