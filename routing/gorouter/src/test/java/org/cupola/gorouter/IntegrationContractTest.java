package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
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

/**
 * Section 6 of the contract, the behaviour that the original's integration suite holds it to, as far as no other class does:
 * error pages, rewriting, tracing in HeadersTest and RequestContractTest; start, drain and signals in GorouterProcessTest
 * (module acceptance) and LifecycleTest; privacy and access log in StatusContractTest; certificates in TlsTest; HTTP/2 in
 * Http2Test; the way to a route service and back in RouteServicesTest; the Routing API in RouteFetcherTest; retries,
 * keep-alive and WebSockets to plain backends in ProxyingTest; outages of NATS in LifecycleTest and NatsBusTest.
 */
@Timeout(120)
class IntegrationContractTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());
    private static final TlsIdentity CLIENT = OURS.issue("client", List.of("client.test"), DAY);
    private static final String FORGED = "Zm9yZ2Vk";

    @TempDir
    private static Path folder;

    private static Path accessLog;
    private static Broker.Running broker;

    /** Keeps what clients say of themselves, and connections to backends. */
    private static BlackBox router;

    private static BlackBox forwarding;
    private static BlackBox sanitizing;

    @BeforeAll
    static void start() throws Exception {
        accessLog = folder.resolve("access.log");
        broker = Broker.NATS_SERVER.start();
        router = start(
                "enable_http2: true", "forwarded_client_cert: always_forward", RouterUnderTest.accessLog(accessLog));
        forwarding = start("forwarded_client_cert: forward", "force_forwarded_proto_https: true", "disable_http: true");
        sanitizing = start(
                "enable_http2: false",
                "forwarded_client_cert: sanitize_set",
                "sanitize_forwarded_proto: true",
                "disable_keep_alives: true");
    }

    private static BlackBox start(String... lines) throws Exception {
        TlsIdentity site = OURS.issue("site", List.of("localhost"), DAY);
        String[] own = {
            "logging: {level: fatal}",
            "max_request_header_bytes: 4096",
            "enable_ssl: true",
            "ssl_port: 0",
            "cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256",
            "client_cert_validation: request",
            "client_ca_certs: " + text(Pem.write(OURS.certificate())),
            "ca_certs: [" + text(Pem.write(OURS.certificate())) + "]",
            "route_services_secret: secret",
            "route_services: {max_attempts: 1}",
            "route_services_hairpinning: true",
            "tls_pem: [{cert_chain: " + text(Pem.write(site.certificate())) + ", private_key: "
                    + text(Pem.write(site.key())) + "}]"
        };
        return BlackBox.start(
                broker,
                folder,
                java.util.stream.Stream.concat(List.of(own).stream(), List.of(lines).stream())
                        .toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        sanitizing.close();
        forwarding.close();
        router.close();
        broker.close();
    }

    private static String text(String pem) {
        return "\"" + pem.replace("\n", "\\n") + "\"";
    }

    private static String plain(RawBackend at, String uri) {
        return "\"host\":\"127.0.0.1\",\"port\":" + at.port() + ",\"uris\":[\"" + uri + "\"]";
    }

    private static String tls(RawBackend at, String uri) {
        return "\"host\":\"127.0.0.1\",\"tls_port\":" + at.port() + ",\"uris\":[\"" + uri
                + "\"],\"server_cert_domain_san\":\"instance\"";
    }

    private static RawBackend tlsBackend(RawBackend.Script script) throws Exception {
        SSLContext context = TlsContexts.jdk(Optional.of(OURS.issue("app", List.of("instance"), DAY)), List.of());
        return new RawBackend(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), script);
    }

    private static RawClient secure(BlackBox to, Optional<TlsIdentity> identity, String... protocols)
            throws IOException {
        SSLContext context = TlsContexts.jdk(identity, List.of(OURS.certificate()));
        var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", to.tlsPort());
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new RawClient(socket);
    }

    private static BlackBox of(String name) {
        return switch (name) {
            case "always_forward" -> router;
            case "forward" -> forwarding;
            default -> sanitizing;
        };
    }

    // ---- xfcc_integration_test, x_forwarded_proto_integration_test: who asks, and what the app is told ----

    /** 3.6 steps 17 and 19; an empty column stands for no header */
    @ParameterizedTest
    @CsvSource({
        // mode, client, header, XFCC at the app, X-Forwarded-Proto sent, at the app
        "always_forward, http,  forged, forged, '',    http",
        "always_forward, http,  '',     '',     https, https",
        "always_forward, https, forged, forged, '',    https",
        "always_forward, mtls,  forged, forged, http,  http",
        "always_forward, mtls,  '',     '',     '',    https",
        "forward,        https, forged, '',     http,  https",
        "forward,        https, '',     '',     '',    https",
        "forward,        mtls,  forged, forged, http,  https",
        "forward,        mtls,  '',     '',     '',    https",
        "sanitize_set,   http,  forged, '',     https, http",
        "sanitize_set,   https, forged, '',     http,  https",
        "sanitize_set,   mtls,  forged, own,    '',    https",
        "sanitize_set,   mtls,  '',     own,    http,  https"
    })
    void tellsTheAppWhoCameAndHow(String mode, String client, String sent, String seen, String proto, String protoSeen)
            throws Exception {
        BlackBox to = of(mode);
        try (var backend = RawBackend.answering(RawBackend.ok("x"));
                RawClient connection = client.equals("http")
                        ? new RawClient(to.port())
                        : secure(to, client.equals("mtls") ? Optional.of(CLIENT) : Optional.empty())) {
            to.register(plain(backend, "who.test"));
            connection.send("GET / HTTP/1.1\r\nHost: who.test\r\n"
                    + (sent.isEmpty() ? "" : "X-Forwarded-Client-Cert: " + FORGED + "\r\n")
                    + (proto.isEmpty() ? "" : "X-Forwarded-Proto: " + proto + "\r\n") + "\r\n");
            connection.readResponse();
            to.unregister(plain(backend, "who.test"));

            String head = backend.lastRequest();
            switch (seen) {
                case "" -> assertThat(head).doesNotContain("X-Forwarded-Client-Cert");
                case "own" ->
                    assertThat(head)
                            .contains("\r\nX-Forwarded-Client-Cert: "
                                    + Base64.getEncoder()
                                            .encodeToString(CLIENT.certificate().getEncoded()) + "\r\n");
                default -> assertThat(head).contains("\r\nX-Forwarded-Client-Cert: " + FORGED + "\r\n");
            }
            assertThat(head).contains("\r\nX-Forwarded-Proto: " + protoSeen + "\r\n");
        }
    }

    // ---- main_test: TLS and HTTP/2 ----

    /** main_test: TLS 1.0 and 1.1 are refused, 1.2 is not; by hand, as today's JDK does not offer them any more */
    @ParameterizedTest
    @CsvSource({"0301, false", "0302, false", "0303, true"})
    void refusesOldVersionsOfTls(String version, boolean accepted) throws Exception {
        String extensions = "000a0006000400170018" // P-256 and P-384
                + "000b00020100" // uncompressed points
                + "000d00080006040305030203" // ECDSA signatures
                + "ff01000100";
        String body = version + "11".repeat(32) + "00" // a random number, no session
                + "0006c02bc009c00a" // suites for keys on curves
                + "0100" // no compression
                + length(extensions, 4)
                + extensions;
        String hello = "01" + length(body, 6) + body;
        try (var client = new RawClient(router.tlsPort())) {
            client.send(HexFormat.of().parseHex("16" + "0301" + length(hello, 4) + hello));

            byte[] answer = client.read(7).getBytes(ISO_8859_1);

            if (accepted) {
                assertThat(answer[0]).as("a handshake").isEqualTo((byte) 0x16);
            } else {
                assertThat(answer)
                        .as("alert: protocol version")
                        .startsWith(0x15)
                        .endsWith(0x02, 70);
            }
        }
    }

    private static String length(String hex, int digits) {
        return ("%0" + digits + "x").formatted(hex.length() / 2);
    }

    /** main_test: HTTP/2 */
    @ParameterizedTest
    @CsvSource({"always_forward, h2", "sanitize_set, http/1.1"})
    void negotiatesHttp2UnlessItIsOff(String mode, String protocol) throws Exception {
        try (RawClient client = secure(of(mode), Optional.empty(), "h2", "http/1.1")) {
            assertThat(((SSLSocket) client.socket()).getApplicationProtocol()).isEqualTo(protocol);
        }
        try (RawClient client = secure(of(mode), Optional.empty(), "http/1.1")) {
            client.send("GET / HTTP/1.1\r\nHost: nowhere.test\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 404 ");
        }
    }

    // ---- route_services_test, main_test: route services ----

    /** main_test: an internal route service over HTTPS, with HTTP disabled */
    @Test
    void reachesAnInternalRouteServiceWithoutAPlainListener() throws Exception {
        try (var service = RawBackend.answering(RawBackend.ok("service"));
                var app = RawBackend.answering(RawBackend.ok("app"));
                RawClient client = secure(forwarding, Optional.empty())) {
            forwarding.register(plain(service, "service.test"));
            forwarding.register(plain(app, "bound.test") + ",\"route_service_url\":\"https://service.test/x\"");

            client.send("GET /y?q=%2F HTTP/1.1\r\nHost: bound.test\r\n\r\n");

            assertThat(client.readResponse()).endsWith("service");
            assertThat(forwarding.port()).as("no plain listener").isNegative();
            assertThat(service.lastRequest()).contains("\r\nX-Cf-Forwarded-Url: http://bound.test/y?q=%2F\r\n");
        }
    }

    /** route_services_test: limits of TLS versions hold towards route services */
    @Test
    void doesNotSpeakNewerTlsToARouteServiceThanItMay() throws Exception {
        SSLContext context = TlsContexts.jdk(Optional.of(OURS.issue("rs", List.of("localhost"), DAY)), List.of());
        var modern = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        modern.setEnabledProtocols(new String[] {"TLSv1.3"});
        try (var service = new RawBackend(modern, RawClient::readHead)) {
            router.register("\"host\":\"10.0.0.1\",\"port\":1,\"uris\":[\"modern.test\"],"
                    + "\"route_service_url\":\"https://localhost:" + service.port() + "\"");

            assertThat(router.get("modern.test", "/"))
                    .startsWith("HTTP/1.1 502 ")
                    .contains("protocol version not supported");
        }
    }

    // ---- tls_to_backends_test, web_socket_test, large_upload_test ----

    private static String upgrade(String host) {
        return "GET /chat HTTP/1.1\r\nHost: " + host + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    }

    /** tls_to_backends_test: WebSockets to a TLS backend, and what it says instead of 101 */
    @Test
    void opensWebSocketsToBackendsWithTls() throws Exception {
        try (var backend = tlsBackend(connection -> {
                    if (connection.readHead().contains("X-Refuse")) {
                        connection.send("HTTP/1.1 418 No\r\nContent-Length: 3\r\n\r\nno!");
                        return;
                    }
                    connection.send(
                            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                    connection.send(connection.read(5));
                });
                var client = new RawClient(router.port());
                var refused = new RawClient(router.port())) {
            router.register(tls(backend, "socket.tls.test"));
            client.send(upgrade("socket.tls.test"));
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
            client.send("hello");
            assertThat(client.read(5)).isEqualTo("hello");

            refused.send(upgrade("socket.tls.test").replace("\r\n\r\n", "\r\nX-Refuse: 1\r\n\r\n"));
            assertThat(refused.readResponse()).startsWith("HTTP/1.1 418 ").endsWith("no!");
        }
    }

    /** web_socket_test */
    @Test
    void saysBadGatewayWhenAnUpgradeIsDropped() throws Exception {
        try (var backend = new RawBackend(RawClient::readHead);
                var client = new RawClient(router.port())) {
            router.register(plain(backend, "dropped.test"));
            client.send(upgrade("dropped.test"));

            assertThat(client.readResponse()).startsWith("HTTP/1.1 502 ").contains("endpoint_failure (EOF)");
        }
    }

    /** large_upload_test */
    @Test
    void streamsALargeBodyThroughABackendWithTlsAndBack() throws Exception {
        int length = 32 * 1024 * 1024;
        try (var backend = tlsBackend(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
                    var in = connection.socket().getInputStream();
                    var piece = new byte[64 * 1024];
                    for (int left = length; left > 0; ) {
                        int read = in.read(piece, 0, Math.min(left, piece.length));
                        connection.socket().getOutputStream().write(piece, 0, read);
                        left -= read;
                    }
                });
                var client = new RawClient(router.port())) {
            router.register(tls(backend, "upload.test"));
            client.send("POST / HTTP/1.1\r\nHost: upload.test\r\nContent-Length: " + length + "\r\n\r\n");
            Thread upload = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < length / 65536; i++) {
                        client.send(new byte[65536]);
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.socket().getInputStream().skipNBytes(length);
            upload.join();
        }
    }

    // ---- backend_keepalive_test, redirect_test, retry_test, large_request_test ----

    /** backend_keepalive_test */
    @ParameterizedTest
    @CsvSource({"always_forward, false, 1", "always_forward, true, 1", "sanitize_set, false, 3", "sanitize_set, true, 3"
    })
    void keepsConnectionsToBackendsIfTold(String mode, boolean secure, int connections) throws Exception {
        BlackBox to = of(mode);
        RawBackend.Script script = connection -> {
            while (true) {
                connection.readHead();
                connection.send(RawBackend.ok("x"));
            }
        };
        try (RawBackend backend = secure ? tlsBackend(script) : new RawBackend(script);
                var client = new RawClient(to.port())) {
            String message = secure ? tls(backend, "kept.test") : plain(backend, "kept.test");
            for (int i = 0; i < 3; i++) {
                to.register(message); // also after it was registered again
                client.send("GET / HTTP/1.1\r\nHost: kept.test\r\n\r\n");
                assertThat(client.readResponse()).endsWith("x");
            }
            to.unregister(message);
            assertThat(backend.connections()).isEqualTo(connections);
        }
    }

    /** redirect_test */
    @Test
    void passesRedirectsOn() throws Exception {
        try (var backend = RawBackend.answering(
                "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n")) {
            router.register(plain(backend, "redirect.test"));

            assertThat(router.get("redirect.test", "/"))
                    .startsWith("HTTP/1.1 302 ")
                    .contains("\r\nLocation: http://elsewhere.test/\r\n");
        }
    }

    /** retry_test: a client that leaves is not the endpoint's fault */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsAnEndpointWhoseClientLeft(boolean secure) throws Exception {
        var arrived = new CountDownLatch(1);
        RawBackend.Script script = connection -> {
            if (connection.readHead().startsWith("GET /leave ")) {
                arrived.countDown();
                connection.readTo("never");
            }
            connection.send(RawBackend.ok("still here"));
        };
        try (RawBackend backend = secure ? tlsBackend(script) : new RawBackend(script)) {
            router.register(secure ? tls(backend, "left.test") : plain(backend, "left.test"));
            try (var client = new RawClient(router.port())) {
                client.send("GET /leave HTTP/1.1\r\nHost: left.test\r\n\r\n");
                arrived.await();
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Files.readString(accessLog).contains("\"GET /leave HTTP/1.1\" 499 "));

            assertThat(router.get("left.test", "/")).endsWith("still here");
            router.unregister(plain(backend, "left.test"));
        }
    }

    /** large_request_test */
    @Test
    void logsARequestThatIsTooLarge() throws Exception {
        assertThat(router.get("large.test", "/" + "x".repeat(5000))).startsWith("HTTP/1.1 404 ");
        try (var backend = RawBackend.answering(RawBackend.ok("x"))) {
            router.register(plain(backend, "large.test") + ",\"app\":\"large-app\"");
            assertThat(router.get("large.test", "/" + "y".repeat(5000))).startsWith("HTTP/1.1 431 ");
        }

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Files.readAllLines(accessLog))
                        .anySatisfy(line -> assertThat(line)
                                .contains("yyy HTTP/1.1\" 431 ", "app_id:\"large-app\"")
                                .contains("x_cf_routererror:\"max-request-size-exceeded\"")));
    }

    /** main_test: 100-continue: requests that were refused leave nothing behind on pooled connections */
    @Test
    void aRefusedExpectationDoesNotPoisonTheNextRequest() throws Exception {
        try (var backend = RawBackend.serving((self, connection) -> connection.send(
                self.lastRequest().contains("Expect:")
                        ? "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        : RawBackend.ok("fine")))) {
            router.register(plain(backend, "expect.test"));
            for (int i = 0; i < 3; i++) {
                try (var client = new RawClient(router.port())) {
                    client.send(
                            "POST / HTTP/1.1\r\nHost: expect.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
                    assertThat(client.readHead()).containsAnyOf("HTTP/1.1 417 ", "HTTP/1.1 100 ");
                }
                assertThat(router.get("expect.test", "/")).endsWith("fine");
            }
        }
    }

    // ---- access_log_test, main_test: routing API ----

    /** access_log_test */
    @Test
    void sendsLinesToASyslogServerOverTcp() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var logging = BlackBox.start(
                        broker,
                        folder,
                        "logging: {level: fatal, syslog: vcap.gorouter, syslog_network: tcp, syslog_truncate: 60,"
                                + " syslog_addr: '127.0.0.1:" + server.getLocalPort() + "'}",
                        "access_log: {enable_streaming: true}")) {
            logging.get("nowhere.test", "/one");
            logging.get("nowhere.test", "/two");
            try (Socket socket = server.accept();
                    var from = new RawClient(socket)) {
                String both = from.readTo("\n") + from.readTo("\n");

                assertThat(both.lines()).hasSize(2).allMatch(line -> line.startsWith("<14>1 "));
                assertThat(both).contains(" vcap.gorouter ", "nowhere.test - [").doesNotContain("unknown_route");
            }
        }
    }

    /** main_test: routing API; the messages of its failures */
    @ParameterizedTest
    @CsvSource({"port: 0, UAA client requires TLS enabled", "port: $NOBODY, no token"})
    void doesNotStartWithoutTokensForTheRoutingApi(String oauth, String complaint) {
        String api = "routing_api: {uri: 'https://127.0.0.1', port: 1, ca_certs: " + text(Pem.write(OURS.certificate()))
                + ", cert_chain: " + text(Pem.write(CLIENT.certificate())) + ", private_key: "
                + text(Pem.write(CLIENT.key())) + "}";

        assertThatThrownBy(() -> BlackBox.start(
                        broker,
                        folder,
                        "logging: {level: fatal}",
                        api,
                        "token_fetcher_max_retries: 0",
                        "oauth: {token_endpoint: 127.0.0.1, " + oauth.replace("$NOBODY", "" + FreePorts.next()) + "}"))
                .hasMessageContaining(complaint);
    }
}
