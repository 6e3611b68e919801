package org.cupola.auctioneer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.cupola.platform.config.ConfigReader;
import org.junit.jupiter.api.Test;

class AuctioneerConfigTest {
    private static final String MINIMAL = """
            {
              "listen_address": "0.0.0.0:9016",
              "bbs_address": "https://bbs.service.cf.internal:8889",
              "bbs_ca_cert_file": "/ca", "bbs_client_cert_file": "/c", "bbs_client_key_file": "/k",
              "rep_ca_cert": "/ca", "rep_client_cert": "/c", "rep_client_key": "/k",
              "locket_address": "locket:8891",
              "locket_ca_cert_file": "/ca", "locket_client_cert_file": "/c", "locket_client_key_file": "/k",
              "uuid": "auctioneer-1"%s
            }
            """;

    private static AuctioneerConfig read(String more) throws Exception {
        return AuctioneerConfig.read(ConfigReader.ofJson("auctioneer.json", MINIMAL.formatted(more)));
    }

    @Test
    void defaultsAreTheReleases() throws Exception {
        AuctioneerConfig config = read("");

        assertThat(config.listen()).isEqualTo(new InetSocketAddress("0.0.0.0", 9016));
        assertThat(config.server()).isNull();
        assertThat(config.debug()).isNull();
        assertThat(config.workers()).isEqualTo(1000);
        assertThat(config.communicationTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.startingContainerWeight()).isEqualTo(0.25);
        assertThat(config.binPackFirstFitWeight()).isZero();
        assertThat(config.startingContainerCountMaximum()).isZero();
    }

    @Test
    void aPartialSetOfServerCertificatesIsFatal() throws Exception {
        assertThatThrownBy(() -> read(", \"server_cert_file\": \"/c\""))
                .hasMessageContaining("ca_cert_file: missing")
                .hasMessageContaining("server_key_file: missing");
        assertThat(read(", \"server_cert_file\": \"/c\", \"server_key_file\": \"/k\", \"ca_cert_file\": \"/ca\"")
                        .server())
                .isNotNull();
    }

    @Test
    void reportsAllProblemsTogether() {
        assertThatThrownBy(() -> AuctioneerConfig.read(ConfigReader.ofJson(
                        "auctioneer.json",
                        "{\"starting_container_weight\": \"heavy\", \"cell_state_timeout\": \"0s\"}")))
                .hasMessageContaining("listen_address: missing")
                .hasMessageContaining("uuid: missing")
                .hasMessageContaining("locket_address: missing")
                .hasMessageContaining("bbs_address: missing")
                .hasMessageContaining("starting_container_weight: heavy")
                .hasMessageContaining("cell_state_timeout: PT0S (expected: more than 0s)");
    }
}
