package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.Test;

class RouteFetcherTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());

    private final CopyOnWriteArrayList<String> routes = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<HttpResponseWriter> streams = new CopyOnWriteArrayList<>();

    private static String route(String uri, int port, int index) {
        return "{\"route\":\"" + uri + "\",\"port\":" + port + ",\"ip\":\"127.0.0.1\",\"ttl\":60,\"log_guid\":\"guid\","
                + "\"modification_tag\":{\"guid\":\"tag\",\"index\":" + index + "}}";
    }

    private HttpServer api() throws Exception {
        TlsIdentity identity = OURS.issue("api", List.of("127.0.0.1"), DAY);
        var server = new HttpServer(
                "api",
                HttpListener.mutualTls(new InetSocketAddress("127.0.0.1", 0), identity, List.of(OURS.certificate())),
                services -> services.service(
                                "/routing/v1/routes",
                                (_, _) -> HttpResponse.of(
                                        HttpStatus.OK, MediaType.JSON_UTF_8, "[" + String.join(",", routes) + "]"))
                        .service("/routing/v1/events", (context, _) -> {
                            context.clearRequestTimeout();
                            HttpResponseWriter stream = HttpResponse.streaming();
                            stream.write(ResponseHeaders.of(
                                    HttpStatus.OK, "content-type", "text/event-stream; charset=utf-8"));
                            streams.add(stream);
                            return stream;
                        }));
        server.start();
        return server;
    }

    private static String yaml(int port) {
        TlsIdentity own = OURS.issue("gorouter", List.of("gorouter"), DAY);
        return "routing_api: {uri: \"https://127.0.0.1\", port: " + port + ", auth_disabled: true, ca_certs: "
                + text(Pem.write(OURS.certificate())) + ", cert_chain: " + text(Pem.write(own.certificate()))
                + ", private_key: " + text(Pem.write(own.key())) + "}";
    }

    private static String text(String pem) {
        return "\"" + pem.replace("\n", "\\n") + "\"";
    }

    @Test
    void learnsRoutesFromTheListAndFromEvents() throws Exception {
        routes.add(route("listed.test", 1, 1));
        try (var api = api();
                var router = RouterUnderTest.start(
                        "logging: {level: fatal}", "prune_stale_droplets_interval: 600ms", yaml(api.port()))) {
            assertThat(router.knows("listed.test", "127.0.0.1:1")).isTrue();
            await().until(() -> !streams.isEmpty());

            streams.getLast()
                    .write(HttpData.ofUtf8("id: 1\nevent: Upsert\ndata: " + route("event.test", 2, 1) + "\n\n"));
            await().until(() -> router.knows("event.test", "127.0.0.1:2"));

            routes.clear();
            await().until(() -> !router.knows("listed.test", "127.0.0.1:1"));
            streams.getLast()
                    .write(HttpData.ofUtf8("id: 2\nevent: Delete\ndata: " + route("event.test", 2, 1) + "\n\n"));
            await().until(() -> !router.knows("event.test", "127.0.0.1:2"));
            streams.forEach(HttpResponseWriter::close);
        }
    }

    @Test
    void doesNotStartWithoutTheRoutingApi() {
        int nobody = FreePorts.next();

        assertThatThrownBy(() -> RouterUnderTest.start("logging: {level: fatal}", yaml(nobody))
                        .close())
                .hasMessageContaining("127.0.0.1");
    }
}
