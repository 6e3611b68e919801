package org.cupola.routeemitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.junit.jupiter.api.Test;

class RouteEmitterConfigTest {
    private static RouteEmitterConfig read(String json) throws ConfigException {
        return RouteEmitterConfig.read(ConfigReader.ofJson("route_emitter.json", json));
    }

    @Test
    void hasTheReleasesDefaults() throws Exception {
        RouteEmitterConfig config = read(
                "{\"bbs_address\":\"https://bbs:8889\",\"nats_addresses\":\"n1:4222, n2:4222\",\"cell_id\":\"c\"}");

        assertThat(config.communicationTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.syncInterval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.healthcheckAddress()).isEqualTo(new InetSocketAddress("127.0.0.1", 17011));
        assertThat(config.nats().addresses()).containsExactly("n1:4222", "n2:4222");
        assertThat(config.jitterFactor()).isEqualTo(0.2);
        assertThat(config.registerDirectInstanceRoutes()).isFalse();
        assertThat(config.enableInternalEmitter()).isFalse();
        assertThat(config.tcp()).isNull();
        assertThat(config.locket()).isNull();
        assertThat(config.unregistrationInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.unregistrationSends()).isEqualTo(20);
    }

    @Test
    void readsTcpRouting() throws Exception {
        RouteEmitterConfig config = read("""
                        {"bbs_address":"https://bbs:8889","nats_addresses":"n1:4222","cell_id":"c",
                         "enable_tcp_emitter":true,"tcp_enable_tls":true,"tcp_route_ttl":"1m30s",
                         "routing_api":{"url":"https://api","port":3001,"ca_cert_file":"ca","client_cert_file":"crt",
                           "client_key_file":"key"},
                         "oauth":{"uaa_url":"https://uaa:8443","client_name":"tcp_emitter","client_secret":"s"}}""");

        var tcp = config.tcp();
        assertThat(tcp.routingApi()).isEqualTo(URI.create("https://api:3001"));
        assertThat(tcp.routeTtl()).isEqualTo(Duration.ofSeconds(90));
        assertThat(tcp.oauth().clientName()).isEqualTo("tcp_emitter");
        assertThat(tcp.oauth().requestTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.toString()).doesNotContain("client_secret=s");
    }

    @Test
    void reportsEverythingThatIsWrongTogether() {
        assertThatThrownBy(() -> read("""
                                {"bbs_address":"bbs:8889","nats_addresses":"","jitter_factor":1.5,
                                 "enable_tcp_emitter":true,"tcp_route_ttl":"20h","sync_interval":"0s",
                                 "oauth":{"uaa_url":"https://uaa","client_name":"x"}}"""))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("uuid: missing")
                .hasMessageContaining("locket_address: missing")
                .hasMessageContaining("bbs_address: bbs:8889")
                .hasMessageContaining("nats_addresses: missing")
                .hasMessageContaining("jitter_factor: 1.5")
                .hasMessageContaining("tcp_route_ttl")
                .hasMessageContaining("sync_interval")
                .hasMessageContaining("oauth.uaa_url: https://uaa (expected: a URL with a port)");
    }
}
