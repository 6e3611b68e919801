package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.cupola.gorouter.proxy.Counter;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.RegistryMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RouteServicesTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());

    private static RouterUnderTest router;

    @BeforeAll
    static void start() throws Exception {
        router = RouterUnderTest.start(
                "logging: {level: fatal}",
                "route_services_secret: secret",
                "route_services_hairpinning: true",
                "route_services: {max_attempts: 2, strict_signature_validation: true}",
                "ca_certs: [\"" + Pem.write(OURS.certificate()).replace("\n", "\\n") + "\"]");
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    /** Listens with TLS and remembers what it is sent. */
    private static final class Service implements AutoCloseable {
        private final RawBackend backend;
        private volatile String head = "";

        private Service() throws Exception {
            TlsIdentity identity = OURS.issue("service", List.of("localhost"), DAY);
            SSLContext context = TlsContexts.jdk(Optional.of(identity), List.of());
            backend = new RawBackend(
                    context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")),
                    connection -> {
                        while (true) {
                            head = connection.readHead();
                            connection.send(
                                    "HTTP/1.1 200 OK\r\nX-Cf-Proxy-Signature: no\r\nContent-Length: 7\r\n\r\nservice");
                        }
                    });
        }

        private String url() {
            return "https://localhost:" + backend.port() + "/filter?a=b";
        }

        private String header(String name) {
            Matcher found = Pattern.compile("\r\n" + name + ": ([^\r]*)\r\n").matcher(head);
            assertThat(found.find()).as(name + " in " + head).isTrue();
            return found.group(1);
        }

        @Override
        public void close() throws IOException {
            backend.close();
        }
    }

    private static String get(String host, String path, String... lines) throws Exception {
        try (RawClient client = router.client()) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                    + String.join("", lines) + "\r\n");
            return client.readAll();
        }
    }

    private static void bind(RawBackend app, String uri, String service) {
        router.register(RegistryMessage.builder("127.0.0.1", List.of(uri))
                .port(app.port())
                .routeServiceUrl(service)
                .privateInstanceId("i")
                .build());
    }

    @Test
    void sendsARequestToItsServiceAndLetsItComeBack() throws Exception {
        try (var service = new Service();
                var app = RawBackend.answering(RawBackend.ok("app"))) {
            bind(app, "bound.test", service.url());

            long before = router.router.count(Counter.SERVICE_RESPONSES_2XX);
            String there = get("bound.test", "/path?q=%20&x");

            assertThat(there).endsWith("service").doesNotContain("Signature");
            assertThat(router.router.count(Counter.SERVICE_RESPONSES_2XX)).isEqualTo(before + 1);
            assertThat(service.head)
                    .startsWith("GET /filter?a=b HTTP/1.1\r\nHost: localhost:" + service.backend.port() + "\r\n");
            assertThat(service.header("X-Cf-Forwarded-Url")).isEqualTo("http://bound.test/path?q=%20&x");
            assertThat(app.requests()).isEmpty();
            String signature = "X-CF-Proxy-Signature: " + service.header("X-Cf-Proxy-Signature") + "\r\n";
            String metadata = "X-CF-Proxy-Metadata: " + service.header("X-Cf-Proxy-Metadata") + "\r\n";
            String url = "X-CF-Forwarded-Url: http://bound.test/path?q=%20&x\r\n";

            String back = get("bound.test", "/path?q=%20&x", signature, metadata, url);

            assertThat(back).endsWith("app");
            assertThat(app.lastRequest()).doesNotContain("X-Cf-Proxy", "X-Cf-Forwarded-Url");
            String damaged = signature.replaceFirst(": .", signature.contains(": A") ? ": B" : ": A");
            assertThat(get("bound.test", "/", damaged, metadata, url))
                    .startsWith("HTTP/1.1 502")
                    .contains("Failed to validate Route Service Signature: ");
            bind(app, "other.test", service.url());
            assertThat(get("other.test", "/", signature, metadata, url))
                    .startsWith("HTTP/1.1 502")
                    .contains("does not match the original request URL bound.test/path");
            router.register(app.port(), "free.test");
            assertThat(get("free.test", "/", "X-CF-Proxy-Signature: nonsense\r\n", metadata))
                    .startsWith("HTTP/1.1 400")
                    .contains("invalid_route_service_signature");
        }
    }

    @Test
    void refusesWebSocketsForBoundRoutes() throws Exception {
        try (var app = RawBackend.answering(RawBackend.ok("app"))) {
            bind(app, "socket.test", "https://localhost:1/");
            try (RawClient client = router.client()) {
                client.send("GET / HTTP/1.1\r\nHost: socket.test\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n");
                assertThat(client.readResponse()).startsWith("HTTP/1.1 503").contains("route_service_unsupported");
            }
        }
    }

    @Test
    void namesTheFailureOfAService() throws Exception {
        try (var app = RawBackend.answering(RawBackend.ok("app"))) {
            bind(app, "down.test", "https://127.0.0.1:1/");

            assertThat(get("down.test", "/"))
                    .startsWith("HTTP/1.1 502")
                    .contains("endpoint_failure (dial tcp 127.0.0.1:1: connect: connection refused)");
        }
    }

    @Test
    void reachesAServiceBehindItselfWithoutLeaving() throws Exception {
        try (var app = RawBackend.answering(RawBackend.ok("app"));
                var inside = RawBackend.answering(RawBackend.ok("inside"))) {
            router.register(inside.port(), "inside.test");
            bind(app, "hairpin.test", "https://inside.test/x");

            assertThat(get("hairpin.test", "/")).endsWith("inside");
            assertThat(inside.lastRequest())
                    .startsWith("GET /x HTTP/1.1\r\nHost: inside.test\r\n")
                    .contains("\r\nX-Cf-Forwarded-Url: http://hairpin.test/\r\n");
        }
    }
}
