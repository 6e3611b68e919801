package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.config.ConfigException;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouteOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MetricsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String OK = RawBackend.ok("x");

    private static RouterUnderTest router;

    @BeforeAll
    static void start() throws Exception {
        router = RouterUnderTest.start(
                "logging: {level: fatal}",
                "prometheus: {enabled: true, port: 0}",
                "enable_envelope_v1_metrics: false",
                "per_app_prometheus_http_metrics_reporting: true",
                "cupola: {metrics: {per_route: true, per_backend: true, max_series: 6}}");
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    private static RegistryMessage.Builder message(int port, String uri) {
        return RegistryMessage.builder("127.0.0.1", List.of(uri)).port(port);
    }

    private static String page() throws IOException {
        try (var client = new RawClient(router.router.prometheusPort())) {
            client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            return client.readAll();
        }
    }

    private static void assertShows(String... lines) {
        await().atMost(LONG).untilAsserted(() -> assertThat(page().lines()).contains(lines));
    }

    @Test
    void namesTypesAndLabelsAreTheOriginals() throws Exception {
        try (var backend = RawBackend.answering(OK)) {
            router.register(message(backend.port(), "names.test")
                    .tags(Map.of("component", "dea-1", "source_id", "app-1"))
                    .options(RouteOptions.parse("{\"loadbalancing\":\"hash\",\"hash_header\":\"X-Key\"}"))
                    .build());
            router.get("names.test", "/");
            router.unregister(backend.port(), "never.test");

            assertShows(
                    "# TYPE registry_message counter",
                    "registry_message{component=\"dea-1\",action=\"added\"} 1",
                    "# TYPE unregistry_message counter",
                    "# TYPE total_requests counter",
                    "total_requests{component=\"dea-1\"} 1",
                    "# TYPE responses counter",
                    "responses{status_group=\"xxx\"} 0",
                    "# TYPE responses_route_services counter",
                    "responses_route_services{status_group=\"2xx\"} 0",
                    "# TYPE routes_pruned counter",
                    "# TYPE rejected_requests counter",
                    "# TYPE bad_gateways counter",
                    "# TYPE empty_content_length_header counter",
                    "# TYPE backend_invalid_id counter",
                    "# TYPE backend_invalid_tls_cert counter",
                    "# TYPE backend_tls_handshake_failed counter",
                    "# TYPE backend_exhausted_conns counter",
                    "# TYPE websocket_upgrades counter",
                    "# TYPE websocket_failures counter",
                    "# TYPE total_routes gauge",
                    "# TYPE ms_since_last_registry_update gauge",
                    "# TYPE file_descriptors gauge",
                    "# TYPE buffered_messages gauge",
                    "# TYPE total_dropped_messages gauge",
                    "# TYPE route_lookup_time histogram",
                    "# TYPE gorouter_time histogram",
                    "# TYPE route_registration_latency histogram",
                    "# TYPE latency histogram",
                    "latency_count{component=\"dea-1\"} 1",
                    "# TYPE http_latency_seconds histogram",
                    "http_latency_seconds_bucket{source_id=\"app-1\",le=\"25.6\"} 1",
                    "http_latency_seconds_bucket{source_id=\"app-1\",le=\"+Inf\"} 1",
                    "# TYPE promhttp_metric_handler_errors_total counter",
                    "promhttp_metric_handler_errors_total{cause=\"gathering\"} 0",
                    "# TYPE endpoints_per_pool gauge",
                    "endpoints_per_pool{lb_algorithm=\"hash\",route=\"names.test\"} 1");
            assertThat(page())
                    .as("whole numbers are written without a point")
                    .contains("route_lookup_time_bucket{le=\"10000\"}", "gorouter_time_bucket{le=\"1\"}");
            router.unregister(backend.port(), "names.test");
        }
    }

    @Test
    void measuresRoutesAndBackends() throws Exception {
        String route = "measured.test/pa\\\"th";
        try (var bad = RawBackend.answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
                var dead = new RawBackend(connection -> connection.readHead())) {
            router.register(message(bad.port(), "measured.test/pa\"th").build());
            router.register(message(dead.port(), "dead.test").build());

            router.get("measured.test", "/pa\"th/deeper");
            router.get("measured.test", "/pa\"th");
            router.get("dead.test", "/");

            String backend = "{backend=\"127.0.0.1:" + bad.port() + "\"";
            assertShows(
                    "route_responses{route=\"" + route + "\",status_group=\"5xx\"} 2",
                    "route_latency_seconds_count{route=\"" + route + "\"} 2",
                    "route_responses{route=\"dead.test\",status_group=\"5xx\"} 1",
                    "backend_responses" + backend + ",status_group=\"5xx\"} 2",
                    "backend_latency_seconds_bucket" + backend + ",le=\"+Inf\"} 2",
                    "backend_failures{backend=\"127.0.0.1:" + dead.port() + "\"} 1");

            router.unregister(bad.port(), "measured.test/pa\"th");
            router.unregister(dead.port(), "dead.test");
            assertThat(page())
                    .as("what is gone is forgotten")
                    .doesNotContain("measured.test", "dead.test", "127.0.0.1:" + bad.port());
        }
    }

    @Test
    void countsRequestsForAnInstanceWithTheRoute() throws Exception {
        String app = "d8ab9a5e-5c5c-4b0b-9a3f-2d0a3a2f4b11";
        try (var backend = RawBackend.answering(OK)) {
            router.register(message(backend.port(), "chosen.test")
                    .app(app)
                    .privateInstanceIndex("0")
                    .build());
            for (int i = 0; i < 2; i++) {
                try (RawClient client = router.client()) {
                    client.send("GET / HTTP/1.1\r\nHost: chosen.test\r\nX-Cf-App-Instance: " + app
                            + ":0\r\nConnection: close\r\n\r\n");
                    assertThat(client.readAll()).startsWith("HTTP/1.1 200");
                }
            }
            router.get("nowhere.test", "/");

            assertShows("route_responses{route=\"chosen.test\",status_group=\"2xx\"} 2");
            assertThat(page()).containsPattern("http_latency_seconds_count\\{source_id=\"gorouter\"} [1-9]");
            router.unregister(backend.port(), "chosen.test");
            assertThat(page()).doesNotContain("chosen.test");
        }
    }

    @Test
    void tellsNoMoreRoutesApartThanConfigured() throws Exception {
        try (var backend = RawBackend.answering(OK)) {
            for (int i = 0; i < 8; i++) {
                String uri = "many-" + i + ".test";
                router.register(message(backend.port(), uri).build());
                router.get(uri, "/");
            }

            assertThat(page().lines()
                            .filter(line -> line.startsWith("route_latency_seconds_count{"))
                            .count())
                    .isLessThanOrEqualTo(7);
            assertThat(page()).containsPattern("route_responses\\{route=\"other\",status_group=\"2xx\"} [1-9]");
            for (int i = 0; i < 8; i++) {
                router.unregister(backend.port(), "many-" + i + ".test");
            }
        }
    }

    @Test
    void theKeysAreHeldToTheirValues() {
        String yaml = "cupola: {metrics: {max_series: -1, latency_buckets: [1, 0.5]}}";

        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                        ConfigException.class, () -> GorouterConfig.parse("test.yml", RouterUnderTest.yaml(1, yaml))))
                .hasMessageContaining("cupola.metrics.max_series: -1 (expected: ")
                .hasMessageContaining("cupola.metrics.latency_buckets: [1.0, 0.5] (expected: bounds in ascending");
    }
}
