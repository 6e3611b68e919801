package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the original does to a request on its way, fact by fact and byte by byte, in the order of its pipeline: request id,
 * lookup, limits, forwarded headers, the head for the backend, sticky sessions, failures, the response. Driven over NATS and
 * HTTP only. What needs a set-up of its own is tested elsewhere: TLS, route services, HTTP/2, logs, metrics.
 */
@Timeout(120)
class RequestContractTest {
    private static final String APP = "0123abcd-0000-1111-2222-0123456789ab";
    private static final String UUID_4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    private static RouterUnderTest router;
    private static RouterUnderTest strict;

    @BeforeAll
    static void start() throws Exception {
        router = RouterUnderTest.start("logging: {level: fatal}");
        strict = RouterUnderTest.on(
                router.nats,
                RouterUnderTest.yaml(router.nats.port(), "logging: {level: fatal}")
                                .replace("backends: {max_attempts: 3}", "backends: {max_attempts: 3, max_conns: 1}")
                        + "\n"
                        + String.join(
                                "\n",
                                "max_request_header_bytes: 1000",
                                "max_request_headers: 12",
                                "max_response_header_bytes: 200",
                                "sanitize_forwarded_proto: true",
                                "sticky_sessions_for_auth_negotiate: true",
                                "secure_cookies: true",
                                "keep_alive_100_continue_requests: true",
                                "empty_pool_response_code_503: true",
                                "empty_pool_timeout: 60s"));
    }

    @AfterAll
    static void stop() {
        strict.router.close();
        strict.bus.close();
        router.close();
    }

    private static String send(RouterUnderTest to, String request) throws Exception {
        try (RawClient client = to.client()) {
            client.send(request);
            return client.readResponse();
        }
    }

    private static String get(RouterUnderTest from, String host, String... lines) throws Exception {
        return send(from, "GET / HTTP/1.1\r\nHost: " + host + "\r\n" + lines(lines) + "\r\n");
    }

    private static String lines(String... lines) {
        return String.join(
                "", List.of(lines).stream().map(line -> line + "\r\n").toList());
    }

    private static String value(String name, String head) {
        Matcher matcher = Pattern.compile("\r\n" + name + ": (.*)\r\n").matcher(head);
        assertThat(matcher.find()).as(name + " in " + head).isTrue();
        return matcher.group(1);
    }

    private static RegistryMessage.Builder at(RawBackend backend, String uri) {
        return RegistryMessage.builder("127.0.0.1", List.of(uri)).port(backend.port());
    }

    // ---- request id ----

