package org.cupola.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.cupola.loadbalancer.LoadBalancerConfig.Balance;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.net.ProxyHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadBalancerConfigTest {
    private static final String HTTP = "http: {listen: \"127.0.0.1:80\", backends: [{address: \"127.0.0.1:81\"}]}\n";

    private static LoadBalancerConfig parse(String text) throws ConfigException {
        return LoadBalancerConfig.parse("lb.yml", text);
    }

    @Test
    void readsEverything() throws Exception {
        LoadBalancerConfig config = parse("""
                http:
                  listen: 127.0.0.1:8080
                  backends:
                  - address: 127.0.0.1:8081
                    health: http://127.0.0.1:8082/health
                  balance: least-connection
                  proxy_protocol: v2
                  max_connections: 5
                  connect_timeout: 500ms
                  idle_timeout: 0s
                  half_closed_timeout: 5s
                tcp:
                  listen_address: 127.0.0.1
                  port_range: "61000-61099"
                  backends:
                  - {address: 127.0.0.2, health: "http://127.0.0.1:9000/health"}
                  proxy_protocol: true
                dns:
                  listen: 127.0.0.1:8053
                  ttl: 5s
                  zones:
                  - {domain: Apps.Example.ORG., address: 192.0.2.1}
                health: {interval: 2s, timeout: 3s, rise: 2, fall: 3}
                drain_timeout: 4s
                """);

        var http = config.http();
        assertThat(http.listen()).isEqualTo(new InetSocketAddress("127.0.0.1", 8080));
        assertThat(http.backends())
                .containsExactly(new LoadBalancerConfig.HttpBackend(
                        new InetSocketAddress("127.0.0.1", 8081), URI.create("http://127.0.0.1:8082/health")));
        assertThat(http.relaying().balance()).isEqualTo(Balance.LEAST_CONNECTION);
        assertThat(http.relaying().proxyHeader()).isEqualTo(ProxyHeader.Version.V2);
        assertThat(http.relaying().maxConnections()).isEqualTo(5);
        assertThat(http.relaying().connectTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(http.relaying().relay().idleTimeout()).isZero();
        assertThat(http.relaying().relay().halfClosedTimeout()).isEqualTo(Duration.ofSeconds(5));
        var tcp = config.tcp();
        assertThat(tcp.firstPort()).isEqualTo(61000);
        assertThat(tcp.lastPort()).isEqualTo(61099);
        assertThat(tcp.backends())
                .containsExactly(new LoadBalancerConfig.TcpBackend(
                        InetAddress.getByName("127.0.0.2"), URI.create("http://127.0.0.1:9000/health")));
        assertThat(tcp.relaying().proxyHeader()).isEqualTo(ProxyHeader.Version.V1);
        assertThat(config.dns().zones())
                .containsExactly(
                        new LoadBalancerConfig.Zone("apps.example.org", List.of(InetAddress.getByName("192.0.2.1"))));
        assertThat(config.dns().ttl()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.health())
                .isEqualTo(new LoadBalancerConfig.Health(Duration.ofSeconds(2), Duration.ofSeconds(3), 2, 3));
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void hasDefaults() throws Exception {
        LoadBalancerConfig config = parse(HTTP);

        assertThat(config.tcp()).isNull();
        assertThat(config.dns()).isNull();
        assertThat(config.http().backends().getFirst().health()).isNull();
        assertThat(config.http().relaying().balance()).isEqualTo(Balance.ROUND_ROBIN);
        assertThat(config.http().relaying().proxyHeader()).isNull();
        assertThat(config.http().relaying().maxConnections()).isEqualTo(10_000);
        assertThat(config.http().relaying().relay().idleTimeout()).isEqualTo(Duration.ofMinutes(15));
        assertThat(config.health()).isEqualTo(LoadBalancerConfig.Health.DEFAULT);
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | http: missing (expected: at least one of http, tcp and dns)",
                "http: {} | http.listen: missing (expected: host:port)",
                "http: {listen: '1.2.3.4:1', backends: []} | http.backends: none (expected: at least one)",
                "http: {listen: '1.2.3.4:1', backends: [{address: x}]} | http.backends[0].address: x (expected: host:port)",
                "http: {listen: '1.2.3.4:1', backends: [{address: '1.2.3.4:2', health: ftp://x}]} |"
                        + " http.backends[0].health: ftp://x (expected: an http or https URL)",
                "http: {listen: '1.2.3.4:1', backends: [{address: '1.2.3.4:2'}], balance: no} | http.balance: no",
                "http: {listen: '1.2.3.4:1', backends: [{address: '1.2.3.4:2'}], max_connections: 0} |"
                        + " http.max_connections: 0 (expected:",
                "http: {listen: '1.2.3.4:1', backends: [{address: '1.2.3.4:2'}], connect_timeout: 0s} |"
                        + " http.connect_timeout: PT0S (expected: >= 1ms)",
                "tcp: {port_range: 5-4, backends: [{address: 1.2.3.4, health: 'http://x'}]} | tcp.port_range: 5-4",
                "tcp: {port_range: 1-70000, backends: [{address: 1.2.3.4, health: 'http://x'}]} | tcp.port_range: 1-70000",
                "tcp: {port_range: 5, backends: [{address: host, health: 'http://x'}]} |"
                        + " tcp.backends[0].address: host (expected: an IP address)",
                "tcp: {port_range: 5, backends: [{address: 1.2.3.4}]} | tcp.backends[0].health: missing",
                "dns: {listen: '1.2.3.4:1', zones: []} | dns.zones: none (expected: at least one)",
                "dns: {listen: '1.2.3.4:1', zones: [{domain: 'a b', address: 1.2.3.4}]} | dns.zones[0].domain: a b",
                "dns: {listen: '1.2.3.4:1', zones: [{domain: a, address: b}]} | dns.zones[0].address: b"
            })
    void saysWhatIsWrong(String text, String expected) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lb.yml: " + expected);
    }

    @Test
    void reportsAllProblemsTogether() {
        assertThatThrownBy(() -> parse(HTTP + "drain_timeout: -1s\nhealth: {rise: 0}\ntcp: {}"))
                .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.problems()).hasSize(4));
    }
}
