package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The monitoring pages of our broker and of nats-server. */
@ParameterizedClass
@EnumSource(Server.class)
class MonitorContractTest {
    private static Server.Running server;
    private static int port;
    private final HttpClient http = HttpClient.newHttpClient();

    @Parameter
    Server kind;

    @BeforeParameterizedClassInvocation
    static void start(Server kind) {
        port = FreePorts.next();
        server = kind.start("http: \"127.0.0.1:" + port + "\"\nserver_name: broker-0\n"
                + "authorization { user: nats, password: nats, timeout: 15 }\nwrite_deadline: \"2s\"\nping_max: 3\n");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return http.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofString());
    }

    private JsonNode json(String path) throws Exception {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).isEqualTo(200);
        return Json.tree(response.body());
    }

    private static RawClient client(String name) throws Exception {
        return RawClient.connected(
                server.port(),
                ",\"user\":\"nats\",\"pass\":\"nats\",\"name\":\"" + name
                        + "\",\"lang\":\"go\",\"version\":\"1.37.0\"");
    }

    @Test
    void showsTheServer() throws Exception {
        try (RawClient client = client("varz")) {
            client.send("SUB v 1\r\nPUB v 3\r\nabc\r\n");
            client.expect("MSG v 1 3\r\nabc\r\n");
            JsonNode varz = json("/varz");

            assertThat(varz.get("server_name").asString()).isEqualTo("broker-0");
            assertThat(varz.get("auth_required").asBoolean()).isTrue();
            assertThat(varz.get("host").asString()).isEqualTo("127.0.0.1");
            assertThat(varz.get("port").asInt()).isEqualTo(server.port());
            assertThat(varz.get("http_host").asString()).isEqualTo("127.0.0.1");
            assertThat(varz.get("http_port").asInt()).isEqualTo(port);
            assertThat(varz.get("max_connections").asInt()).isEqualTo(65536);
            assertThat(varz.get("ping_interval").asLong()).isEqualTo(120_000_000_000L);
            assertThat(varz.get("ping_max").asInt()).isEqualTo(3);
            assertThat(varz.get("auth_timeout").asInt()).isEqualTo(15);
            assertThat(varz.get("max_control_line").asInt()).isEqualTo(4096);
            assertThat(varz.get("max_payload").asInt()).isEqualTo(1048576);
            assertThat(varz.get("max_pending").asInt()).isEqualTo(67108864);
            assertThat(varz.get("write_deadline").asLong()).isEqualTo(2_000_000_000L);
            assertThat(varz.get("uptime").asString()).matches("(\\d+[ydhms])+");
            assertThat(varz.get("connections").asInt()).isPositive();
            assertThat(varz.get("total_connections").asInt()).isPositive();
            assertThat(varz.get("subscriptions").asInt()).isPositive();
            assertThat(varz.get("in_bytes").asLong()).isGreaterThanOrEqualTo(3);
            assertThat(varz.get("out_msgs").asLong()).isPositive();
            assertThat(varz.get("slow_consumers").asInt()).isZero();
            assertThat(varz.get("http_req_stats").get("/varz").asInt()).isPositive();
            List.of(
                            "server_id",
                            "version",
                            "proto",
                            "go",
                            "cluster",
                            "gateway",
                            "leaf",
                            "jetstream",
                            "tls_timeout",
                            "start",
                            "now",
                            "mem",
                            "cores",
                            "gomaxprocs",
                            "cpu",
                            "routes",
                            "remotes",
                            "leafnodes",
                            "in_msgs",
                            "out_bytes",
                            "config_load_time")
                    .forEach(key -> assertThat(varz.has(key)).as(key).isTrue());
        }
    }

    @Test
    void writesJsonWithTwoSpaces() throws Exception {
        HttpResponse<String> response = get("/varz");

        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        if (kind == Server.EMBEDDED) { // added to nats-server after 2.9, which may be the one installed
            assertThat(response.headers().firstValue("access-control-allow-origin"))
                    .contains("*");
        }
        assertThat(response.body()).startsWith("{\n  \"server_id\": \"N").contains("\n  \"gateway\": {}");
    }

    @Test
    void callsBack() throws Exception {
        HttpResponse<String> response = get("/varz?callback=show");

        assertThat(response.headers().firstValue("content-type")).contains("application/javascript");
        assertThat(response.headers().firstValue("access-control-allow-origin")).isEmpty();
        assertThat(response.body()).startsWith("show({\n").endsWith("})");
    }

    @Test
    void showsOpenConnections() throws Exception {
        try (RawClient client = client("connz-one")) {
            client.send("SUB shown.a 1\r\nSUB shown.b q 2\r\nPUB shown.a 5\r\nhello\r\n");
            client.expect("MSG shown.a 1 5\r\nhello\r\n");
            JsonNode first = json("/connz?subs=1&auth=1");
            long id = Json.tree(client.info().substring(5)).get("client_id").asLong();
            JsonNode connz = json("/connz?cid=" + id + "&subs=detail");
            JsonNode connection = connz.get("connections").get(0);

            assertThat(first.get("connections").size())
                    .isEqualTo(first.get("num_connections").asInt());
            assertThat(first.toString())
                    .contains("\"authorized_user\":\"nats\"")
                    .contains("shown.a");
            assertThat(connz.get("total").asInt()).isEqualTo(1);
            assertThat(connz.get("offset").asInt()).isZero();
            assertThat(connz.get("limit").asInt()).isEqualTo(1);
            assertThat(first.get("limit").asInt()).isEqualTo(1024);
            assertThat(connection.get("cid").asLong()).isEqualTo(id);
            assertThat(connection.get("kind").asString()).isEqualTo("Client");
            assertThat(connection.get("type").asString()).isEqualTo("nats");
            assertThat(connection.get("ip").asString()).isEqualTo("127.0.0.1");
            assertThat(connection.get("port").asInt()).isEqualTo(client.socket().getLocalPort());
            assertThat(connection.get("name").asString()).isEqualTo("connz-one");
            assertThat(connection.get("lang").asString()).isEqualTo("go");
            assertThat(connection.get("version").asString()).isEqualTo("1.37.0");
            assertThat(connection.get("in_msgs").asInt()).isEqualTo(1);
            assertThat(connection.get("out_msgs").asInt()).isEqualTo(1);
            assertThat(connection.get("in_bytes").asInt()).isEqualTo(5);
            assertThat(connection.get("out_bytes").asInt()).isEqualTo(5);
            assertThat(connection.get("subscriptions").asInt()).isEqualTo(2);
            assertThat(connection.get("pending_bytes").asInt()).isZero();
            assertThat(connection.get("idle").asString()).matches("\\d+s");
            assertThat(connection.has("authorized_user")).isFalse();
            JsonNode details = connection.get("subscriptions_list_detail");
            assertThat(details.size()).isEqualTo(2);
            assertThat(details.toString()).contains("\"qgroup\":\"q\"").contains("\"sid\":\"1\"");
        }
    }

    @Test
    void showsClosedConnectionsWithTheirReason() throws Exception {
        try (RawClient gone = client("gone")) {
            gone.sync();
        }
        try (RawClient bad = client("bad")) {
            bad.send("NONSENSE\r\n");
            bad.expect("-ERR 'Unknown Protocol Operation'\r\n");
        }
        try (RawClient large = client("large")) {
            large.send("PUB a 1048577\r\n");
            large.expect("-ERR 'Maximum Payload Violation'\r\n");
        }
        await().untilAsserted(() -> {
            String closed = json("/connz?state=closed&sort=stop").toString();
            assertThat(closed)
                    .containsPattern("\"reason\":\"Client Closed\"[^{]*\"name\":\"gone\"")
                    .containsPattern("\"reason\":\"Protocol Violation\"[^{]*\"name\":\"bad\"")
                    .containsPattern("\"reason\":\"Maximum Message Payload Exceeded\"[^{]*\"name\":\"large\"");
        });
        assertThat(json("/connz").toString()).doesNotContain("\"gone\"");
        assertThat(json("/connz?state=any").toString()).contains("\"gone\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cid",
                "start",
                "subs",
                "pending",
                "msgs_to",
                "msgs_from",
                "bytes_to",
                "bytes_from",
                "last",
                "idle",
                "uptime"
            })
    void sortsConnections(String order) throws Exception {
        try (RawClient first = client("first");
                RawClient second = client("second")) {
            second.send("SUB x 1\r\nSUB y 2\r\nPUB x 1\r\nx\r\n");
            second.expect("MSG x 1 1\r\nx\r\n");
            first.sync();
            JsonNode connections = json("/connz?sort=" + order).get("connections");

            assertThat(connections.size()).isGreaterThanOrEqualTo(2);
            if (List.of("subs", "msgs_to", "msgs_from", "bytes_to", "bytes_from")
                    .contains(order)) {
                assertThat(connections.get(0).get("name").asString()).isEqualTo("second");
            }
        }
    }

    @Test
    void sortsByRoundTrip() throws Exception {
        int expected = kind == Server.EMBEDDED ? 200 : get("/connz?sort=rtt").statusCode(); // since 2.10
        assertThat(get("/connz?sort=rtt").statusCode()).isEqualTo(expected);
    }

    @Test
    void pagesConnections() throws Exception {
        try (RawClient first = client("page-1");
                RawClient second = client("page-2")) {
            first.sync();
            second.sync();
            JsonNode page = json("/connz?limit=1&offset=1");

            assertThat(page.get("num_connections").asInt()).isEqualTo(1);
            assertThat(page.get("total").asInt()).isGreaterThanOrEqualTo(2);
            assertThat(json("/connz?offset=1000").get("num_connections").asInt())
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/connz?sort=bogus",
                "/connz?sort=stop",
                "/connz?subs=maybe",
                "/connz?limit=x",
                "/connz?cid=x",
                "/connz?state=xxx",
                "/subsz?offset=x"
            })
    void refusesBadParameters(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(400);
    }

    @Test
    void showsSubscriptions() throws Exception {
        try (RawClient client = client("subsz")) {
            client.send("SUB subsz.* 1\r\nSUB subsz.b 2\r\nSUB other.subsz 3\r\nPUB subsz.b 1\r\nx\r\n");
            client.line();
            JsonNode subsz = json("/subsz?subs=1");
            JsonNode tested = json("/subscriptionsz?subs=1&test=subsz.a");

            assertThat(subsz.get("num_subscriptions").asInt()).isGreaterThanOrEqualTo(3);
            assertThat(subsz.get("num_inserts").asInt()).isGreaterThanOrEqualTo(3);
            assertThat(subsz.get("num_matches").asInt()).isPositive();
            assertThat(subsz.toString()).contains("\"other.subsz\"");
            assertThat(tested.get("subscriptions_list").toString())
                    .contains("\"subsz.*\"")
                    .doesNotContain("other.subsz");
            for (String key : List.of("num_cache", "num_removes", "cache_hit_rate", "max_fanout", "avg_fanout")) {
                assertThat(subsz.has(key)).as(key).isTrue();
            }
        }
    }

    @Test
    void isHealthy() throws Exception {
        HttpResponse<String> response = get("/healthz");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
    }

    @Test
    void hasAnIndexAndKnowsNoRoutes() throws Exception {
        assertThat(get("/").body()).contains("/varz").contains("/connz");
        assertThat(json("/routez").get("num_routes").asInt()).isZero();
    }
}
