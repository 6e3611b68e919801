package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpRequestWriter;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.RegistryMessage;
import org.cupola.protocol.routing.RouteOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class Http2Test {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());

    private static RouterUnderTest router;
    private static ClientFactory clients;
    private static Server http2Backend;

    @BeforeAll
    static void start() throws Exception {
        TlsIdentity own = OURS.issue("router", List.of("localhost"), DAY);
        router = RouterUnderTest.start(
                "enable_ssl: true",
                "ssl_port: 0",
                "cipher_suites: ECDHE-ECDSA-AES128-GCM-SHA256",
                "client_cert_validation: none",
                "tls_pem: [{cert_chain: " + yaml(Pem.write(own.certificate())) + ", private_key: "
                        + yaml(Pem.write(own.key())) + "}]",
                "ca_certs: [" + yaml(Pem.write(OURS.certificate())) + "]",
                "logging: {level: fatal}");
        clients = ClientFactory.builder()
                .tlsCustomizer(tls -> tls.trustManager(OURS.certificate()))
                .build();
        TlsIdentity app = OURS.issue("app", List.of("instance"), DAY);
        http2Backend = Server.builder()
                .https(0)
                .tls(TlsKeyPair.of(app.key(), app.chain()))
                .service("glob:/**", (context, request) -> echo(context, request))
                .build();
        http2Backend.start().join();
    }

    @AfterAll
    static void stop() {
        clients.close();
        router.close();
        http2Backend.stop().join();
    }

    private static String yaml(String text) {
        return "\"" + text.replace("\n", "\\n") + "\"";
    }

    private static HttpResponse echo(ServiceRequestContext context, HttpRequest request) {
        return HttpResponse.of(request.aggregate()
                .thenApply(whole -> HttpResponse.of(
                        ResponseHeaders.builder(HttpStatus.OK)
                                .contentType(MediaType.parse("application/grpc"))
                                .add("x-seen", context.sessionProtocol().uriText() + " " + whole.path())
                                .build(),
                        whole.content(),
                        HttpHeaders.of("grpc-status", "0", "grpc-message", "fine"))));
    }

    private static WebClient client() {
        return WebClient.builder(
                        SessionProtocol.H2,
                        com.linecorp.armeria.client.Endpoint.of("localhost", router.router.tlsPort()))
                .factory(clients)
                .build();
    }

    private static AggregatedHttpResponse get(String path) {
        return client().get(path).aggregate().join();
    }

    @Test
    void servesHttp2ClientsFromHttp1Backends() throws Exception {
        try (var backend = RawBackend.answering("HTTP/1.1 200 OK\r\n"
                + "X-Own: 1\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + "5\r\n"
                + "hello\r\n"
                + "0\r\n"
                + "X-Sum: 9\r\n\r\n")) {
            router.register(backend.port(), "localhost/one");

            AggregatedHttpResponse response = get("/one?x=y");

            assertThat(response.status()).isEqualTo(HttpStatus.OK);
            assertThat(response.contentUtf8()).isEqualTo("hello");
            assertThat(response.headers().get("x-own")).isEqualTo("1");
            assertThat(response.headers().get("x-vcap-request-id")).hasSize(36);
            assertThat(response.trailers().get("x-sum")).isEqualTo("9");
            assertThat(backend.lastRequest())
                    .startsWith("GET /one?x=y HTTP/1.1\r\nHost: localhost:" + router.router.tlsPort() + "\r\n")
                    .contains("\r\nX-Forwarded-Proto: https\r\n");
        }
    }

    @Test
    void carriesBodiesOfBothKinds() throws Exception {
        try (var known = RawBackend.serving((self, connection) ->
                        connection.send(RawBackend.ok(self.lastRequest().split("\r\n\r\n", 2)[1])));
                var chunked = new RawBackend(connection -> {
                    assertThat(connection.readHead()).contains("\r\nTransfer-Encoding: chunked\r\n");
                    String body = connection.readTo("0\r\n\r\n");
                    connection.send(RawBackend.ok(body));
                })) {
            router.register(known.port(), "localhost/known");
            router.register(chunked.port(), "localhost/chunked");
            String large = "x".repeat(300_000);

            assertThat(client().post("/known", large).aggregate().join().contentUtf8())
                    .isEqualTo(large);

            HttpRequestWriter streaming = HttpRequest.streaming(RequestHeaders.of(HttpMethod.POST, "/chunked"));
            CompletableFuture<AggregatedHttpResponse> response =
                    client().execute(streaming).aggregate();
            streaming.write(HttpData.ofUtf8("abc"));
            streaming.write(HttpData.ofUtf8("de"));
            streaming.close();

            assertThat(response.join().contentUtf8())
                    .isIn("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "5\r\nabcde\r\n0\r\n\r\n");
        }
    }

    @Test
    void refusesABodyThatIsLargerThanItsRouteTakes() throws Exception {
        try (var backend = new RawBackend(connection -> connection.readTo("never"))) {
            router.register(RegistryMessage.builder("127.0.0.1", List.of("localhost/small"))
                    .port(backend.port())
                    .options(RouteOptions.parse("{\"max_request_body\":10}"))
                    .build());

            HttpRequestWriter streaming = HttpRequest.streaming(RequestHeaders.of(HttpMethod.POST, "/small"));
            CompletableFuture<AggregatedHttpResponse> response =
                    client().execute(streaming).aggregate();
            streaming.write(HttpData.ofUtf8("0123456789"));
            streaming.write(HttpData.ofUtf8("0"));

            assertThat(response.get(60, TimeUnit.SECONDS).status()).isEqualTo(HttpStatus.REQUEST_ENTITY_TOO_LARGE);
            assertThat(response.join().headers().get("x-cf-routererror")).isEqualTo("max_request_body_exceeded");
        }
    }

    @Test
    void answersForItself() {
        AggregatedHttpResponse response = get("/nowhere");

        assertThat(response.status()).isEqualTo(HttpStatus.NOT_FOUND);
        assertThat(response.headers().get("x-cf-routererror")).isEqualTo("unknown_route");
        assertThat(response.contentUtf8()).contains("does not exist");
    }

    @Test
    void speaksHttp2ToBackendsThatRegisterIt() throws Exception {
        router.register(RegistryMessage.builder("127.0.0.1", List.of("localhost/two"))
                .tlsPort(http2Backend.activeLocalPort())
                .protocol("http2")
                .serverCertDomainSan("instance")
                .build());

        AggregatedHttpResponse response =
                client().post("/two/a", "y".repeat(200_000)).aggregate().join();
        assertThat(response.headers().get("x-seen")).isEqualTo("h2 /two/a");
        assertThat(response.contentUtf8()).hasSize(200_000);
        assertThat(response.trailers().get("grpc-status")).isEqualTo("0");
        assertThat(response.trailers().get("grpc-message")).isEqualTo("fine");
        assertThat(router.get("localhost", "/two/b"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nX-Seen: h2 /two/b\r\n");
    }

    @Test
    void runsManyStreamsAtOnce() throws Exception {
        router.register(RegistryMessage.builder("127.0.0.1", List.of("localhost/many"))
                .tlsPort(http2Backend.activeLocalPort())
                .protocol("http2")
                .serverCertDomainSan("instance")
                .build());
        List<CompletableFuture<AggregatedHttpResponse>> running = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            running.add(client().post("/many/" + i, "body " + i).aggregate());
        }

        for (int i = 0; i < 200; i++) {
            assertThat(running.get(i).join().contentUtf8()).isEqualTo("body " + i);
        }
    }
}
