package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.cupola.gorouter.proxy.HeaderRules.ClientCert;
import org.cupola.gorouter.routes.Balancing;
import org.cupola.platform.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GorouterConfigTest {
    private static GorouterConfig parse(String yaml) throws ConfigException {
        return GorouterConfig.parse("gorouter.yml", yaml);
    }

    @Test
    void hasTheOriginalsDefaults() throws Exception {
        GorouterConfig config = GorouterConfig.defaults();

        assertThat(config.frontend().port()).isEqualTo(8081);
        assertThat(config.frontend().maxHeaderBytes()).isEqualTo(1024 * 1024);
        assertThat(config.frontend().idleTimeout()).isEqualTo(Duration.ofMinutes(15));
        assertThat(config.status().port()).isEqualTo(8080);
        assertThat(config.status().routesPort()).isEqualTo(8082);
        assertThat(config.registry().startDelay()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.registry().staleThreshold()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.registry().pruneInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.backends().maxAttempts()).isEqualTo(1);
        assertThat(config.backends().keepAlive()).isFalse();
        assertThat(config.backends().endpointTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.backends().balancing()).isEqualTo(Balancing.ROUND_ROBIN);
        assertThat(config.headers().clientCert()).isEqualTo(ClientCert.ALWAYS_FORWARD);
        assertThat(config.headers().stickyCookies()).containsExactly("JSESSIONID");
        assertThat(config.drain().timeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.routingApi()).isEmpty();
        assertThat(config.prometheus().port()).isEqualTo(-1);
        assertThat(config.nats().servers()).containsExactly("localhost:4222");
    }

    @Test
    void derivesWhatTheOriginalDerives() throws Exception {
        GorouterConfig config = parse(
                "{droplet_stale_threshold: 1s, start_response_delay_interval: 20s, endpoint_timeout: 7s, trace_key: 22,"
                        + " prometheus: {port: 7}, max_header_bytes: 99}");

        assertThat(config.registry().staleThreshold()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.drain().timeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.headers().traceKey()).isEqualTo("22");
        assertThat(config.prometheus().port()).isEqualTo(7);
        assertThat(config.frontend().maxHeaderBytes()).isEqualTo(99);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "balancing_algorithm: foo | Invalid load balancing algorithm foo. Allowed values are [round-robin"
                        + " least-connection]",
                "balancing_algorithm_az_preference: foo | Invalid load balancing AZ preference foo. Allowed values are"
                        + " [none locally-optimistic]",
                "load_balancer_healthy_threshold: -5s | Invalid load balancer healthy threshold: -5s",
                "forwarded_client_cert: foo | Invalid forwarded client cert mode: foo. Allowed values are"
                        + " [always_forward forward sanitize_set]",
                "routing_table_sharding_mode: foo | Invalid sharding mode: foo. Allowed values are [all segments"
                        + " shared-and-segments]",
                "routing_table_sharding_mode: segments | Expected isolation segments; routing table sharding mode set"
                        + " to segments and none provided.",
                "logging: {redact_query_params: foo} | Invalid query param redaction mode: foo. Allowed values are"
                        + " [none all hash]",
                "disable_http: true | neither http nor https listener is enabled: router.enable_ssl: false,"
                        + " router.disable_http: true",
                "status: {enable_nontls_health_checks: false} | Neither TLS nor non-TLS health endpoints are enabled."
                        + " Refusing to start gorouter.",
                "status: {tls: {port: 1}} | router.status.tls.key must be provided",
                "{enable_ssl: true, cipher_suites: x} | Invalid cipher string configuration: x",
                "{enable_ssl: true} | must specify list of cipher suite when ssl is enabled",
                "{enable_ssl: true} | router.tls_pem must be provided if router.enable_ssl is set to true",
                "{enable_ssl: true} | router.client_cert_validation must be one of 'none', 'request' or 'require'.",
                "{enable_ssl: true, min_tls_version: x} | router.min_tls_version should be one of",
                "cupola: {enable_http3: true} | cupola.enable_http3: true needs enable_ssl: true",
                "{enable_ssl: true, cupola: {enable_http3: true}} | cupola.enable_http3: true needs max_tls_version:"
                        + " TLSv1.3",
                "{enable_proxy: true, cupola: {enable_http3: true}} | cupola.enable_http3: true does not go with"
                        + " enable_proxy: true",
                "cupola: {http3_advertised_port: 70000} | http3_advertised_port: 70000 (expected: a whole number from 0"
                        + " to 65535)",
                "ca_certs: [x] | Error while adding 0 cert in CACerts to gorouter's cert pool",
                "port: 70000 | port: 70000 (expected: a whole number from 0 to 65535)",
                "endpoint_timeout: soon | endpoint_timeout: soon (expected: a duration"
            })
    void complainsInTheOriginalsWords(String yaml, String complaint) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(complaint);
    }
}
