package org.cupola.routeregistrar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
    @TempDir
    Path folder;

    private RouteRegistrarConfig read(String yaml) throws Exception {
        Path file = folder.resolve("manifest.yml");
        Files.writeString(file, yaml);
        return RouteRegistrarConfig.readManifest(file);
    }

    private static String quoted(String pem) {
        return "\"" + pem.replace("\n", "\\n") + "\"";
    }

    @Test
    void readsTheJobsOfADeployment() throws Exception {
        var authority = CertificateAuthority.create("test", Duration.ofDays(1), Clock.systemUTC());
        var client = authority.issue("client", List.of(), Duration.ofDays(1));
        RouteRegistrarConfig config = read("""
                instance_groups:
                - name: api
                  jobs:
                  - name: cloud_controller_ng
                  - name: route_registrar
                    properties:
                      host: 10.0.0.4
                      index: 2
                      nats: {machines: [10.0.0.1, 10.0.0.2], port: 4224, user: nats, password: "p@:/ss",
                             tls: {enabled: true, client_cert: CERT, client_key: KEY, ca_cert: CA}}
                      route_registrar:
                        routes:
                        - {name: api, port: 9022, tls_port: 9024, server_cert_domain_san: api.internal,
                           uris: [api.example.org], registration_interval: 10s}
                        - {name: each, port: 1, uris: [x.example.org], prepend_instance_index: true, registration_interval: 10s}
                - name: db
                  jobs:
                  - name: route_registrar
                    properties:
                      host: q-s0.db.internal
                      route_registrar:
                        routing_api: {api_url: "https://api:3001", oauth_url: "https://uaa:8443", client_id: i,
                                      client_secret: s, ca_certs: [CA], client_cert: CERT, client_private_key: KEY,
                                      server_ca_cert: CA}
                        routes:
                        - {type: sni, host: 10.0.0.9, router_group: g, external_port: 443, sni_port: 8443,
                           registration_interval: 10s, server_cert_domain_name_modifier: {key: "^q-s0", value: db-0}}
                """.replace("CERT", quoted(Pem.write(client.certificate())))
                .replace("KEY", quoted(Pem.write(client.key())))
                .replace("[CA]", "[" + quoted(Pem.write(authority.certificate())) + "]")
                .replace(": CA", ": " + quoted(Pem.write(authority.certificate()))));

        assertThat(config.host()).isEqualTo("10.0.0.4");
        assertThat(config.nats().servers()).containsExactly("10.0.0.1:4224", "10.0.0.2:4224");
        assertThat(config.nats().password().value()).isEqualTo("p@:/ss");
        assertThat(config.nats().tls().identity().certificate()).isEqualTo(client.certificate());
        assertThat(config.routingApi().apiTls().authorities()).containsExactly(authority.certificate());
        assertThat(config.routes()).hasSize(3);
        assertThat(config.routes().get(1).destination())
                .isInstanceOfSatisfying(
                        RegistrarRoute.Http.class,
                        http -> assertThat(http.uris()).containsExactly("2-x.example.org"));
        assertThat(config.routes().get(2).destination())
                .isInstanceOfSatisfying(
                        RegistrarRoute.Tcp.class,
                        tcp -> assertThat(tcp.sniHostname()).isEqualTo("db-0.db.internal"));
    }

    @Test
    void readsThePropertiesOfOneJob() throws Exception {
        RouteRegistrarConfig config = read("""
                host: 127.0.0.1
                nats: {hostname: localhost}
                route_registrar:
                  routes: [{name: a, port: 1, uris: [a.example.org], registration_interval: 10s}]
                """);

        assertThat(config.nats().servers()).containsExactly("localhost:4222");
        assertThat(config.routes()).hasSize(1);
    }

    @Test
    void keepsTheTemplatesRules() {
        assertThatThrownBy(() -> read("""
                        host: h
                        nats: {hostname: n}
                        route_registrar:
                          routes:
                          - {name: a, tls_port: 1, uris: [a], registration_interval: 10s}
                          - {name: b, type: sni, sni_port: 1, router_group: g, external_port: 2, registration_interval: 10s,
                             server_cert_domain_name_modifier: {value: x}}
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("route a: server_cert_domain_san: missing")
                .hasMessageContaining("route b: server_cert_domain_name_modifier.key: missing");
        assertThatThrownBy(() -> read("instance_groups: []")).hasMessageContaining("no job route_registrar");
    }
}
