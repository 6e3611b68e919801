package org.cupola.routeregistrar;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TCP routes, against servers that record what they are told. */
class RoutingApiRegistrationTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
    private final CertificateAuthority authority =
            CertificateAuthority.create("test", Duration.ofDays(1), Clock.systemUTC());
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger failuresToCome = new AtomicInteger();

    @TempDir
    Path folder;

    private HttpServer uaa;
    private HttpServer api;

    @BeforeEach
    void start() throws Exception {
        TlsIdentity identity = authority.issue("server", List.of("127.0.0.1"), Duration.ofDays(1));
        uaa = new HttpServer(
                "uaa",
                HttpListener.tls(ANY, identity),
                services -> services.service(
                        "/oauth/token",
                        (ctx, request) -> HttpResponse.of(
                                HttpStatus.OK, MediaType.JSON, "{\"access_token\":\"the-token\",\"expires_in\":600}")));
        uaa.start();
        api = new HttpServer(
                "api",
                HttpListener.mutualTls(ANY, identity, List.of(authority.certificate())),
                services -> services.serviceUnder("/routing/v1", new BlockingService((ctx, request) -> {
                    requests.add(request.method() + " " + request.path() + " "
                            + request.headers().get("authorization") + " " + request.contentUtf8());
                    if (failuresToCome.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        return HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE);
                    }
                    return request.path().contains("router_groups")
                            ? HttpResponse.of(
                                    HttpStatus.OK,
                                    MediaType.JSON,
                                    "[{\"guid\":\"group-guid\",\"name\":\"my group\",\"type\":\"tcp\",\"reservable_ports\":\"1024\"}]")
                            : HttpResponse.of(ResponseHeaders.of(201));
                })));
        api.start();
        TlsIdentity client = authority.issue("client", List.of(), Duration.ofDays(1));
        Files.writeString(folder.resolve("client.crt"), Pem.write(client.certificate()));
        Files.writeString(folder.resolve("client.key"), Pem.write(client.key()));
        Files.writeString(folder.resolve("ca.crt"), Pem.write(authority.certificate()));
    }

    @AfterEach
    void stop() {
        uaa.close();
        api.close();
    }

    private RunningRegistrar registrar(String routes) throws Exception {
        return RunningRegistrar.start(folder, """
                {"host": "10.0.0.5", "routing_api": {"api_url": "https://127.0.0.1:%d", "oauth_url": "https://127.0.0.1:%d",
                  "client_id": "routing_api_client", "client_secret": "secret", "ca_certs": "%3$s/ca.crt",
                  "client_cert_path": "%3$s/client.crt", "client_private_key_path": "%3$s/client.key",
                  "server_ca_cert_path": "%3$s/ca.crt", "max_ttl": "120s"}, "routes": [%4$s]}
                """.formatted(api.port(), uaa.port(), folder, routes));
    }

    private void await(int count) {
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> requests.size() >= count);
    }

    @Test
    void upsertsAndDeletesTheMapping() throws Exception {
        String route =
                "{\"type\":\"tcp\",\"router_group\":\"my group\",\"port\":5432,\"external_port\":1234,\"registration_interval\":\"20s\"}";
        try (var registrar = registrar(route)) {
            await(2);
            assertThat(registrar).isNotNull();
        }

        String mapping = "[{\"router_group_guid\":\"group-guid\",\"backend_port\":5432,\"backend_tls_port\":-1,"
                + "\"backend_ip\":\"10.0.0.5\",\"instance_id\":\"\",\"port\":1234,"
                + "\"modification_tag\":{\"guid\":\"\",\"index\":0},\"ttl\":42,\"isolation_segment\":\"\"}]";
        assertThat(requests)
                .containsExactly(
                        "GET /routing/v1/router_groups?name=my+group bearer the-token ",
                        "POST /routing/v1/tcp_routes/create bearer the-token " + mapping,
                        "POST /routing/v1/tcp_routes/delete bearer the-token " + mapping);
    }

    @Test
    void sendsTheFieldsOfSniAndTermination() throws Exception {
        String route = """
                {"type":"sni","router_group":"my group","sni_port":8443,"external_port":443,"sni_routable_san":"a.example.org",
                 "sni_rewrite_san":"b.example.org","terminate_frontend_tls":true,"enable_backend_tls":true,
                 "alpns":["http/1.1","h2"],"registration_interval":"100s"}
                """;
        try (var registrar = registrar(route)) {
            await(2);
            assertThat(registrar).isNotNull();
        }

        assertThat(requests.get(1))
                .endsWith("[{\"router_group_guid\":\"group-guid\",\"backend_port\":8443,\"backend_tls_port\":8443,"
                        + "\"backend_ip\":\"10.0.0.5\",\"backend_sni_hostname\":\"a.example.org\","
                        + "\"sni_rewrite_hostname\":\"b.example.org\",\"instance_id\":\"\",\"port\":443,"
                        + "\"modification_tag\":{\"guid\":\"\",\"index\":0},\"ttl\":120,\"isolation_segment\":\"\","
                        + "\"terminate_frontend_tls\":true,\"alpns\":\"h2,http/1.1\"}]");
    }

    @Test
    void triesAgainAfterAFailure() throws Exception {
        failuresToCome.set(2);
        String route =
                "{\"type\":\"tcp\",\"router_group\":\"my group\",\"port\":5432,\"external_port\":1234,\"registration_interval\":\"1h\"}";
        try (var registrar = registrar(route)) {
            await(4);
            assertThat(registrar).isNotNull();
        }

        assertThat(requests.get(3)).startsWith("POST /routing/v1/tcp_routes/create");
    }
}
