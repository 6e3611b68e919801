package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadersTest {
    @TempDir
    private static Path folder;

    private static RouterUnderTest router;

    @BeforeAll
    static void start() throws Exception {
        Path template = Files.writeString(
                folder.resolve("error.html"),
                "<b>{{ .Status }} {{ .StatusText }}</b>{{ if eq (.Header.Get \"X-Cf-RouterError\") \"unknown_route\" }}"
                        + "<i>{{ .Message }}</i>{{ else }}other{{ end }}");
        router = RouterUnderTest.start(
                "logging: {level: fatal}",
                "html_error_template_file: " + template,
                "tracing: {enable_zipkin: true, enable_w3c: true, w3c_tenant_id: t}",
                "trace_key: \"22\"",
                "hop_by_hop_headers_to_filter: [X-Kept]",
                "http_rewrite: {responses: {remove_headers: [{name: x-secret}],"
                        + " add_headers_if_not_present: [{name: x-frame, value: deny}]}}");
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    private String exchange(String host, String... lines) throws Exception {
        try (RawClient client = router.client()) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n"
                    + String.join(
                            "",
                            List.of(lines).stream().map(line -> line + "\r\n").toList()) + "\r\n");
            return client.readResponse();
        }
    }

    private static String group(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern + " in " + text).isTrue();
        return matcher.group(1);
    }

    @Test
    void rewritesResponses() throws Exception {
        try (var backend = RawBackend.answering("HTTP/1.1 200 OK\r\n"
                + "X-Secret: 1\r\n"
                + "Keep-Alive: 5\r\n"
                + "X-Hop: a\r\n"
                + "Connection: x-hop\r\n"
                + "X-Cf-Proxy-Signature: s\r\n"
                + "Content-Length: 0\r\n\r\n")) {
            router.register(backend.port(), "rewrite.test");

            assertThat(exchange("rewrite.test"))
                    .doesNotContain("X-Secret", "X-Hop", "Keep-Alive", "Signature", "Connection")
                    .contains("\r\nX-Frame: deny\r\n");
        }
    }

    @Test
    void stripsWhatIsForOneHopButNotWhatIsProtected() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "hop.test");

            exchange(
                    "hop.test",
                    "Connection: x-own, x-kept, content-length",
                    "X-Own: 1",
                    "X-Kept: 2",
                    "Te: trailers, deflate",
                    "Proxy-Authorization: p",
                    "Content-Length: 0");

            assertThat(backend.lastRequest())
                    .contains("\r\nX-Kept: 2\r\n", "\r\nTe: trailers\r\n", "\r\nContent-Length: 0\r\n")
                    .doesNotContain("X-Own", "Proxy-Authorization", "deflate");
        }
    }

    @Test
    void beginsATraceWhoseIdIsTheRequests() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "trace.test");

            exchange("trace.test");

            String id =
                    group("X-Vcap-Request-Id: (\\S+)", backend.lastRequest()).replace("-", "");
            assertThat(group("X-B3-Traceid: (\\S+)", backend.lastRequest())).isEqualTo(id);
            assertThat(group("X-B3-Spanid: (\\S+)", backend.lastRequest())).isEqualTo(id.substring(16));
            assertThat(group("\r\nB3: (\\S+)", backend.lastRequest())).isEqualTo(id + "-" + id.substring(16));
            assertThat(group("Traceparent: (\\S+)", backend.lastRequest()))
                    .isEqualTo("00-" + id + "-" + id.substring(16) + "-01");
            assertThat(group("Tracestate: (\\S+)", backend.lastRequest())).isEqualTo("t@gorouter=" + id.substring(16));
        }
    }

    @Test
    void goesOnWithATraceThatCameIn() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "traced.test");
            String trace = "0af7651916cd43dd8448eb211c80319c";

            exchange(
                    "traced.test",
                    "b3: " + trace + "-b7ad6b7169203331-1",
                    "traceparent: cc-" + trace + "-b7ad6b7169203331-00",
                    "tracestate: a=1,t@gorouter=old,b=2");

            assertThat(backend.lastRequest())
                    .contains("\r\nB3: " + trace + "-b7ad6b7169203331-1\r\n")
                    .contains("\r\nX-Vcap-Request-Id: 0af76519-16cd-43dd-8448-eb211c80319c\r\n")
                    .containsPattern("Traceparent: 00-" + trace + "-[0-9a-f]{16}-00\r\n")
                    .containsPattern("Tracestate: t@gorouter=[0-9a-f]{16},a=1,b=2\r\n");
        }
    }

    @Test
    void showsItsWayToThoseWhoKnowTheKey() throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok(""))) {
            router.register(backend.port(), "way.test");

            assertThat(exchange("way.test", "X-Vcap-Trace: 22"))
                    .contains("\r\nX-Vcap-Router: ")
                    .contains("\r\nX-Vcap-Backend: 127.0.0.1:" + backend.port() + "\r\n")
                    .contains("\r\nX-Cf-Routeendpoint: 127.0.0.1:" + backend.port() + "\r\n");
            assertThat(exchange("way.test", "X-Vcap-Trace: 23")).doesNotContain("X-Vcap-Router");
        }
    }

    @Test
    void dressesErrorsInTheOperatorsTemplate() throws Exception {
        assertThat(exchange("a'b.test"))
                .contains("\r\nContent-Type: text/html; charset=utf-8\r\n", "\r\nX-Frame: deny\r\n")
                .endsWith("\r\n\r\n"
                        + "<b>404 Not Found</b><i>404 Not Found: Requested route (&#39;a&#39;b.test&#39;) does not"
                        + " exist.</i>");
    }

    @Test
    void tiesAClientToItsInstance() throws Exception {
        try (var a = RawBackend.answering("HTTP/1.1 200 OK\r\n"
                        + "Set-Cookie: JSESSIONID=x; Max-Age=5; Secure; SameSite=Lax; Partitioned\r\n"
                        + "Content-Length: 1\r\n\r\n"
                        + "a");
                var b = RawBackend.answering(RawBackend.ok("b"))) {
            router.register(instance(a, "id-a", "/ctx"));
            String first;
            try (RawClient client = router.client()) {
                client.send("GET /ctx/x HTTP/1.1\r\nHost: sticky.test\r\n\r\n");
                first = client.readResponse();
            }
            assertThat(first)
                    .contains("\r\n"
                            + "Set-Cookie: __VCAP_ID__=id-a; Path=/ctx; HttpOnly; Secure; SameSite=Lax;"
                            + " Partitioned\r\n");
            router.register(instance(b, "id-b", "/ctx"));
            for (int i = 0; i < 6; i++) {
                try (RawClient client = router.client()) {
                    client.send(
                            "GET /ctx HTTP/1.1\r\nHost: sticky.test\r\nCookie: JSESSIONID=x; __VCAP_ID__=id-b\r\n\r\n");
                    assertThat(client.readResponse()).endsWith("b").doesNotContain("Set-Cookie");
                }
            }
            router.unregister(b.port(), "sticky.test/ctx");
            try (RawClient client = router.client()) {
                client.send("GET /ctx HTTP/1.1\r\nHost: sticky.test\r\nCookie: JSESSIONID=x; __VCAP_ID__=id-b\r\n\r\n");
                assertThat(client.readResponse()).endsWith("a").contains("__VCAP_ID__=id-a");
            }
        }
    }

    private static RegistryMessage instance(RawBackend backend, String id, String path) {
        return RegistryMessage.builder("127.0.0.1", List.of("sticky.test" + path))
                .port(backend.port())
                .privateInstanceId(id)
                .build();
    }

    @Test
    void choosesTheInstanceThatAClientNames() throws Exception {
        String app = "0123abcd-0000-1111-2222-0123456789ab";
        try (var one = RawBackend.answering(RawBackend.ok("1"))) {
            router.register(RegistryMessage.builder("127.0.0.1", List.of("choice.test"))
                    .port(one.port())
                    .app(app)
                    .privateInstanceIndex("1")
                    .build());

            assertThat(exchange("choice.test", "X-CF-APP-INSTANCE: " + app + ":1"))
                    .startsWith("HTTP/1.1 200");
            assertThat(one.lastRequest()).doesNotContain("X-Cf-App-Instance");
            assertThat(exchange("choice.test", "X-CF-APP-INSTANCE: " + app + ":2"))
                    .startsWith("HTTP/1.1 400")
                    .contains("unknown_route");
            assertThat(exchange("choice.test", "X-CF-APP-INSTANCE: nonsense"))
                    .startsWith("HTTP/1.1 400")
                    .contains("invalid_cf_app_instance_header");
        }
    }
}
