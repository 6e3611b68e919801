package org.cupola.routeregistrar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteRegistrarConfigTest {
    private static final String NATS =
            "\"message_bus_servers\":[{\"host\":\"nats:4222\",\"user\":\"u\",\"password\":\"p\"}]";
    private static final String HTTP =
            "\"name\":\"api\",\"port\":8080,\"uris\":[\"api.example.org\"],\"registration_interval\":\"20s\"";

    @Test
    void readsEveryKeyOfAnHttpRoute() throws Exception {
        RouteRegistrarConfig config = read("""
                {%s, "host": "10.0.0.1", "availability_zone": "z1",
                 "routes": [{"name": "api", "port": 8080, "tls_port": 8443, "protocol": "http2",
                   "tags": {"component": "api"}, "uris": ["api.example.org", "x.example.org/v1"],
                   "route_service_url": "https://rs.example.org", "server_cert_domain_san": "api.internal",
                   "registration_interval": "20s", "options": {"loadbalancing": "least-connection"},
                   "health_check": {"name": "check", "script_path": "/bin/true"}}]}
                """.formatted(NATS));

        assertThat(config.unregistrationLimit()).isEqualTo(5);
        assertThat(config.availabilityZone()).isEqualTo("z1");
        RegistrarRoute route = config.routes().getFirst();
        assertThat(route.host()).isEqualTo("10.0.0.1");
        assertThat(route.interval()).isEqualTo(Duration.ofSeconds(20));
        assertThat(route.healthCheck()).isEqualTo(new HealthCheck("check", "/bin/true", Duration.ofSeconds(10)));
        assertThat(route.destination())
                .isEqualTo(new RegistrarRoute.Http(
                        8080,
                        8443,
                        "http2",
                        Map.of("component", "api"),
                        List.of("api.example.org", "x.example.org/v1"),
                        "https://rs.example.org",
                        "api.internal",
                        "least-connection"));
    }

    @Test
    void turnsSniIntoTcp() throws Exception {
        RouteRegistrarConfig config = read("""
                {"host": "h", "routing_api": {"api_url": "http://api:3000", "oauth_url": "https://uaa:8443",
                   "client_id": "i", "client_secret": "s", "max_ttl": "90s"},
                 "routes": [{"type": "sni", "router_group": "g", "external_port": 443, "sni_port": 8443,
                   "sni_routable_san": "a.example.org", "sni_rewrite_san": "b", "terminate_frontend_tls": true,
                   "enable_backend_tls": true, "alpns": ["http/1.1", "h2"], "registration_interval": "10s"}]}
                """);

        assertThat(config.nats()).isNull();
        assertThat(config.routingApi().maxTtl()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.routes().getFirst().destination())
                .isEqualTo(new RegistrarRoute.Tcp(8443, "g", 443, "a.example.org", "b", true, true, "h2,http/1.1"));
    }

    @Test
    void reportsAllProblemsAsATree() {
        String message = problems("""
                {"unregistration_message_limit": 0,
                 "routes": [{"name": "api", "port": 0, "uris": ["a", ""], "registration_interval": "10",
                             "health_check": {"name": "", "script_path": "x", "timeout": "-1s"}},
                            {"type": "tcp", "host": "h", "port": 1, "registration_interval": "1s"}]}
                """);

        assertThat(message).isEqualTo("""
                        test: there were 11 errors with 'config':
                            * unregistration_message_limit must be a positive integer
                            there were 6 errors with 'route "api"':
                                * no host
                                * invalid registration_interval: "10" (expected: a duration such as 300ms, 20s or 1m30s)
                                * invalid port: 0
                                * empty URIs
                                there were 2 errors with 'healthcheck':
                                    * no name
                                    * invalid healthcheck timeout: -1s
                            there were 2 errors with 'route 1':
                                * missing router_group
                                * missing external_port
                            * message_bus_servers must have at least one entry""" + "\n    * routing_api must have an api_url");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0s", "-1s", "1", "x"})
    void refusesIntervals(String interval) {
        assertThat(problems("{" + NATS + ",\"host\":\"h\",\"routes\":[{\"name\":\"a\",\"port\":1,\"uris\":[\"u\"],"
                        + "\"registration_interval\":\"" + interval + "\"}]}"))
                .contains("there was 1 error with 'config':\n    there was 1 error with 'route \"a\"'")
                .containsPattern("(no|invalid) registration_interval");
    }

    @ParameterizedTest
    @CsvSource({
        "20s,must be less than",
        "21s,must be less than",
        "0s,invalid healthcheck timeout: 0s",
        "x,invalid healthcheck"
    })
    void refusesHealthCheckTimeouts(String timeout, String expected) {
        assertThat(problems("{" + NATS + ",\"host\":\"h\",\"routes\":[{" + HTTP
                        + ",\"health_check\":{\"name\":\"n\",\"script_path\":\"s\",\"timeout\":\"" + timeout
                        + "\"}}]}"))
                .contains(expected)
                .contains("there was 1 error with 'healthcheck'");
    }

    @Test
    void refusesWhatIsNoRoute() {
        assertThat(problems("{" + NATS + ",\"routes\":[{" + HTTP + "}]}")).contains("* no host");
        assertThat(problems("{" + NATS + ",\"host\":\"h\",\"routes\":[{" + HTTP + ",\"protocol\":\"spdy\"}]}"))
                .contains("* unknown protocol: spdy");
        assertThat(problems("{" + NATS + ",\"host\":\"h\",\"routes\":[{" + HTTP
                        + ",\"options\":{\"loadbalancing\":\"random\"}}]}"))
                .contains("* unknown load balancing algorithm: random. Allowed values: [round-robin least-connection]");
        assertThat(problems("{" + NATS
                        + ",\"host\":\"h\",\"routes\":[{\"uris\":[\"u\"],\"registration_interval\":\"1s\"}]}"))
                .contains("* no name", "* no port");
        assertThat(problems("{" + NATS + ",\"host\":\"h\",\"routes\":[{" + HTTP.replace("8080", "65536") + "}]}"))
                .contains("routes[0].port: 65536 (expected: a whole number from 0 to 65535)");
        assertThat(problems("{" + NATS + ",\"host\":\"h\",\"routes\":[{" + HTTP.replace("8080", "-1") + "}]}"))
                .contains("routes[0].port: -1");
    }

    @ParameterizedTest
    @CsvSource({
        "api_url,routing_api must have an api_url",
        "oauth_url,routing_api must have an oauth_url",
        "client_id,routing_api must have a client_id",
        "client_secret,routing_api must have a client_secret",
        "client_cert_path,routing_api must have a client_certificate_path",
        "client_private_key_path,routing_api must have a client_private_key_path",
        "server_ca_cert_path,routing_api must have a server_ca_cert_path"
    })
    void tcpRoutesNeedACompleteRoutingApi(String missing, String expected) {
        String api = """
                "api_url": "https://api:3001", "oauth_url": "https://uaa:8443", "client_id": "i", "client_secret": "s",
                "client_cert_path": "c", "client_private_key_path": "k", "server_ca_cert_path": "ca",
                """;
        String incomplete = api.replaceAll("\"" + missing + "\": \"[^\"]*\",", "");

        assertThat(problems("{\"routing_api\":{" + incomplete
                        + "\"x\":1},\"routes\":[{\"type\":\"tcp\",\"host\":\"h\",\"port\":1,\"external_port\":2,"
                        + "\"router_group\":\"g\",\"registration_interval\":\"1s\"}]}"))
                .contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0s", "-5s", "10", "x"})
    void whateverIsNoTimeToLiveIsTwoMinutes(String maxTtl) throws Exception {
        RouteRegistrarConfig config = read("{\"routing_api\":{\"api_url\":\"http://a:1\",\"oauth_url\":\"https://u:2\","
                + "\"client_id\":\"i\",\"client_secret\":\"s\",\"max_ttl\":\"" + maxTtl + "\"}}");

        assertThat(config.routingApi().maxTtl()).isEqualTo(Duration.ofMinutes(2));
    }

    @ParameterizedTest
    @CsvSource({"20s,120s,42", "100s,120s,120", "130s,120s,120", "1ms,120s,1", "1s,120s,2"})
    void theTimeToLiveSpansAMissedInterval(String interval, String maxTtl, int expected) {
        assertThat(RoutingApiRegistry.ttlSeconds(
                        Duration.parse("PT" + interval.replace("1ms", "0.001s")), Duration.parse("PT" + maxTtl)))
                .isEqualTo(expected);
    }

    private static RouteRegistrarConfig read(String json) throws ConfigException {
        return RouteRegistrarConfig.read(ConfigReader.ofJson("test", json), "test");
    }

    private static String problems(String json) {
        return catchThrowableOfType(ConfigException.class, () -> read(json)).getMessage();
    }
}
