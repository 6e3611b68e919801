package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.protocol.routing.RouterGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingApiConfigTest {
    private static final String MINIMAL = """
        system_domain: sys.example.org
        log_guid: routing_api
        uuid: u
        admin_port: 15897
        api: {listen_port: 3000, mtls_listen_port: 3001, mtls_client_ca_file: ca, mtls_server_cert_file: c, mtls_server_key_file: k}
        """;

    private static RoutingApiConfig read(String yaml, boolean devMode) throws ConfigException {
        return RoutingApiConfig.read(ConfigReader.ofYaml("test", yaml), Path.of("routing.db"), "10.0.0.1", devMode);
    }

    @Test
    void defaults() throws Exception {
        RoutingApiConfig config = read(MINIMAL, true);

        assertThat(config.maxTtl()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.api().httpEnabled()).isFalse();
        assertThat(config.lockKey()).isEqualTo("routing_api_lock");
        assertThat(config.lockRetryInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.handoverTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.locket().address()).isEmpty();
        assertThat(config.oauth()).isNull();
        assertThat(config.sql()).isEqualTo(SqlSettings.sqlite(Path.of("routing.db")));
        assertThat(config.enforceReservablePorts()).isFalse();
    }

    @Test
    void readsWhatTheJobWrites() throws Exception {
        RoutingApiConfig config = read(MINIMAL + """
            debug_address: 127.0.0.1:17002
            metron_config: {address: 127.0.0.1, port: "3457"}
            metrics_reporting_interval: "30s"
            statsd_endpoint: "localhost:8125"
            statsd_client_flush_interval: "300ms"
            max_ttl: 120s
            skip_ssl_validation: true
            oauth: {token_endpoint: uaa.service.cf.internal, port: 8443, skip_ssl_validation: false, client_name: n, client_secret: s, ca_certs: /ca}
            router_groups:
            - {name: default-tcp, type: tcp, reservable_ports: 1024-1123}
            - {name: one, type: tcp, reservable_ports: 2000}
            - {name: list, type: tcp, reservable_ports: [3000, 3001]}
            reserved_system_component_ports: [2822, 2825]
            sqldb: {type: mysql, host: db, port: 3306, schema: routing-api, username: u, password: p, max_open_connections: 200, connections_max_lifetime_seconds: 3600}
            locket: {locket_address: "locket:8891", locket_ca_cert_file: a, locket_client_cert_file: b, locket_client_key_file: c}
            lock_ttl: 10s
            retry_interval: 1s
            """, false);

        assertThat(config.oauth().uaa()).isEqualTo(URI.create("https://uaa.service.cf.internal:8443"));
        assertThat(config.oauth().skipSslValidation()).isTrue();
        assertThat(config.routerGroups())
                .extracting(RouterGroup::reservablePorts)
                .containsExactly("1024-1123", "2000", "3000,3001");
        assertThat(config.systemPorts()).containsExactly(2822, 2825);
        assertThat(config.sql().maxOpenConnections()).isEqualTo(200);
        assertThat(config.sql().skipSslValidation()).isTrue();
        assertThat(config.locket().address()).isEqualTo("locket:8891");
    }

    @Test
    void reportsEverythingAtOnce() {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> read("""
            admin_port: 65536
            api: {listen_port: -1}
            sqldb: {type: oracle}
            max_ttl: -1s
            router_groups: [{name: g, type: tcp}, {name: h, type: tcp, reservable_ports: [x]}]
            """, false));

        assertThat(e.problems())
                .anyMatch(problem -> problem.startsWith("system_domain: missing"))
                .anyMatch(problem -> problem.startsWith("log_guid: missing"))
                .anyMatch(problem -> problem.startsWith("uuid: missing"))
                .anyMatch(problem -> problem.startsWith("admin_port: 65536"))
                .anyMatch(problem -> problem.startsWith("api.listen_port: -1"))
                .anyMatch(problem -> problem.startsWith("api.mtls_listen_port: missing"))
                .anyMatch(problem -> problem.startsWith("api.mtls_client_ca_file: missing"))
                .anyMatch(problem -> problem.startsWith("oauth.token_endpoint: missing"))
                .anyMatch(
                        problem -> problem.startsWith("sqldb.type: oracle (expected: one of sqlite, mysql, postgres)"))
                .anyMatch(problem -> problem.startsWith("max_ttl: "))
                .anyMatch(problem -> problem.contains("missing reservable_ports in router group: g"))
                .anyMatch(problem -> problem.contains("invalid type for reservable port"));
    }

    @ParameterizedTest
    @CsvSource({
        "POSTGRES,,false,false,sslmode=disable",
        "POSTGRES,,true,false,sslmode=disable",
        "POSTGRES,CA,true,false,sslmode=require",
        "POSTGRES,CA,false,false,sslmode=verify-full&sslrootcert=%2Fca.pem",
        "MYSQL,,false,false,sslMode=disable",
        "MYSQL,,true,false,sslMode=trust",
        "MYSQL,CA,true,false,sslMode=trust",
        "MYSQL,CA,false,false,sslMode=verify-full&serverSslCert=CA",
        "MYSQL,CA,false,true,sslMode=verify-ca&serverSslCert=CA"
    })
    void asksDatabasesForTlsAsTheOriginal(
            SqlSettings.Type type, String ca, boolean skip, boolean skipHostname, String expected) {
        var settings = new SqlSettings(
                type, "db", 1, "schema", "u", Secret.NONE, ca == null ? "" : ca, skip, skipHostname, 0, Duration.ZERO);

        String url = settings.toDatabaseConfig(settings.needsCaFile() ? Path.of("/ca.pem") : null)
                .url();

        assertThat(url).endsWith("&" + expected);
        assertThat(List.of("jdbc:postgresql://db:1/schema", "jdbc:mariadb://db:1/schema"))
                .anyMatch(url::startsWith);
    }
}
