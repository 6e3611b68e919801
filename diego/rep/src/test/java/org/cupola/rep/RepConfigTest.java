package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.junit.jupiter.api.Test;

class RepConfigTest {
    private static final String MINIMAL = """
            {
              "cell_id": "cell_z1-0",
              "listen_addr": "127.0.0.1:1800",
              "listen_addr_securable": "0.0.0.0:1801",
              "ca_cert_file": "/ca.crt", "cert_file": "/rep.crt", "key_file": "/rep.key",
              "bbs_address": "https://bbs.service.cf.internal:8889",
              "locket_address": "locket.service.cf.internal:8891",
              "locket_ca_cert_file": "/ca.crt",
              "locket_client_cert_file": "/rep.crt",
              "locket_client_key_file": "/rep.key"%s
            }
            """;

    private static RepConfig read(String more) throws Exception {
        return RepConfig.read(ConfigReader.ofJson("rep.json", MINIMAL.formatted(more)));
    }

    @Test
    void defaultsAreTheReleases() throws Exception {
        RepConfig config = read("");

        assertThat(config.advertiseDomain()).isEqualTo("cell.service.cf.internal");
        assertThat(config.admin()).isEqualTo(new InetSocketAddress("127.0.0.1", 1800));
        assertThat(config.locket().timeToLive()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.intervals().polling()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.intervals().evacuationPolling()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.intervals().evacuationTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.intervals().shutdown()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.cell().memoryMb()).isZero();
        assertThat(config.cell().gracePeriod()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.cell().healthyInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.cell().unhealthyInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.cell().maxContainers()).isEqualTo(250);
        assertThat(config.cell().maxCacheBytes()).isEqualTo(10_000_000_000L);
    }

    @Test
    void readsWhatTheReleaseWrites() throws Exception {
        RepConfig config = read("""
                , "zone": "z1", "cell_index": 3,
                "preloaded_root_fs": ["cflinuxfs4:/var/vcap/packages/cflinuxfs4/rootfs.tar", "windows:x"],
                "supported_providers": ["docker"],
                "placement_tags": ["gpu"], "optional_placement_tags": ["ssd"],
                "memory_mb": "4096", "disk_mb": "auto",
                "path_to_tls_cert": "/a.crt", "path_to_tls_key": "/a.key",
                "path_to_ca_certs_for_downloads": "/cas.crt",
                "container_dir": "/cell", "container_host_ip": "127.0.0.1",
                "container_environment": {"PATH": "/jdk/bin:/bin"},
                "garden_network": "unix", "layering_mode": "single-layer",
                "time_format": "rfc3339"
                """);

        assertThat(config.stacks()).containsExactly("cflinuxfs4", "windows");
        assertThat(config.cell().memoryMb()).isEqualTo(4096);
        assertThat(config.cell().folder()).isEqualTo(Path.of("/cell"));
        assertThat(config.cell().environment()).containsEntry("PATH", "/jdk/bin:/bin");
        assertThat(config.cell().downloadAuthorities()).containsExactly(Path.of("/cas.crt"));
        assertThat(config.logs().format()).isEqualTo(LogFormat.LAGER_RFC3339);
        assertThat(config.withZone("z9").zone()).isEqualTo("z9");
    }

    @Test
    void reportsAllProblemsTogether() {
        assertThatThrownBy(() -> RepConfig.read(ConfigReader.ofJson("rep.json", """
                        {"listen_addr": "nowhere", "polling_interval": "soon", "memory_mb": "much",
                         "bbs_address": "bbs", "container_backend": "magic"}
                        """)))
                .hasMessageContaining("cell_id: missing")
                .hasMessageContaining("locket_address: missing")
                .hasMessageContaining("listen_addr: nowhere (expected: host:port)")
                .hasMessageContaining("polling_interval: soon (expected: a duration")
                .hasMessageContaining("memory_mb: much (expected: a whole number from 1")
                .hasMessageContaining("bbs_address: bbs (expected: a URL")
                .hasMessageContaining("container_backend: magic (expected: one of process)");
    }
}
