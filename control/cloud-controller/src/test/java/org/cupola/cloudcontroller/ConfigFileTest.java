package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.junit.jupiter.api.Test;

/** {@code cloud_controller_ng.yml}: keys, defaults, refusals. */
class ConfigFileTest {
    private static final String LEAST = """
            external_domain: api.example.com
            db: {database: {adapter: postgres, host: db.example.com, port: 5524, user: cc, password: secret, database: ccdb}}
            uaa: {url: https://uaa.example.com}
            packages: {fog_connection: {provider: Local, local_root: /var/blobs}}
            droplets: {fog_connection: {provider: Local, local_root: /var/blobs}}
            resource_pool: {fog_connection: {provider: Local, local_root: /var/blobs}}
            """;

    @Test
    void hasTheOriginalsDefaults() throws Exception {
        CloudControllerConfig config = CloudControllerConfig.parse("test", LEAST);

        assertThat(config.apiUrl()).isEqualTo("https://api.example.com");
        assertThat(config.listen().getPort()).isEqualTo(9022);
        assertThat(config.listen().getAddress().isLoopbackAddress()).isTrue();
        assertThat(config.internal()).isEmpty();
        assertThat(config.database().url()).isEqualTo("jdbc:postgresql://db.example.com:5524/ccdb");
        assertThat(config.database().maxConnections()).isEqualTo(25);
        assertThat(config.uaa().loginUrl()).isEqualTo("https://uaa.example.com");
        assertThat(config.uaa().resourceIds())
                .containsExactly("cloud_controller", "cloud_controller_service_permissions");
        assertThat(config.limits())
                .isEqualTo(new CloudControllerConfig.AppLimits(
                        1024, 1024, 2048, -1, 60, 180, 1024, 4096, Duration.ofMinutes(15), 16_384, 1024, 50, 200));
        assertThat(config.platform().syncInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.platform().deploymentInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.platform().fileServer()).isEqualTo("http://file-server.service.cf.internal:8080");
        assertThat(config.platform().reservedHosts()).contains("api", "uaa", "login", "doppler");
        assertThat(config.blobs().packages())
                .isEqualTo(new CloudControllerConfig.BlobSetting(
                        "cc-packages", Optional.of(Path.of("/var/blobs")), Optional.empty()));
        assertThat(config.blobs().minFileBytes()).isEqualTo(65_536);
        assertThat(config.toString()).doesNotContain("secret");
    }

    @Test
    void readsWhatDiffers() throws Exception {
        CloudControllerConfig config = CloudControllerConfig.parse("test", """
                external_protocol: http
                external_domain: localhost:8080
                local_route: 0.0.0.0
                external_port: 0
                tls_port: 0
                mutual_tls: {ca_file: ca.pem, cert_file: cc.pem, key_file: cc.key}
                lifecycle: process
                app_domains: [apps.example.com, {name: tcp.example.com, router_group_name: default-tcp}, {name: internal.example.com, internal: true}]
                db: {database: {adapter: sqlite, database: /tmp/cc.db}, max_connections: 3}
                uaa: {url: "http://uaa", internal_url: "http://localhost:1", resource_id: "a,b"}
                cloud_controller_username_lookup_client_name: lookup
                cloud_controller_username_lookup_client_secret: s
                routing_api: {url: "http://localhost:2", routing_client_secret: s}
                diego: {bbs: {url: "https://localhost:3", ca_file: ca.pem, cert_file: c.pem, key_file: k.pem}, pid_limit: 5}
                packages: {blobstore_type: webdav, webdav_config: {private_endpoint: "https://blobs:4443", public_endpoint: "http://blobs.example.com", username: u, password: p}}
                droplets: {blobstore_type: local, local_blobstore_path: /blobs, droplet_directory_key: d}
                resource_pool: {fog_connection: {provider: Local, local_root: /blobs}}
                """);

        assertThat(config.apiUrl()).isEqualTo("http://localhost:8080");
        assertThat(config.database().url()).isEqualTo("jdbc:sqlite:/tmp/cc.db");
        assertThat(config.platform().fileServer()).isEmpty();
        assertThat(config.platform().domains()).hasSize(3);
        assertThat(config.platform().domains().get(1).routerGroup()).contains("default-tcp");
        assertThat(config.internal()).isPresent();
        assertThat(config.bbs().orElseThrow().identity()).isPresent();
        assertThat(config.routingApi().orElseThrow().externalUrl()).isEqualTo("http://localhost:2");
        assertThat(config.uaa().lookup().orElseThrow().name()).isEqualTo("lookup");
        assertThat(config.limits().maxPids()).isEqualTo(5);
        assertThat(config.blobs().packages().webDav().orElseThrow().publicEndpoint())
                .hasToString("http://blobs.example.com");
        assertThat(config.blobs().droplets().directory()).isEqualTo("d");
    }

    @Test
    void namesAllProblemsTogether() {
        assertThatThrownBy(
                        () -> CloudControllerConfig.parse(
                                "test",
                                LEAST
                                        + "external_port: 70000\nlifecycle: magic\nmutual_tls: {cert_file: a.pem}\nstaging: {timeout_in_seconds: 0}\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("external_port: 70000 (expected: a whole number from 0 to 65535)")
                .hasMessageContaining("lifecycle: magic (expected: one of buildpack, process)")
                .hasMessageContaining("mutual_tls.key_file: missing")
                .hasMessageContaining("staging.timeout_in_seconds: 0");
        assertThatThrownBy(() -> CloudControllerConfig.parse("test", ""))
                .hasMessageContaining("external_domain: missing")
                .hasMessageContaining("uaa.url: missing")
                .hasMessageContaining("db.database: missing");
    }
}
