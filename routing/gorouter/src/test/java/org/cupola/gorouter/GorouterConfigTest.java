package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.cupola.platform.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is ours in the file, and names that keys had in earlier versions; the rest is in {@link ConfigurationContractTest}. */
class GorouterConfigTest {
    private static GorouterConfig parse(String yaml) throws ConfigException {
        return GorouterConfig.parse("gorouter.yml", yaml);
    }

    @Test
    void readsKeysOfEarlierVersions() throws Exception {
        GorouterConfig config =
                parse("{prometheus: {port: 7}, max_header_bytes: 99, logging: {enable_attempts_details: true}}");

        assertThat(config.prometheus().port()).isEqualTo(7);
        assertThat(config.frontend().maxHeaderBytes()).isEqualTo(99);
        assertThat(config.logs().extraFields())
                .containsExactly(
                        "failed_attempts", "failed_attempts_time", "dns_time", "dial_time", "tls_time", "backend_time");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cupola: {enable_http3: true} | cupola.enable_http3: true needs enable_ssl: true",
                "{enable_ssl: true, cupola: {enable_http3: true}} | cupola.enable_http3: true needs max_tls_version:"
                        + " TLSv1.3",
                "{enable_proxy: true, cupola: {enable_http3: true}} | cupola.enable_http3: true does not go with"
                        + " enable_proxy: true",
                "cupola: {http3_advertised_port: 70000} | http3_advertised_port: 70000 (expected: a whole number from 0"
                        + " to 65535)",
                "cupola: {transport: pigeon} | transport: pigeon (expected: one of nio, epoll, io_uring)"
            })
    void refusesWhatMakesNoSense(String yaml, String complaint) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(complaint);
    }
}
