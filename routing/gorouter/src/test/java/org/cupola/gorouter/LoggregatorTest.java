package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.cupola.gorouter.UdpAgent.Event;
import org.cupola.platform.testing.FreePorts;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggregatorTest {
    private static final String APP = "11223344-5566-7788-99aa-bbccddeeff00";

    @TempDir
    private Path folder;

    private static RegistryMessage app(int port) {
        return RegistryMessage.builder("127.0.0.1", List.of("app.test"))
                .port(port)
                .app(APP)
                .privateInstanceId("instance")
                .privateInstanceIndex("3")
                .tags(Map.of("component", "web", "space_name", "dév"))
                .build();
    }

    private static void assertUuid(Event message, String uuid) {
        UUID expected = UUID.fromString(uuid);
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(expected.getMostSignificantBits())
                .putLong(expected.getLeastSignificantBits())
                .flip()
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(message.number(1)).isEqualTo(bytes.getLong());
        assertThat(message.number(2)).isEqualTo(bytes.getLong());
    }

    @Test
    void tellsOfEachRequestAndItsAttempt() throws Exception {
        try (var agent = new UdpAgent();
                var router = RouterUnderTest.start(agent.yaml(""), "tracing: {enable_zipkin: true}");
                var backend = RawBackend.answering(RawBackend.ok("hello"));
                RawClient client = router.client()) {
            router.register(app(backend.port()));
            client.send("GET /a%20b/c?secret=1 HTTP/1.1\r\nHost: app.test\r\nUser-Agent: me\r\n"
                    + "X-Forwarded-For: 192.0.2.1, 192.0.2.2\r\nX-Cf-Applicationid: forged\r\n\r\n");
            client.readResponse();

            Event envelope = agent.first(
                    event -> event.number(2) == 4 && event.message(7).number(4) == 2);
            assertThat(envelope.text(1)).isEqualTo("gorouter");
            assertThat(envelope.tags())
                    .containsEntry("component", "web")
                    .containsEntry("space_name", "dév")
                    .containsKeys("trace_id", "span_id");
            Event served = envelope.message(7);
            assertThat(served.number(2)).isGreaterThanOrEqualTo(served.number(1));
            assertThat(envelope.number(6)).isEqualTo(served.number(2));
            assertThat(served.number(5)).isEqualTo(1);
            assertThat(served.text(6)).isEqualTo("http://app.test/a b/c");
            assertThat(served.text(7)).isEqualTo("127.0.0.1:" + client.socket().getLocalPort());
            assertThat(served.text(8)).isEqualTo("me");
            assertThat(served.number(9)).isEqualTo(200);
            assertThat(served.number(10)).isEqualTo(5);
            assertUuid(served.message(12), APP);
            assertThat(served.number(13)).isEqualTo(3);
            assertThat(served.text(14)).isEqualTo("instance");
            assertThat(served.texts(15)).containsExactly("192.0.2.1", "192.0.2.2");
            String head = backend.lastRequest();
            int id = head.indexOf("X-Vcap-Request-Id: ") + 19;
            assertUuid(served.message(3), head.substring(id, id + 36));

            Event attempt = agent.first(
                            event -> event.number(2) == 4 && event.message(7).number(4) == 1)
                    .message(7);
            assertUuid(attempt.message(3), head.substring(id, id + 36));
            assertThat(attempt.number(9)).isEqualTo(200);
            assertThat(attempt.texts(15)).containsExactly("192.0.2.1", "192.0.2.2", "127.0.0.1");

            assertThat(agent.named(9, "latency").text(3)).isEqualTo("ms");
            assertThat(agent.named(9, "latency.web").real(2)).isGreaterThanOrEqualTo(0);
            assertThat(agent.named(9, "gorouter_time").real(2)).isPositive();
            assertThat(agent.named(9, "route_lookup_time").text(3)).isEqualTo("ns");
        }
    }

    @Test
    void tellsOfAttemptsThatFailed() throws Exception {
        try (var agent = new UdpAgent();
                var router = RouterUnderTest.start(agent.yaml(""), "per_request_metrics_reporting: false")) {
            router.register(FreePorts.next(), "down.test");
            assertThat(router.get("down.test", "/")).startsWith("HTTP/1.1 502");

            Event attempt = agent.first(
                            event -> event.number(2) == 4 && event.message(7).number(4) == 1)
                    .message(7);
            assertThat(attempt.number(9)).isZero();
            assertThat(attempt.has(12)).as("no app").isFalse();
            Event served = agent.first(
                            event -> event.number(2) == 4 && event.message(7).number(4) == 2)
                    .message(7);
            assertThat(served.number(9)).isEqualTo(502);
            assertThat(agent.events())
                    .noneMatch(event -> event.has(9) && event.message(9).text(1).equals("latency"));
        }
    }

    @Test
    void countsAndMeasures() throws Exception {
        try (var agent = new UdpAgent();
                var router = RouterUnderTest.start(
                        agent.yaml(""),
                        "prune_stale_droplets_interval: 100ms",
                        "route_latency_metric_muzzle_duration: 0s");
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(app(backend.port()));
            router.register(RegistryMessage.builder("127.0.0.1", List.of("fresh.test"))
                    .port(backend.port())
                    .endpointUpdatedAtNs(System.currentTimeMillis() * 1_000_000)
                    .build());
            router.get("app.test", "/");
            router.get("nowhere.test", "/");

            assertThat(agent.first(counted("total_requests", 1)).number(2)).isEqualTo(7);
            agent.first(counted("requests.web", 1));
            agent.first(counted("responses", 1));
            agent.first(counted("responses.2xx", 1));
            agent.first(counted("rejected_requests", 1));
            agent.first(counted("registry_message.web", 1));
            agent.first(counted("registry_message", 1));
            agent.first(counted("bad_gateways", 0));
            assertThat(agent.named(10, "total_requests").has(3))
                    .as("totals are the agent's work")
                    .isFalse();
            assertThat(agent.named(9, "uptime").text(3)).isEqualTo("seconds");
            assertThat(agent.named(9, "file_descriptors").text(3)).isEqualTo("file");
            assertThat(agent.named(9, "buffered_messages").text(3)).isEqualTo("message");
            assertThat(agent.named(9, "numCPUS").real(2)).isPositive();
            assertThat(agent.named(9, "ms_since_last_registry_update").text(3)).isEqualTo("ms");
            assertThat(agent.named(9, "total_routes").text(3)).isEmpty();
            assertThat(agent.named(9, "route_registration_latency").real(2)).isBetween(0.0, 60_000.0);
        }
    }

    private static java.util.function.Predicate<Event> counted(String name, long delta) {
        return event -> event.has(10)
                && event.message(10).text(1).equals(name)
                && event.message(10).number(2) == delta;
    }

    @Test
    void sendsAppsTheirLinesOfTheAccessLog() throws Exception {
        Path file = folder.resolve("access.log");
        try (var agent = new UdpAgent();
                var router = RouterUnderTest.start(
                        agent.yaml(", loggregator_enabled: true"),
                        "index: 4",
                        "send_http_start_stop_server_event: false",
                        "send_http_start_stop_client_event: false",
                        RouterUnderTest.accessLog(file));
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(app(backend.port()));
            router.get("nowhere.test", "/");
            router.get("app.test", "/x");

            Event envelope = agent.first(event -> event.number(2) == 5);
            Event line = envelope.message(8);
            assertThat(line.text(1))
                    .startsWith("app.test - [")
                    .contains("\"GET /x HTTP/1.1\" 200")
                    .endsWith("x_cf_routererror:\"-\"");
            assertThat(line.number(2)).as("standard output").isEqualTo(1);
            assertThat(line.text(4)).isEqualTo(APP);
            assertThat(line.text(5)).isEqualTo("RTR");
            assertThat(line.text(6)).isEqualTo("4");
            assertThat(envelope.tags()).containsEntry("component", "web");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Files.readString(file).contains(line.text(1)));
            assertThat(agent.events()).noneMatch(event -> event.number(2) == 4);
            assertThat(agent.events()).filteredOn(event -> event.number(2) == 5).hasSize(1);
        }
    }

    @Test
    void cutsLinesThatNoDatagramHolds() throws Exception {
        try (var agent = new UdpAgent();
                var router = RouterUnderTest.start(agent.yaml(", loggregator_enabled: true"));
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(app(backend.port()));
            router.get("app.test", "/" + "y".repeat(70_000));

            String line = agent.first(event -> event.number(2) == 5).message(8).text(1);
            assertThat(line.length()).isLessThan(25_000);
            assertThat(line).contains("y...REQUEST-URI-TOO-LONG-TO-LOG--TRUNCATED HTTP/1.1\" 200");
        }
    }

    @Test
    void isSilentWithoutEnvelopeV1Metrics() throws Exception {
        try (var agent = new UdpAgent();
                var router = RouterUnderTest.start(
                        agent.yaml(", loggregator_enabled: true"), "enable_envelope_v1_metrics: false")) {
            router.get("nowhere.test", "/");
            await().during(Duration.ofMillis(1500))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> agent.events().isEmpty());
        }
    }

    @Test
    void carriesOnWithoutAnAgentAndFindsItWhenItComes() throws Exception {
        int port = FreePorts.next();
        try (var router = RouterUnderTest.start(
                        "logging: {level: fatal, metron_address: \"127.0.0.1:" + port + "\"}",
                        "prometheus: {enabled: true, port: 0}");
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(app(backend.port()));
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                assertThat(router.get("app.test", "/")).endsWith("x");
                return dropped(router) > 10;
            });

            try (var agent = new UdpAgent(port)) {
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    router.get("app.test", "/");
                    return agent.events().stream().anyMatch(event -> event.number(2) == 4);
                });
            }
        }
    }

    private static long dropped(RouterUnderTest router) throws Exception {
        try (var client = new RawClient(router.router.prometheusPort())) {
            client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            return client.readAll()
                    .lines()
                    .filter(line -> line.startsWith("loggregator_envelopes_dropped "))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                    .sum();
        }
    }

    @Test
    void refusesAnAddressThatIsNone() {
        for (String address : List.of("", "nonsense", "no.such.host.invalid:1", "127.0.0.1:x")) {
            assertThatThrownBy(
                            () -> RouterUnderTest.start("logging: {level: fatal, metron_address: \"" + address + "\"}"))
                    .hasMessageContaining("logging.metron_address: " + address);
        }
    }
}
