package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Section 2 of the contract, what is said over NATS and what becomes of it, fact by fact, with both brokers. The rest of the
 * section: connections, TLS and reconnecting in NatsBusTest, router.active_apps and vcap.component in VarzTest, pruning and
 * its suspension in LifecycleTest, modification tags and the model of the table in RouteTableTest, the Routing API in
 * RouteFetcherTest, log lines in GorouterProcessTest (module acceptance).
 */
@ParameterizedClass
@EnumSource(Broker.class)
@Timeout(120)
class RegistrationContractTest {
    @TempDir
    private static Path folder;

    private static Broker.Running broker;
    private static BlackBox router;
    private static BlackBox segments;
    private static BlackBox shared;
    private static final List<String> ANNOUNCED = new CopyOnWriteArrayList<>();

    private static RawBackend one;
    private static RawBackend two;

    RegistrationContractTest(Broker kind) {}

    @BeforeAll
    static void listen() throws Exception {
        one = RawBackend.answering(RawBackend.ok("one"));
        two = RawBackend.answering(RawBackend.ok("two"));
    }

    @BeforeParameterizedClassInvocation
    static void start(Broker kind) throws Exception {
        broker = kind.start();
        ANNOUNCED.clear();
        try (var early =
                NatsBus.connect(NatsSettings.plain("early", List.of(broker.url())), new NatsBus.Listener() {})) {
            early.subscribe("router.start", (subject, replyTo, data) -> ANNOUNCED.add(new String(data, UTF_8)));
            early.flush(Duration.ofSeconds(30));
            router = BlackBox.start(
                    broker, folder, "logging: {level: fatal}", "index: 7", "droplet_stale_threshold: 90s");
            await().atMost(Duration.ofSeconds(30)).until(() -> !ANNOUNCED.isEmpty());
        }
        segments = BlackBox.start(
                broker,
                folder,
                "logging: {level: fatal}",
                "enable_http2: false",
                "isolation_segments: [seg-1, seg-2]",
                "routing_table_sharding_mode: segments");
        shared = BlackBox.start(
                broker,
                folder,
                "logging: {level: fatal}",
                "isolation_segments: [seg-1]",
                "routing_table_sharding_mode: shared-and-segments");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        shared.close();
        segments.close();
        router.close();
        broker.close();
    }

    private static String at(RawBackend backend, String uri) {
        return "\"host\":\"127.0.0.1\",\"port\":" + backend.port() + ",\"uris\":[\"" + uri + "\"]";
    }

    private static String at(int port, String uri) {
        return "\"host\":\"10.0.0.1\",\"port\":" + port + ",\"uris\":[\"" + uri + "\"]";
    }

    private static JsonNode only(String uri) throws Exception {
        JsonNode endpoints = router.routes().path(uri);
        assertThat(endpoints).hasSize(1);
        return endpoints.get(0);
    }

    private static List<String> addresses(BlackBox of, String uri) throws Exception {
        List<String> addresses = new ArrayList<>();
        of.routes()
                .path(uri)
                .forEach(endpoint -> addresses.add(endpoint.path("address").asString()));
        return addresses;
    }

    // ---- 2.2 subjects ----

    /** 2.2 */
    @Test
    void announcesItselfOnceWhenItStarts() {
        assertThat(ANNOUNCED)
                .singleElement()
                .asString()
                .matches("\\{\"id\":\"7-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\","
                        + "\"hosts\":\\[\"[0-9.]+\"],"
                        + "\"minimumRegisterIntervalInSeconds\":20,\"pruneThresholdInSeconds\":90}");
    }

