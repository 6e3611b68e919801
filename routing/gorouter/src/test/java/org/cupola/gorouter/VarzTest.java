package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.InflaterInputStream;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.NatsServerProcess;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class VarzTest {
    private static final String STATUS = "status: {port: 0, user: user, pass: secret, routes: {port: 0},"
            + " enable_deprecated_varz_healthz_endpoints: true}";
    private static final String QUIET = "logging: {level: fatal}";

    private static JsonNode varz(RouterUnderTest router) throws IOException {
        try (var client = new RawClient(router.router.statusPort())) {
            client.send("GET /varz HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n");
            String response = client.readResponse();
            assertThat(response).endsWith("}\n");
            return Json.tree(response.substring(response.indexOf("\r\n\r\n") + 4));
        }
    }

    @Test
    void tellsRatesPercentilesAndTheBusiestApps() throws Exception {
        try (var router = RouterUnderTest.start(QUIET, STATUS);
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            for (String app : List.of("busy", "idle")) {
                router.register(RegistryMessage.builder("127.0.0.1", List.of(app + ".test"))
                        .port(backend.port())
                        .app(app)
                        .tags(Map.of("component", "kind-" + app))
                        .build());
            }
            for (int i = 0; i < 70; i++) {
                router.get("busy.test", "/");
            }
            router.get("idle.test", "/");
            router.get("nowhere.test", "/");

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> varz(router).get("requests_per_sec").asDouble() > 0);
            JsonNode page = varz(router);
            assertThat(page.get("requests").asLong()).isEqualTo(71);
            assertThat(page.get("responses_2xx").asLong()).isEqualTo(71);
            assertThat(page.get("rate")).hasSize(3);
            assertThat(page.get("rate").get(0).asDouble())
                    .isEqualTo(page.get("requests_per_sec").asDouble());
            assertThat(page.get("latency").get("50").asDouble()).isBetween(1e-6, 60.0);
            assertThat(page.get("latency").get("99").asDouble())
                    .isGreaterThanOrEqualTo(page.get("latency").get("50").asDouble());
            assertThat(page.get("latency").get("samples").asInt()).isEqualTo(1);
            assertThat(page.get("latency").get("value").asDouble()).isEqualTo(5e-7);
            assertThat(page.get("top10_app_requests").toString())
                    .isEqualTo("[{\"application_id\":\"busy\",\"rpm\":70,\"rps\":1},"
                            + "{\"application_id\":\"idle\",\"rpm\":1,\"rps\":0}]");
            JsonNode busy = page.get("tags").get("component").get("kind-busy");
            assertThat(busy.get("requests").asLong()).isEqualTo(70);
            assertThat(busy.get("responses_2xx").asLong()).isEqualTo(70);
            assertThat(busy.get("rate").get(0).asDouble()).isPositive();
            assertThat(busy.get("latency").get("90").asDouble()).isPositive();
            assertThat(page.get("mem").asLong()).isPositive();
        }
    }

    @Test
    void announcesItselfAndAnswersWhoAsks() throws Exception {
        try (var nats = NatsServerProcess.start();
                var listener =
                        NatsBus.connect(NatsSettings.plain("old", List.of(nats.url())), new NatsBus.Listener() {})) {
            var announced = new CopyOnWriteArrayList<String>();
            listener.subscribe(
                    "vcap.component.announce", (subject, reply, data) -> announced.add(new String(data, UTF_8)));
            listener.flush(Duration.ofSeconds(30));
            try (var router = RouterUnderTest.on(nats, RouterUnderTest.yaml(nats.port(), QUIET, STATUS, "index: 5"))) {
                await().until(() -> announced.size() == 1);
                assertThat(Json.tree(announced.getFirst()).get("type").asString())
                        .isEqualTo("Router");

                byte[] answer = listener.request("vcap.component.discover", new byte[0], Duration.ofSeconds(30))
                        .orElseThrow();
                JsonNode told = Json.tree(answer);
                assertThat(told.get("index").asInt()).isEqualTo(5);
                assertThat(told.get("host").asString()).endsWith(":" + router.router.statusPort());
                assertThat(told.get("credentials").toString()).isEqualTo("[\"user\",\"secret\"]");
            }
        }
    }

    @Test
    void publishesWhichAppsHadRequests() throws Exception {
        try (var router = RouterUnderTest.start(QUIET, "publish_active_apps_interval: 100ms");
                var backend = RawBackend.answering(RawBackend.ok("x"))) {
            var told = new CopyOnWriteArrayList<String>();
            router.bus.subscribe("router.active_apps", (subject, reply, data) -> told.add(inflated(data)));
            router.register(RegistryMessage.builder("127.0.0.1", List.of("a.test"))
                    .port(backend.port())
                    .app("guid-a")
                    .build());
            router.get("a.test", "/");

            await().until(() -> told.contains("[\"guid-a\"]"));
            await().until(() -> told.getLast().equals("[]"));
        }
    }

    private static String inflated(byte[] data) {
        try (var in = new InflaterInputStream(new ByteArrayInputStream(data))) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void averagesAsALoadAverageDoes() {
        var rate = new Ewma();
        rate.tick(500);
        assertThat(rate.rates()).containsExactly(100, 100, 100);
        for (int i = 0; i < 12; i++) {
            rate.tick(500);
        }
        assertThat(rate.rates()[0]).as("a minute later").isCloseTo(100 / Math.E, within(1e-9));
        assertThat(rate.rates()[2]).isCloseTo(100 * Math.exp(-1 / 15.0), within(1e-9));
    }
}
