package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Section 4 of the contract, fact by fact: status pages and who may see them, varz, routes, the access log's lines and files.
 * The rest of the section: rates and percentiles in VarzTest, timings in TimingFieldsTest, syslog in LifecycleTest and
 * IntegrationContractTest, Loggregator and Envelope v1 metrics in LoggregatorTest, Prometheus in MetricsTest and ReloadTest,
 * the router's own log in ZapEncoderTest (module telemetry) and GorouterProcessTest (module acceptance).
 */
@Timeout(120)
class StatusContractTest {
    private static final String APP = "0123abcd-0000-1111-2222-0123456789ab";
    private static final String ALIVE = "/is-process-alive-do-not-use-for-loadbalancing";
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());

    @TempDir
    private static Path folder;

    private static Path accessLog;
    private static Broker.Running broker;
    private static BlackBox router;
    private static BlackBox deprecated;
    private static RawBackend backend;

    @BeforeAll
    static void start() throws Exception {
        accessLog = folder.resolve("access.log");
        TlsIdentity status = OURS.issue("status", List.of("localhost"), DAY);
        backend = RawBackend.answering(RawBackend.ok("hello"));
        broker = Broker.NATS_SERVER.start();
        router = BlackBox.start(
                broker,
                folder,
                "logging: {level: fatal, redact_query_params: hash}",
                "prometheus: {enabled: true, port: 0}",
                "extra_headers_to_log: [X-One, x-two-words, Accept]",
                RouterUnderTest.accessLog(accessLog),
                "status: {port: 0, user: user, pass: secret, routes: {port: 0}, tls: {port: " + FreePorts.next()
                        + ", certificate: " + text(Pem.write(status.certificate())) + ", key: "
                        + text(Pem.write(status.key())) + "}}");
        deprecated = BlackBox.start(
                broker,
                folder,
                "logging: {level: fatal, disable_log_forwarded_for: true, disable_log_source_ip: true,"
                        + " redact_query_params: all}",
                "index: 4",
                RouterUnderTest.accessLog(folder.resolve("private.log")),
                "status: {host: 127.0.0.1, port: 0, user: user, pass: secret, routes: {port: 0},"
                        + " enable_deprecated_varz_healthz_endpoints: true}");
    }

    @AfterAll
    static void stop() throws Exception {
        deprecated.close();
        router.close();
        broker.close();
        backend.close();
    }

    private static String text(String pem) {
        return "\"" + pem.replace("\n", "\\n") + "\"";
    }

    private static String authorized() {
        return "Authorization: " + BlackBox.basic("user:secret");
    }

    private static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    // ---- 4.1 endpoints ----

    /** 4.1 */
    @ParameterizedTest
    @ValueSource(strings = {"/health", ALIVE, "/health?x=y"})
    void isHealthyToAnybodyOnTheStatusPort(String path) throws Exception {
        assertThat(BlackBox.status(router.statusPort(), path))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .containsIgnoringCase("\r\nCache-Control: private, max-age=0\r\n")
                .containsIgnoringCase("\r\nExpires: 0\r\n")
                .endsWith("\r\n\r\nok\n");
    }

    /** 4.1, 1.4 */
    @ParameterizedTest
    @ValueSource(strings = {"/health", ALIVE})
    void isHealthyOverTlsWhateverProtocolsAreOffered(String path) throws Exception {
        var context = TlsContexts.jdk(Optional.empty(), List.of(OURS.certificate()));
        var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", router.statusTlsPort());
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        try (var client = new RawClient(socket)) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

            assertThat(client.readAll()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok\n");
            assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
        }
    }

    /** 4.1, 5.2: alive, but not healthy while it starts */
    @Test
    void isAliveBeforeItIsHealthy() throws Exception {
        int port = FreePorts.next();
        var starting = new GorouterComponent(GorouterConfig.parse(
                "starting.yml",
                RouterUnderTest.yaml(
                        broker.port(),
                        "logging: {level: fatal}",
                        "start_response_delay_interval: 10m",
                        "status: {port: " + port + ", routes: {port: 0}}")));
        var start = Thread.ofPlatform().start(() -> {
            try {
                starting.start();
            } catch (Exception e) {
                return; // closed while starting, as it must be
            }
        });
        try {
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(BlackBox.status(port, "/health"))
                            .startsWith("HTTP/1.1 503 ")
                            .containsIgnoringCase("\r\nCache-Control: private, max-age=0\r\n")
                            .endsWith("\r\n\r\n"));
            assertThat(BlackBox.status(port, ALIVE)).startsWith("HTTP/1.1 200 ").endsWith("ok\n");
        } finally {
            starting.close();
            start.join();
        }
    }

    /** 4.1 */
    @Test
    void hasTheOldPagesOnTheDeprecatedListenerAlone() throws Exception {
        assertThat(BlackBox.status(deprecated.statusPort(), "/healthz")).endsWith("\r\n\r\nok\n");
        assertThat(BlackBox.status(deprecated.statusPort(), "/health")).endsWith("\r\n\r\nok\n");
        assertThat(BlackBox.status(deprecated.statusPort(), ALIVE)).startsWith("HTTP/1.1 401 ");
        for (String path : List.of("/healthz", "/varz", "/routes", "/", "/nothing")) {
            assertThat(BlackBox.status(router.statusPort(), path)).startsWith("HTTP/1.1 404 ");
        }
    }

    /** 4.1 */
    @ParameterizedTest
    @ValueSource(strings = {"/routes", "/", "/nothing"})
    void asksWhoComesToTheRoutesPort(String path) throws Exception {
        assertThat(BlackBox.status(router.routesPort(), path))
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .containsIgnoringCase("\r\nWWW-Authenticate: Basic\r\n")
                .endsWith("\r\n\r\n401 Unauthorized\n");
        assertThat(BlackBox.status(router.routesPort(), path, authorized()))
                .startsWith(path.equals("/routes") ? "HTTP/1.1 200 " : "HTTP/1.1 404 ");
    }

    /** 4.1 */
    @ParameterizedTest
    @CsvSource({
        "Basic, user:wrong",
        "Basic, wrong:secret",
        "Basic, user",
        "Basic, user:secret:",
        "basic, user:secret",
        "BASIC, user:secret",
        "Bearer, user:secret"
    })
    void takesTheExactWordAndOneColon(String scheme, String pair) throws Exception {
        String header = BlackBox.basic(pair).replace("Basic", scheme);

        assertThat(BlackBox.status(router.routesPort(), "/routes", "Authorization: " + header))
                .startsWith("HTTP/1.1 401 ");
    }

    /** 4.1 */
    @Test
    void aPasswordWithAColonLetsNobodyIn() throws Exception {
        assertThat(BlackBox.status(
                        deprecated.routesPort(), "/routes", "Authorization: " + BlackBox.basic("user:se:cret")))
                .startsWith("HTTP/1.1 401 ");
    }

    /** 4.1 */
    @Test
    void jsonIsOneLineOnAConnectionThatEnds() throws Exception {
        try (var client = new RawClient(router.routesPort())) {
            client.send("GET /routes HTTP/1.1\r\nHost: x\r\n" + authorized() + "\r\n\r\n");

            assertThat(client.readAll())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsIgnoringCase("\r\nContent-Type: application/json\r\n")
                    .containsIgnoringCase("\r\nConnection: close\r\n")
                    .endsWith("}\n");
        }
    }

    /** 4.1 */
    @Test
    void givesMetricsToWhoeverAsksOnLoopback() throws Exception {
        assertThat(BlackBox.status(router.prometheusPort(), "/metrics"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .containsIgnoringCase("\r\nContent-Type: text/plain; version=0.0.4");
        assertThat(BlackBox.status(router.prometheusPort(), "/")).startsWith("HTTP/1.1 404 ");
    }

    // ---- 4.2 varz ----

    /** 4.2 */
    @Test
    void varzHasItsKeysSorted() throws Exception {
        deprecated.register("\"host\":\"127.0.0.1\",\"port\":" + backend.port()
                + ",\"uris\":[\"varz.test\"],\"tags\":{\"component\":\"web\"}");
        deprecated.get("varz.test", "/");

        JsonNode page = Json.tree(body(BlackBox.status(deprecated.statusPort(), "/varz", authorized())));

        assertThat(page.propertyNames())
                .containsExactly(
                        "bad_gateways",
                        "bad_requests",
                        "cpu",
                        "credentials",
                        "droplets",
                        "host",
                        "index",
                        "latency",
                        "log_counts",
                        "mem",
                        "ms_since_last_registry_update",
                        "num_cores",
                        "rate",
                        "requests",
                        "requests_per_sec",
                        "responses_2xx",
                        "responses_3xx",
                        "responses_4xx",
                        "responses_5xx",
                        "responses_xxx",
                        "start",
                        "tags",
                        "top10_app_requests",
                        "type",
                        "uptime",
                        "urls",
                        "uuid");
        assertThat(page.path("type").asString()).isEqualTo("Router");
        assertThat(page.path("index").asInt()).isEqualTo(4);
        assertThat(page.path("host").asString()).endsWith(":" + deprecated.statusPort());
        assertThat(page.path("credentials").toString()).isEqualTo("[\"user\",\"secret\"]");
        assertThat(page.path("uuid").asString()).startsWith("4-").hasSize(38);
        assertThat(page.path("start").asString()).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}");
        assertThat(page.path("uptime").asString()).matches("\\d+d:\\d+h:\\d+m:\\d+s");
        assertThat(page.path("log_counts").toString()).isEqualTo("{}");
        assertThat(page.path("latency").propertyNames())
                .containsExactly("50", "75", "90", "95", "99", "samples", "value");
        assertThat(page.path("rate")).hasSize(3);
        assertThat(page.path("urls").asInt()).isPositive();
        assertThat(page.path("responses_2xx").asInt()).isPositive();
        assertThat(page.path("tags").path("component").path("web").propertyNames())
                .containsExactly(
                        "latency",
                        "rate",
                        "requests",
                        "responses_2xx",
                        "responses_3xx",
                        "responses_4xx",
                        "responses_5xx",
                        "responses_xxx");
    }

    // ---- 4.3 routes ----

    /** 4.3 */
    @Test
    void routesAreSortedAndEmptyWithoutAny() throws Exception {
        try (var none = Broker.EMBEDDED.start();
                var fresh = BlackBox.start(
                        none,
                        folder,
                        "logging: {level: fatal}",
                        "empty_pool_response_code_503: true",
                        "empty_pool_timeout: 60s")) {
            assertThat(body(BlackBox.status(fresh.routesPort(), "/routes", authorized())))
                    .isEqualTo("{}\n");

            fresh.bus()
                    .publish(
                            "router.register",
                            ("{\"host\":\"192.168.1.1\",\"port\":1234,\"uris\":[\"foo\",\"bar\"],\"protocol\":\"http2\","
                                            + "\"stale_threshold_in_seconds\":-1,"
                                            + "\"route_service_url\":\"https://my-routeService.com\"}")
                                    .getBytes(StandardCharsets.UTF_8));
            fresh.bus()
                    .publish(
                            "router.unregister",
                            "{\"host\":\"192.168.1.1\",\"port\":1234,\"uris\":[\"bar\"]}"
                                    .getBytes(StandardCharsets.UTF_8));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(body(BlackBox.status(fresh.routesPort(), "/routes", authorized())))
                                    .isEqualTo(
                                            "{\"bar\":[],\"foo\":[{\"address\":\"192.168.1.1:1234\",\"availability_zone\":\"\","
                                                    + "\"protocol\":\"http2\",\"tls\":false,\"ttl\":-1,"
                                                    + "\"route_service_url\":\"https://my-routeService.com\",\"tags\":null}]}\n"));
        }
    }

    // ---- 4.4 access log ----

    private static String line(Path file, String containing) {
        return await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> Files.readAllLines(file).stream()
                                .filter(line -> line.contains(containing))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** 4.4 */
    @Test
    void aLineHasItsFieldsInOrderAndExtraHeadersBehind() throws Exception {
        router.register("\"host\":\"127.0.0.1\",\"port\":" + backend.port() + ",\"uris\":[\"line.test\"],\"app\":\""
                + APP + "\",\"private_instance_id\":\"inst\",\"private_instance_index\":\"2\"");

        router.get(
                "line.test",
                "/path",
                "User-Agent: say \"hi\"\tnow",
                "Referer: http://elsewhere.test/",
                "X-Forwarded-For: 1.2.3.4",
                "X-One: a \"b\"",
                "Accept: text/html");

        assertThat(line(accessLog, "/path HTTP/1.1"))
                .matches(
                        "line\\.test - \\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z] \"GET /path HTTP/1\\.1\" 200 0 5"
                                + " \"http://elsewhere\\.test/\" \"say \\\\\"hi\\\\\"\\\\tnow\" \"127\\.0\\.0\\.1:\\d+\" \"127\\.0\\.0\\.1:"
                                + backend.port()
                                + "\" x_forwarded_for:\"1\\.2\\.3\\.4, 127\\.0\\.0\\.1\" x_forwarded_proto:\"http\""
                                + " vcap_request_id:\"[0-9a-f-]{36}\" response_time:\\d\\.\\d{6} gorouter_time:\\d\\.\\d{6}"
                                + " app_id:\"" + APP + "\" app_index:\"2\" instance_id:\"inst\" x_cf_routererror:\"-\""
                                + " x_one:\"a \\\\\"b\\\\\"\" x_two_words:\"-\" accept:\"text/html\"");
    }

    /** 4.4 */
    @Test
    void aRequestWithoutABackendHasDashesAndNoTimeOfTheRouter() throws Exception {
        router.get("nowhere.test", "/dashes");

        assertThat(line(accessLog, "/dashes"))
                .contains(
                        " 404 0 ",
                        " \"-\" \"-\" \"127.0.0.1:",
                        "\" \"-\" x_forwarded_for:\"-\" x_forwarded_proto:\"-\"")
                .contains(" gorouter_time:0.000000 app_id:\"-\" app_index:\"-\" instance_id:\"-\""
                        + " x_cf_routererror:\"unknown_route\"");
    }

    /** 1.9 logging.redact_query_params */
    @Test
    void hidesQueriesOfGetAsTold() throws Exception {
        router.get("nowhere.test", "/hashed?secret=1");
        deprecated.get("nowhere.test", "/dropped?secret=1");
        try (var client = new RawClient(router.port())) {
            client.send("POST /posted?secret=2 HTTP/1.1\r\nHost: nowhere.test\r\nContent-Length: 0\r\n\r\n");
            client.readResponse();
        }

        assertThat(line(accessLog, "/hashed"))
                .contains("\"GET /hashed?hash=ed5a1ba2f5b21b9ccf19f0fb8fdd13c9b0d2ed4f HTTP/1.1\""
                        .replaceAll("hash=\\w+", "hash=" + sha1("secret=1")));
        assertThat(line(accessLog, "/posted")).contains("\"POST /posted?secret=2 HTTP/1.1\"");
        assertThat(line(folder.resolve("private.log"), "/dropped")).contains("\"GET /dropped HTTP/1.1\"");
    }

    private static String sha1(String text) throws Exception {
        return java.util.HexFormat.of()
                .formatHex(
                        java.security.MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** 1.9 disable_log_forwarded_for, disable_log_source_ip; 6 gdpr_test */
    @Test
    void saysNothingOfWhoAskedWhenToldSo() throws Exception {
        deprecated.register("\"host\":\"127.0.0.1\",\"port\":" + backend.port() + ",\"uris\":[\"private.test\"]");

        deprecated.get("private.test", "/who", "X-Forwarded-For: 192.0.2.77");

        assertThat(line(folder.resolve("private.log"), "/who"))
                .contains(" \"-\" \"127.0.0.1:" + backend.port() + "\" x_forwarded_for:\"-\" ")
                .doesNotContain("192.0.2.77");
    }

    /** 1.9 access_log.file */
    @Test
    void appendsToAFileThatOthersMayRead() throws Exception {
        Path old = Files.writeString(folder.resolve("old.log"), "an old line\n");
        try (var appending =
                BlackBox.start(broker, folder, "logging: {level: fatal}", RouterUnderTest.accessLog(old))) {
            appending.get("nowhere.test", "/appended");
            line(old, "/appended");
        }

        assertThat(Files.readAllLines(old)).startsWith("an old line").hasSize(2);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(accessLog)))
                .startsWith("rw-");
    }

    /** 4.4 */
    @Test
    void doesNotLogWhatIsNoRequest() throws Exception {
        List<String> requests = new ArrayList<>(List.of(
                "GET / HTTP/1.1\r\n\r\n",
                "nonsense\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: unlogged.test\r\nConnection: close\r\n\r\n"));
        for (String request : requests) {
            try (var client = new RawClient(router.port())) {
                client.send(request);
                client.readHead();
            }
        }
        router.get("nowhere.test", "/after-those");
        line(accessLog, "/after-those");

        assertThat(Files.readString(accessLog)).doesNotContain("nonsense", "OPTIONS", "unlogged.test");
    }
}