    /** 2.2 */
    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "nonsense"})
    void answersGreetingsWithTheSameMessage(String payload) throws Exception {
        assertThat(router.bus().request("router.greet", payload.getBytes(UTF_8), Duration.ofSeconds(30)))
                .hasValueSatisfying(answer -> assertThat(ANNOUNCED)
                        .anyMatch(announced -> sameButForTheId(announced, new String(answer, UTF_8))));
    }

    private static boolean sameButForTheId(String announced, String answered) {
        // Three routers answer; whoever was first.
        return answered.replaceFirst("\"id\":\"\\d-[^\"]*\"", "")
                .replaceFirst(":\\d+}", "}")
                .equals(announced.replaceFirst("\"id\":\"\\d-[^\"]*\"", "").replaceFirst(":\\d+}", "}"));
    }

    /** 2.2 */
    @Test
    void takesOtherSubjectsForNothing() throws Exception {
        router.publish("router.something", "{" + at(1, "other-subject.test") + "}");
        router.publish("router.start", "nonsense");

        assertThat(router.routes().has("other-subject.test")).isFalse();
    }

    // ---- 2.3 messages ----

    /** 2.3, 4.3 */
    @Test
    void takesEveryFieldOfARegistration() throws Exception {
        router.register("\"host\":\"10.0.0.1\",\"port\":8080,\"tls_port\":8443,\"protocol\":\"http2\","
                + "\"uris\":[\"Full.Test/Path\"],\"app\":\"app-guid\",\"stale_threshold_in_seconds\":30,"
                + "\"private_instance_id\":\"instance\",\"private_instance_index\":\"2\",\"isolation_segment\":\"seg\","
                + "\"server_cert_domain_san\":\"san\",\"tags\":{\"component\":\"web\",\"a\":\"b\"},"
                + "\"route_service_url\":\"https://service.test/x\",\"endpoint_updated_at_ns\":1,"
                + "\"availability_zone\":\"z1\",\"options\":{\"loadbalancing\":\"least-connection\"}");

        assertThat(Json.text(router.routes().path("full.test/path")))
                .isEqualTo(
                        "[{\"address\":\"10.0.0.1:8443\",\"availability_zone\":\"z1\",\"protocol\":\"http2\",\"tls\":true,"
                                + "\"ttl\":30,\"route_service_url\":\"https://service.test/x\","
                                + "\"tags\":{\"a\":\"b\",\"component\":\"web\"},\"isolation_segment\":\"seg\","
                                + "\"private_instance_id\":\"instance\",\"server_cert_domain_san\":\"san\","
                                + "\"load_balancing_algorithm\":\"least-connection\"}]");
    }

    /** 2.3 */
    @Test
    void hasDefaultsForAllButTheUri() throws Exception {
        router.register("\"uris\":[\"bare.test\"],\"unknown\":[1],\"app\":null,\"tags\":null");

        assertThat(Json.text(router.routes().path("bare.test")))
                .isEqualTo(
                        "[{\"address\":\":0\",\"availability_zone\":\"\",\"protocol\":\"http1\",\"tls\":false,\"ttl\":90,"
                                + "\"tags\":null}]");
    }

    /** 2.3 */
    @ParameterizedTest
    @CsvSource({"0,90", "30,30", "90,90", "91,90", "100000,90", "-1,-1"})
    void shortensTheTimeToLiveButNeverLengthensIt(int asked, int got) throws Exception {
        router.register(at(1, "ttl.test") + ",\"stale_threshold_in_seconds\":" + asked);

        assertThat(only("ttl.test").path("ttl").asInt()).isEqualTo(got);
    }

    /** 2.3 */
    @Test
    void speaksHttp1ToWhoeverRegistersHttp2WhileThatIsOff() throws Exception {
        segments.register(at(1, "downgraded.test") + ",\"protocol\":\"http2\",\"isolation_segment\":\"seg-1\"");

        assertThat(segments.routes()
                        .path("downgraded.test")
                        .get(0)
                        .path("protocol")
                        .asString())
                .isEqualTo("http1");
    }

    /** 2.3 */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"port\":\"8080\"",
                "\"port\":1.5",
                "\"port\":65536",
                "\"port\":-1",
                "\"tags\":{\"a\":1}",
                "\"uris\":\"dropped.test\"",
                "\"app\":1",
                "\"route_service_url\":\"http://plain.test\"",
                "\"stale_threshold_in_seconds\":\"1\"",
                "\"options\":1"
            })
    void dropsAMessageWithAValueOfTheWrongKindAltogether(String field) throws Exception {
        String name = field.substring(0, field.indexOf(':'));
        String rest = "\"host\":\"10.0.0.1\",\"port\":1,\"uris\":[\"dropped.test\"]";
        router.register(rest.replaceFirst(name + ":[^,]*,?", "") + "," + field);

        assertThat(router.routes().has("dropped.test")).isFalse();
    }

    /** 2.3 */
    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "[]", "{\"uris\":[\"open.test\"]", "null"})
    void dropsWhatIsNoMessage(String payload) throws Exception {
        int before = router.routes().size();

        router.publish("router.register", payload);

        assertThat(router.routes()).hasSize(before);
    }

    /** 2.3 */
    @Test
    void knowsKeysInAnyCase() throws Exception {
        router.register("\"Host\":\"10.0.0.9\",\"PORT\":5,\"Uris\":[\"case.test\"],\"Private_Instance_Id\":\"x\"");

        assertThat(only("case.test").path("address").asString()).isEqualTo("10.0.0.9:5");
        assertThat(only("case.test").path("private_instance_id").asString()).isEqualTo("x");
    }

    /** 2.3 */
    @Test
    void registersEachUriOfAMessageByItself() throws Exception {
        router.register("\"host\":\"10.0.0.1\",\"port\":2,\"uris\":[\"first.many.test\",\"second.many.test\"]");
        router.unregister("\"host\":\"10.0.0.1\",\"port\":2,\"uris\":[\"first.many.test\"]");

        assertThat(router.routes().has("first.many.test")).isFalse();
        assertThat(addresses(router, "second.many.test")).containsExactly("10.0.0.1:2");
    }

    // ---- 2.4 URIs ----

    /** 2.4 */
    @ParameterizedTest
    @CsvSource({
        "KEY.Test/Some/Path/, key.test/some/path",
        "query.test/a?b=c/d, query.test/a",
        "/slash.test, slash.test",
        "middle.test//b, middle.test//b",
        "port.test:80, port.test:80",
        "*.Wild.test/x, *.wild.test/x"
    })
    void normalisesUris(String registered, String key) throws Exception {
        router.register(at(1, registered));

        assertThat(addresses(router, key)).containsExactly("10.0.0.1:1");
    }

    /** 2.4 */
    @ParameterizedTest
    @CsvSource({
        "exact.match.test, /, one",
        "EXACT.match.test:8080, /any/path?q, one",
        "other.match.test, /, two",
        "a.b.match.test, /, two",
        "match.test, /, 404",
        "exact.match.test, /deep, two",
        "exact.match.test, /DEEP/er, two",
        "exact.match.test, /deeper, one",
        "exact.match.test, /de%65p, one",
        "registered-with-port.test, /, 404"
    })
    void findsTheExactHostBeforeAWildcardAndTheLongestPath(String host, String path, String who) throws Exception {
        router.register(at(one, "exact.match.test"));
        router.register(at(two, "*.match.test"));
        router.register(at(two, "exact.match.test/deep"));
        router.register(at(two, "registered-with-port.test:80"));

        String answer = router.get(host, path);

        if (who.equals("404")) {
            assertThat(answer).startsWith("HTTP/1.1 404");
        } else {
            assertThat(answer).endsWith("\r\n\r\n" + who);
        }
    }

    /** 2.4 */
    @Test
    void theNearerWildcardBeatsTheFarther() throws Exception {
        router.register(at(one, "*.near.far.test"));
        router.register(at(two, "*.far.test"));

        assertThat(router.get("x.near.far.test", "/")).endsWith("one");
        assertThat(router.get("x.else.far.test", "/")).endsWith("two");
    }

    // ---- 2.5 sharding ----

    /** 2.5 */
    @Test
    void keepsToTheSegmentsItServes() throws Exception {
        for (var segment : List.of("", "seg-1", "seg-2", "foreign")) {
            segments.register(at(1, "in-" + segment + ".shard.test") + ",\"isolation_segment\":\"" + segment + "\"");
        }
        shared.settle();
        router.settle();

        assertThat(segments.routes().has("in-.shard.test")).isFalse();
        assertThat(segments.routes().has("in-seg-1.shard.test")).isTrue();
        assertThat(segments.routes().has("in-seg-2.shard.test")).isTrue();
        assertThat(segments.routes().has("in-foreign.shard.test")).isFalse();
        assertThat(shared.routes().has("in-.shard.test")).isTrue();
        assertThat(shared.routes().has("in-seg-1.shard.test")).isTrue();
        assertThat(shared.routes().has("in-seg-2.shard.test")).isFalse();
        assertThat(router.routes().has("in-foreign.shard.test")).isTrue();
    }

    /** 2.5 */
    @Test
    void leavesEndpointsAloneThatAreUnregisteredForAForeignSegment() throws Exception {
        shared.register(at(1, "kept.shard.test"));
        shared.unregister(at(1, "kept.shard.test") + ",\"isolation_segment\":\"foreign\"");
        assertThat(shared.routes().has("kept.shard.test")).isTrue();

        shared.unregister(at(1, "kept.shard.test") + ",\"isolation_segment\":\"seg-1\"");
        assertThat(shared.routes().has("kept.shard.test")).isFalse();
    }

    // ---- 2.6 endpoints ----

    /** 2.6 E1, E4 */
    @Test
    void anAddressIsOneEndpointWhoseLatestRegistrationHolds() throws Exception {
        router.register(at(1, "e4.test") + ",\"app\":\"a\",\"private_instance_id\":\"first\"");
        router.register(at(2, "e4.test"));
        router.register("\"host\":\"10.0.0.1\",\"tls_port\":1,\"uris\":[\"e4.test\"],\"app\":\"b\","
                + "\"private_instance_id\":\"second\"");

        JsonNode endpoints = router.routes().path("e4.test");
        assertThat(addresses(router, "e4.test")).as("in the same place").containsExactly("10.0.0.1:1", "10.0.0.1:2");
        assertThat(endpoints.get(0).path("tls").asBoolean()).isTrue();
        assertThat(endpoints.get(0).path("private_instance_id").asString()).isEqualTo("second");
    }

    /** 2.6 E8 */
    @Test
    void theLastMessageSaysWhichRouteServiceARouteHas() throws Exception {
        router.register(at(one, "e8.test") + ",\"route_service_url\":\"https://service.test\"");
        assertThat(router.get("e8.test", "/"))
                .startsWith("HTTP/1.1 502")
                .endsWith("Support for route services is disabled.\n");

        router.register(at(two, "e8.test"));
        assertThat(router.get("e8.test", "/")).startsWith("HTTP/1.1 200");
    }

    /** 2.6 E10 */
    @Test
    void unregistersByAddressWhateverElseIsSaid() throws Exception {
        router.register("\"host\":\"10.0.0.1\",\"tls_port\":3,\"uris\":[\"e10.test\"],\"app\":\"a\"");

        router.unregister("\"host\":\"10.0.0.1\",\"port\":4,\"uris\":[\"e10.test\"]");
        assertThat(addresses(router, "e10.test")).containsExactly("10.0.0.1:3");

        router.unregister("\"host\":\"10.0.0.1\",\"port\":3,\"uris\":[\"E10.test/\"],\"app\":\"b\"");
        assertThat(router.routes().has("e10.test"))
                .as("E11: the route goes with its last endpoint")
                .isFalse();
    }

    /** 2.6 E2, E3: a refresh changes nothing, whichever way it is written */
    @Test
    void aRefreshChangesNothing() throws Exception {
        String message = at(5, "e3.test") + ",\"app\":\"a\",\"tags\":{\"x\":\"y\"}";
        router.register(message);
        String before = Json.text(router.routes().path("e3.test"));

        router.register(message);
        router.register("\"tags\":{\"x\":\"y\"},\"app\":\"a\"," + at(5, "e3.test"));

        assertThat(Json.text(router.routes().path("e3.test"))).isEqualTo(before);
    }

    /** 2.6 E9 */
    @ParameterizedTest
    @CsvSource({"loadbalancing, least-connection", "lb_algo, least-connection", "loadbalancing, nonsense"})
    void showsTheAlgorithmThatAnEndpointAskedFor(String key, String value) throws Exception {
        router.register(at(1, "e9.test") + ",\"options\":{\"" + key + "\":\"" + value + "\"}");

        assertThat(only("e9.test").path("load_balancing_algorithm").asString()).isEqualTo(value);
    }
}
