package org.cupola.routingapi;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.json.Json;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.uaa.TokenSource;

/** A Routing API in this JVM, made from a configuration file, with clients for both of its listeners. */
final class RunningApi implements AutoCloseable {
    static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test", Duration.ofDays(1), Clock.systemUTC());
    private static final TlsIdentity IDENTITY =
            AUTHORITY.issue("routing-api", List.of("127.0.0.1"), Duration.ofDays(1));
    static final RoutingApiComponent.Timings FAST = new RoutingApiComponent.Timings(
            Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(50), Duration.ofSeconds(2));

    private final RoutingApiComponent component;
    private final HttpClients clients;

    private RunningApi(RoutingApiComponent component) {
        this.component = component;
        this.clients = HttpClients.create(IDENTITY, List.of(AUTHORITY.certificate()));
    }

    static RunningApi start(Path folder, String yaml) {
        return start(folder, yaml, true, InstantSource.system(), FAST);
    }

    static RunningApi start(
            Path folder, String yaml, boolean devMode, InstantSource clock, RoutingApiComponent.Timings timings) {
        try {
            var running = new RunningApi(component(folder, yaml, devMode, clock, timings));
            running.component.start();
            return running;
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    static RoutingApiComponent component(
            Path folder, String yaml, boolean devMode, InstantSource clock, RoutingApiComponent.Timings timings)
            throws Exception {
        Path file = folder.resolve("routing-api.yml");
        Files.writeString(file, certificates(folder) + yaml);
        return new RoutingApiComponent(RoutingApiConfig.read(file, "10.0.0.9", devMode), clock, timings);
    }

    /** What every configuration needs, and the listeners on free loopback ports. */
    private static String certificates(Path folder) throws IOException {
        Files.writeString(folder.resolve("server.crt"), Pem.write(IDENTITY.certificate()));
        Files.writeString(folder.resolve("server.key"), Pem.write(IDENTITY.key()));
        Files.writeString(folder.resolve("ca.crt"), Pem.write(AUTHORITY.certificate()));
        return """
                system_domain: sys.example.org
                log_guid: routing_api
                uuid: 5e0c7b6c-5b4f-4a0f-8a86-3f6a6d3a7c11
                admin_port: 0
                metrics_reporting_interval: 30s
                statsd_client_flush_interval: 50ms
                retry_interval: 100ms
                handover_timeout: 2s
                api:
                  listen_address: 127.0.0.1
                  listen_port: 0
                  http_enabled: true
                  mtls_listen_port: 0
                  mtls_client_ca_file: %1$s/ca.crt
                  mtls_server_cert_file: %1$s/server.crt
                  mtls_server_key_file: %1$s/server.key
                """.formatted(folder);
    }

    /** The database's part of a configuration. */
    static String sql(DatabaseConfig database) {
        if (database.url().startsWith("jdbc:sqlite:")) {
            return "sqldb: {type: sqlite, schema: '" + database.url().substring("jdbc:sqlite:".length()) + "'}\n";
        }
        URI url = URI.create(database.url().substring("jdbc:".length()));
        String type = url.getScheme().equals("postgresql") ? "postgres" : "mysql";
        return "sqldb: {type: " + type + ", host: " + url.getHost() + ", port: " + url.getPort() + ", schema: "
                + url.getPath().substring(1) + ", username: " + database.user() + ", password: '"
                + database.password().value() + "'}\n";
    }

    RoutingApiComponent component() {
        return component;
    }

    URI mtlsUrl() {
        return URI.create("https://127.0.0.1:" + component.mtlsPort());
    }

    URI httpUrl() {
        return URI.create("http://127.0.0.1:" + component.httpPort());
    }

    RoutingApiClient client() {
        return client(TokenSource.NONE);
    }

    RoutingApiClient client(TokenSource tokens) {
        return new RoutingApiClient(mtlsUrl(), clients, tokens, Duration.ofSeconds(20));
    }

    HttpClients clients() {
        return clients;
    }

    AggregatedHttpResponse request(HttpMethod method, String path, String body) {
        return request(RequestHeaders.of(method, path), body);
    }

    AggregatedHttpResponse request(RequestHeaders headers, String body) {
        return plain(component.httpPort()).execute(HttpRequest.of(headers, HttpData.ofUtf8(body)));
    }

    AggregatedHttpResponse admin(HttpMethod method, String path) {
        return plain(component.adminPort()).execute(HttpRequest.of(method, path));
    }

    private BlockingWebClient plain(int port) {
        return clients.client(URI.create("h1c://127.0.0.1:" + port), Duration.ofSeconds(20))
                .build()
                .blocking();
    }

    /** Creates a group of type tcp and returns its guid. */
    String tcpGroup(String name) {
        AggregatedHttpResponse response = request(
                HttpMethod.POST,
                "/routing/v1/router_groups",
                "{\"name\":\"" + name + "\",\"type\":\"tcp\",\"reservable_ports\":\"1024-65535\"}");
        return Json.tree(response.contentUtf8()).get("guid").asString();
    }

    @Override
    public void close() {
        component.close();
        clients.close();
    }

    static Path newFolder(Path parent) {
        try {
            return Files.createTempDirectory(parent, "api");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
