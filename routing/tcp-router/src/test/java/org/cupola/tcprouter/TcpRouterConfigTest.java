package org.cupola.tcprouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.Transport;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TcpRouterConfigTest {
    private static final String REQUIRED = """
            haproxy_pid_file: /var/vcap/sys/run/haproxy.pid
            oauth: {token_endpoint: uaa.service.cf.internal, port: 8443, client_name: tcp_router, client_secret: hush}
            routing_api: {uri: "https://routing-api.service.cf.internal", port: 3001}
            """;

    @TempDir
    private Path folder;

    private static TcpRouterConfig read(String yaml) throws ConfigException {
        return TcpRouterConfig.read(ConfigReader.ofYaml("tcp_router.yml", yaml), TcpRouterFlags.DEFAULT);
    }

    @Test
    void readsTheOriginalsKeysAndDefaults() throws Exception {
        TcpRouterConfig config = read(REQUIRED + """
                isolation_segments: [blue]
                reserved_system_component_ports: [8080, 8081]
                """);

        assertThat(config.oauth().uaa()).isEqualTo(URI.create("https://uaa.service.cf.internal:8443"));
        assertThat(config.routingApi().uri()).isEqualTo(URI.create("https://routing-api.service.cf.internal:3001"));
        assertThat(config.isolationSegments()).containsExactly("blue");
        assertThat(config.servedSegments()).isEmpty();
        assertThat(config.reservedPorts()).containsExactly(8080, 8081);
        assertThat(config.drainWait()).isZero();
        assertThat(config.backendTls()).isNull();
        assertThat(config.dataPlane().listenAddress().getHostAddress()).isEqualTo("0.0.0.0");
        assertThat(config.dataPlane().idleTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.dataPlane().connectTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.dataPlane().maxConnections()).isEqualTo(64_000);
        assertThat(config.healthListeners()).isEmpty();
        assertThat(config.toString()).doesNotContain("hush");
    }

    @Test
    void aNegativeDrainWaitIsTheDefault() throws Exception {
        assertThat(read(REQUIRED + "drain_wait: -1s\n").drainWait()).isEqualTo(Duration.ofSeconds(20));
        assertThat(read(REQUIRED + "drain_wait: 40s\n").drainWait()).isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void readsOurOwnKeys() throws Exception {
        TcpRouterConfig config = read(REQUIRED + """
                listen_address: 127.0.0.2
                balancing: least-connection
                balancing_by_port: {5000: source-hash}
                send_proxy_protocol: v2
                accept_proxy_protocol: true
                idle_timeout: 0s
                connect_timeout: 3s
                client_hello_timeout: 2s
                max_connections: 10
                max_connections_per_port: 5
                removed_backend_timeout: 1m
                drain_connections_timeout: 30s
                health_check_address: 127.0.0.1:8081
                """);

        DataPlaneSettings settings = config.dataPlane();
        assertThat(settings.listenAddress().getHostAddress()).isEqualTo("127.0.0.2");
        assertThat(settings.sendProxyProtocol()).isEqualTo(ProxyHeader.Version.V2);
        assertThat(settings.acceptProxyProtocol()).isTrue();
        assertThat(settings.idleTimeout()).isZero();
        assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.maxConnectionsPerPort()).isEqualTo(5);
        assertThat(settings.removedBackendTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.balancing().otherwise()).isEqualTo(Balancing.LEAST_CONNECTION);
        assertThat(config.balancing().byPort()).containsEntry(5000, Balancing.SOURCE_HASH);
        assertThat(config.healthListeners())
                .containsExactly(new TcpRouterConfig.HealthListener(new InetSocketAddress("127.0.0.1", 8081), null));
    }

    @Test
    void reportsEverythingThatIsWrongTogether() {
        assertThatThrownBy(() -> read("""
                                listen_address: somewhere
                                balancing: best
                                drain_wait: soon
                                reserved_system_component_ports: [70000]
                                backend_tls: {enabled: true}
                                routing_api: {uri: "http://x"}
                                """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("haproxy_pid_file: missing")
                .hasMessageContaining("listen_address: somewhere")
                .hasMessageContaining("balancing: best")
                .hasMessageContaining("drain_wait: soon")
                .hasMessageContaining("reserved_system_component_ports: 70000")
                .hasMessageContaining("Backend TLS was enabled but no CA certificates were specified")
                .hasMessageContaining("oauth.token_endpoint")
                .hasMessageContaining("routing_api.uri");
    }

    @Test
    void readsCertificates() throws Exception {
        var authority = CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
        TlsIdentity identity = authority.issue("x", List.of("x.example.com"), Duration.ofDays(1));
        String chain = Pem.write(identity.certificate());
        String key = Pem.write(identity.key());
        Files.writeString(folder.resolve("ca"), Pem.write(authority.certificate()));
        Files.writeString(folder.resolve("client"), chain + key);
        Path frontend = Files.createDirectories(folder.resolve("frontend"));
        Files.writeString(frontend.resolve("a.pem"), chain);
        Files.writeString(frontend.resolve("a.pem.key"), key);
        Files.writeString(frontend.resolve("b.pem"), chain + key);

        TcpRouterConfig config = read(REQUIRED + """
                backend_tls: {enabled: true, ca_cert_path: "%1$s/ca", client_cert_and_key_path: "%1$s/client"}
                frontend_tls_pem: [{enabled: true, cert_path: "%1$s/frontend"}, {enabled: false, cert_path: /nowhere}]
                frontend_tls:
                - name: inline
                  cert_chain: |
                %2$s
                  private_key: |
                %3$s
                """.formatted(folder, chain.indent(4), key.indent(4)));

        assertThat(config.backendTls().identity().certificate()).isEqualTo(identity.certificate());
        assertThat(config.frontendIdentities()).hasSize(3);
    }

    @Test
    void refusesUnusableCertificates() throws Exception {
        Files.writeString(folder.resolve("ca"), "nonsense");

        assertThatThrownBy(() -> read(REQUIRED + """
                        backend_tls: {enabled: true, ca_cert_path: "%1$s/ca", client_cert_and_key_path: "%1$s/none"}
                        frontend_tls: [{name: "a b", cert_chain: x, private_key: y}]
                        """.formatted(folder)))
                .hasMessageContaining("backend_tls.ca_cert_path")
                .hasMessageContaining("backend_tls.client_cert_and_key_path")
                .hasMessageContaining("frontend_tls[0].name: a b")
                .hasMessageContaining("frontend_tls[0].cert_chain");
    }

    @Test
    void refusesFlagsThatContradictEachOther() {
        TcpRouterFlags d = TcpRouterFlags.DEFAULT;
        var flags = new TcpRouterFlags(
                null,
                d.subscriptionRetryInterval(),
                Duration.ZERO,
                Duration.ofDays(2),
                Duration.ofDays(1),
                false,
                -1,
                d.tokenFetchRetryInterval(),
                d.tokenExpirationBuffer(),
                d.statsCollectionInterval(),
                d.dropsondePort());

        assertThatThrownBy(flags::validated)
                .hasMessageContaining("syncInterval")
                .hasMessageContaining("invalid-route-expiry")
                .hasMessageContaining("invalid-stale-route-check-interval")
                .hasMessageContaining("tokenFetchMaxRetries: -1");
    }

    @Test
    void takesTimeoutsAndHealthListenersFromAnExistingHaproxyHead() throws Exception {
        var authority = CertificateAuthority.create("Test CA", Duration.ofDays(1), Clock.systemUTC());
        TlsIdentity identity = authority.issue("health", List.of("health"), Duration.ofDays(1));
        Path pem = Files.writeString(folder.resolve("health.pem"), Pem.write(identity.certificate(), identity.key()));
        Path head = Files.writeString(folder.resolve("haproxy.conf.template"), """
                global
                  daemon
                  maxconn 64000
                defaults
                  log global
                  timeout connect 5000ms
                  maxconn 32000
                  timeout client 60000ms
                  timeout server 60000ms
                listen health_check_http_url
                  bind :8080
                  mode http
                  monitor-uri /health
                listen health_check_https_url
                  bind :8443 ssl crt %s
                  mode http
                """.formatted(pem));
        TcpRouterFlags d = TcpRouterFlags.DEFAULT;
        var flags = new TcpRouterFlags(
                head,
                d.subscriptionRetryInterval(),
                d.syncInterval(),
                d.staleRouteCheckInterval(),
                d.defaultRouteExpiry(),
                false,
                3,
                d.tokenFetchRetryInterval(),
                d.tokenExpirationBuffer(),
                d.statsCollectionInterval(),
                d.dropsondePort());

        TcpRouterConfig config = TcpRouterConfig.read(ConfigReader.ofYaml("tcp_router.yml", REQUIRED), flags);

        assertThat(config.dataPlane().connectTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.dataPlane().idleTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.dataPlane().maxConnections()).isEqualTo(32_000);
        assertThat(config.healthListeners())
                .extracting(listener -> listener.address().getPort())
                .containsExactly(8080, 8443);
        assertThat(config.healthListeners().getLast().identity().certificate()).isEqualTo(identity.certificate());
    }

    @Test
    void aHaproxyHeadWithoutTimeoutsMeansNoIdleTimeout() {
        assertThat(HaproxyHead.parse(List.of("defaults", "  maxconn 64000")).idleTimeout())
                .isEqualTo(Duration.ZERO);
        assertThat(HaproxyHead.parse(List.of()).idleTimeout()).isNull();
    }

    @Test
    void theTransportIsOneThatTheMachineHas() throws Exception {
        assertThat(read(REQUIRED + "transport: nio").transport()).isEqualTo(Transport.NIO);
        assertThat(read(REQUIRED).transport()).isEqualTo(Transport.preferred());
        assertThatThrownBy(() -> read(REQUIRED + "transport: pigeon"))
                .hasMessageContaining("transport: pigeon (expected: one of nio, epoll, io_uring)");
    }
}