    @Test
    void everyRequestHasAnIdOfItsOwnThatTheResponseShows() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "id.test");

            String response = get(router, "id.test", "X-Vcap-Request-Id: chosen-by-the-client");

            String id = value("X-Vcap-Request-Id", backend.lastRequest());
            assertThat(id).matches(UUID_4);
            assertThat(value("X-Vcap-Request-Id", response)).isEqualTo(id);
            assertThat(get(router, "nowhere.test")).doesNotContain("X-Vcap-Request-Id");
        }
    }

    @Test
    void leavesARequestIdOfTheBackendsOwn() throws Exception {
        try (var backend =
                RawBackend.answering("HTTP/1.1 200 OK\r\nX-Vcap-Request-Id: own\r\nContent-Length: 0\r\n\r\n")) {
            router.register(backend.port(), "own-id.test");

            assertThat(value("X-Vcap-Request-Id", get(router, "own-id.test"))).isEqualTo("own");
        }
    }

    // ---- protocol and lookup ----

    @Test
    void refusesAVersionItDoesNotSpeak() throws Exception {
        try (RawClient client = router.client()) {
            client.send("GET / HTTP/1.5\r\nHost: a.test\r\n\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.0 400 Bad Request\r\n\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.1:8080", ""})
    void refusesRequestsThatNameNoHost(String host) throws Exception {
        assertThat(get(router, host))
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("\r\nX-Cf-Routererror: empty_host\r\n", "\r\nCache-Control: public,max-age=2\r\n")
                .endsWith("400 Bad Request: Request had empty Host header\n");
    }

    @Test
    void knowsNoRoute() throws Exception {
        assertThat(get(router, "Unknown.test:8080"))
                .startsWith("HTTP/1.1 404 Not Found\r\n")
                .contains(
                        "\r\nX-Cf-Routererror: unknown_route\r\n",
                        "\r\nCache-Control: no-cache, no-store\r\n",
                        "\r\nX-Content-Type-Options: nosniff\r\n",
                        "\r\nContent-Type: text/plain; charset=utf-8\r\n")
                .endsWith("404 Not Found: Requested route ('Unknown.test:8080') does not exist.\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            X-CF-APP-INSTANCE: %1$s:7                                   | Requested instance ('7') with guid ('%1$s') does not exist for route ('inst.test')
            X-CF-PROCESS-INSTANCE: %1$s:7                               | Requested instance ('7') with process guid ('%1$s') does not exist for route ('inst.test')
            X-CF-PROCESS-INSTANCE: 0123abcd-0000-1111-2222-0000000000ff | Requested instance with process guid ('0123abcd-0000-1111-2222-0000000000ff') does not exist for route ('inst.test')
            """)
    void saysWhichInstanceIsNotThere(String line, String message) throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(instance(backend, 0));

            assertThat(get(router, "inst.test", line.formatted(APP)))
                    .startsWith("HTTP/1.1 400 Bad Request\r\n")
                    .contains("\r\nX-Cf-Routererror: unknown_route\r\n")
                    .endsWith("400 Bad Request: " + message.formatted(APP) + "\n");
        }
    }

    private static RegistryMessage instance(RawBackend backend, int index) {
        return at(backend, "inst.test")
                .app(APP)
                .privateInstanceIndex(Integer.toString(index))
                .tags(Map.of("process_id", APP))
                .build();
    }

    @Test
    void findsTheInstanceOfAProcessByItsIndexOrAnyWithoutOne() throws Exception {
        try (var zero = RawBackend.answering(RawBackend.ok("0"));
                var one = RawBackend.answering(RawBackend.ok("1"))) {
            router.register(instance(zero, 0));
            router.register(instance(one, 1));

            assertThat(get(router, "inst.test", "X-CF-PROCESS-INSTANCE: " + APP + ":1"))
                    .endsWith("\r\n\r\n1");
            assertThat(one.lastRequest()).contains("\r\nX-Cf-Process-Instance: " + APP + ":1\r\n");
            assertThat(get(router, "inst.test", "X-CF-PROCESS-INSTANCE: " + APP))
                    .startsWith("HTTP/1.1 200");
            assertThat(get(
                            router,
                            "inst.test",
                            "X-CF-PROCESS-INSTANCE: " + APP + ":1",
                            "X-CF-APP-INSTANCE: " + APP + ":0"))
                    .endsWith("\r\n\r\n0");
            assertThat(get(router, "inst.test", "X-CF-PROCESS-INSTANCE: nonsense"))
                    .startsWith("HTTP/1.1 400")
                    .contains(
                            "\r\nX-Cf-Routererror: invalid_cf_process_instance_header\r\n",
                            "\r\nCache-Control: no-cache, no-store\r\n")
                    .endsWith("400 Bad Request: Invalid X-CF-Process-Instance Header\n");
        }
    }

    @Test
    void refusesMoreThanAnEndpointMayHave() throws Exception {
        var arrived = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var backend = RawBackend.serving((_, connection) -> {
                    arrived.countDown();
                    goOn.await();
                    connection.send(RawBackend.ok(""));
                });
                RawClient first = strict.client()) {
            strict.register(backend.port(), "full.test");
            first.send("GET / HTTP/1.1\r\nHost: full.test\r\n\r\n");
            arrived.await();

            String second = get(strict, "full.test");

            goOn.countDown();
            assertThat(second)
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                    .contains("\r\nX-Cf-Routererror: Connection Limit Reached\r\n")
                    .endsWith(
                            "503 Service Unavailable: Requested route ('full.test') has reached the connection limit.\n");
            assertThat(first.readResponse()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void tellsARouteWithoutEndpointsFromNoRoute() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            strict.register(backend.port(), "empty.test");
            strict.unregister(backend.port(), "empty.test");

            assertThat(get(strict, "empty.test"))
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                    .contains("\r\nX-Cf-Routererror: no_endpoints\r\n", "\r\nCache-Control: public,max-age=2\r\n")
                    .endsWith("503 Service Unavailable: Requested route ('empty.test') has no available endpoints.\n");
        }
    }

    // ---- limits and forwarded headers ----

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "lines"})
    void refusesHeadsThatAreTooLarge(String what) throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            strict.register(backend.port(), "large.test");
            String[] extra = what.equals("bytes")
                    ? new String[] {"X-Large: " + "x".repeat(1000)}
                    : "A: 1,B: 1,C: 1,D: 1,E: 1,F: 1,G: 1,H: 1,I: 1,J: 1,K: 1,L: 1,M: 1".split(",", -1);

            assertThat(get(strict, "large.test", extra))
                    .startsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n")
                    .contains("\r\nX-Cf-Routererror: max-request-size-exceeded\r\n")
                    .endsWith("\r\n\r\n");
            assertThat(backend.requests()).isEmpty();
        }
    }

    @Test
    void keepsOrSetsTheForwardedProtocol() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "proto.test");
            strict.register(backend.port(), "proto.test");

            get(router, "proto.test");
            assertThat(value("X-Forwarded-Proto", backend.lastRequest())).isEqualTo("http");
            get(router, "proto.test", "X-Forwarded-Proto: potato");
            assertThat(value("X-Forwarded-Proto", backend.lastRequest())).isEqualTo("potato");
            get(strict, "proto.test", "X-Forwarded-Proto: https");
            assertThat(value("X-Forwarded-Proto", backend.lastRequest())).isEqualTo("http");
        }
    }

    @Test
    void joinsWhomTheRequestCameFrom() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "from.test");

            get(router, "from.test");
            assertThat(value("X-Forwarded-For", backend.lastRequest())).isEqualTo("127.0.0.1");
            get(router, "from.test", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8", "Forwarded: for=x");
            assertThat(value("X-Forwarded-For", backend.lastRequest())).isEqualTo("1.2.3.4, 5.6.7.8, 127.0.0.1");
            assertThat(value("Forwarded", backend.lastRequest())).isEqualTo("for=x");
        }
    }

    // ---- the request for the backend ----

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/a/../b//c", "/%2f%41?", "/x?a=%20&b=+;c", "http://target.test/absolute?x", "/%C3%A9"})
    void passesTheTargetOnByteForByte(String target) throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "target.test");

            send(router, "GET " + target + " HTTP/1.1\r\nHost: target.test\r\n\r\n");

            assertThat(backend.lastRequest()).startsWith("GET " + target + " HTTP/1.1\r\n");
        }
    }

    @Test
    void saysWhichInstanceItIsForAndInventsNothing() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(
                    at(backend, "named.test").app(APP).privateInstanceIndex("3").build());

            get(router, "NAMED.test:81", "X-Cf-Applicationid: forged");

            assertThat(value("Host", backend.lastRequest())).isEqualTo("NAMED.test:81");
            assertThat(value("X-Cf-Applicationid", backend.lastRequest())).isEqualTo(APP);
            assertThat(value("X-Cf-Instanceindex", backend.lastRequest())).isEqualTo("3");
            assertThat(value("X-Cf-Instanceid", backend.lastRequest())).isEqualTo("127.0.0.1:" + backend.port());
            assertThat(value("X-Request-Start", backend.lastRequest())).matches("\\d{13}");
            assertThat(backend.lastRequest())
                    .doesNotContain("User-Agent", "Accept-Encoding", "X-Forwarded-Host", "forged", "Connection:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", ""})
    void leavesTheTimeAtWhichSomebodyElseSawTheRequest(String start) throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "start.test");

            get(router, "start.test", "X-Request-Start: " + start);

            assertThat(value("X-Request-Start", backend.lastRequest())).isEqualTo(start);
        }
    }

    @Test
    void usesAConnectionOnceForAnExpectedBodyUnlessTold() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "expect.test");
            strict.register(backend.port(), "expect.test");
            String request =
                    "POST / HTTP/1.1\r\nHost: expect.test\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx";

            try (RawClient client = router.client()) {
                client.send(request);
                client.readHead();
            }
            assertThat(backend.lastRequest()).contains("\r\nConnection: close\r\n");
            try (RawClient client = strict.client()) {
                client.send(request);
                client.readHead();
            }
            assertThat(backend.lastRequest()).doesNotContain("Connection:");
        }
    }

    // ---- sticky sessions ----

    @Test
    void deletesItsCookieWithTheSession() throws Exception {
        try (var backend = RawBackend.answering(
                "HTTP/1.1 200 OK\r\nSet-Cookie: JSESSIONID=x; Max-Age=0\r\nContent-Length: 0\r\n\r\n")) {
            strict.register(at(backend, "delete.test").privateInstanceId("gone").build());

            assertThat(get(strict, "delete.test"))
                    .contains("\r\nSet-Cookie: __VCAP_ID__=gone; Path=/; Max-Age=0; HttpOnly; Secure\r\n");
        }
    }

    @Test
    void tiesANegotiationToItsInstanceAndToNoOther() throws Exception {
        try (var backend = RawBackend.answering(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate abc\r\nContent-Length: 0\r\n\r\n")) {
            strict.register(at(backend, "nego.test").privateInstanceId("n1").build());

            assertThat(get(strict, "nego.test"))
                    .contains("\r\nSet-Cookie: __VCAP_ID__=n1; Path=/; Max-Age=60; HttpOnly; Secure;"
                            + " SameSite=Strict\r\n");
            assertThat(get(strict, "nego.test", "Authorization: negotiate xyz", "Cookie: __VCAP_ID__=n1"))
                    .startsWith("HTTP/1.1 401");
            assertThat(get(strict, "nego.test", "Authorization: negotiate xyz", "Cookie: __VCAP_ID__=n2"))
                    .startsWith("HTTP/1.1 502")
                    .contains("\r\nX-Cf-Routererror: endpoint_failure (No endpoints available)\r\n");
        }
    }

    // ---- failures ----

    @Test
    void namesWhatWentWrongAtTheBackend() throws Exception {
        try (var closing = new RawBackend(connection -> {
                    connection.readHead();
                    connection.read(1);
                });
                var chatty = RawBackend.answering(
                        "HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(300) + "\r\nContent-Length: 0\r\n\r\n")) {
            strict.register(closing.port(), "closing.test");
            strict.register(chatty.port(), "chatty.test");

            assertThat(send(strict, "POST / HTTP/1.1\r\nHost: closing.test\r\nContent-Length: 1\r\n\r\nx"))
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains("\r\nX-Cf-Routererror: endpoint_failure (EOF)\r\n")
                    .endsWith("\r\n\r\n502 Bad Gateway: Registered endpoint failed to handle the request.\n");
            assertThat(get(strict, "chatty.test"))
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains(
                            "endpoint_failure (net/http: HTTP/1.x transport connection broken: net/http: server response"
                                    + " headers exceeded 200 bytes; aborted)");
        }
    }

    // ---- the response ----

    @Test
    void addsToAResponseWhatItLacksAndNothingElse() throws Exception {
        try (var backend = RawBackend.answering("HTTP/1.1 203 Own Words\r\nContent-Length: 2\r\n\r\nhi")) {
            router.register(backend.port(), "bare.test");

            assertThat(get(router, "bare.test"))
                    .startsWith("HTTP/1.1 203 ")
                    .containsPattern("\r\nDate: \\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n")
                    .doesNotContain("Content-Type", "Server:", "X-Vcap-Router")
                    .endsWith("\r\n\r\nhi");
        }
    }

    @Test
    void passesInterimResponsesOn() throws Exception {
        try (var backend = RawBackend.answering(
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            router.register(backend.port(), "hints.test");

            try (RawClient client = router.client()) {
                client.send("GET / HTTP/1.1\r\nHost: hints.test\r\n\r\n");
                assertThat(client.readHead()).startsWith("HTTP/1.1 103 ").contains("\r\nLink: </a>\r\n");
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void abortsAResponseThatBreaksOff() throws Exception {
        try (var backend = new RawBackend(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        })) {
            router.register(backend.port(), "broken.test");

            try (RawClient client = router.client()) {
                client.send("GET / HTTP/1.1\r\nHost: broken.test\r\n\r\n");
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                assertThat(client.readAll()).isEqualTo("half");
            }
        }
    }
}
