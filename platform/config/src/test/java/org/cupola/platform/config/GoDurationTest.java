package org.cupola.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "0, PT0S, 0s",
        "20s, PT20S, 20s",
        "2m, PT2M, 2m0s",
        "1h15m30.918s, PT1H15M30.918S, 1h15m30.918s",
        "250ms, PT0.25S, 250ms",
        ".5s, PT0.5S, 500ms",
        "1500us, PT0.0015S, 1.5ms",
        "-1.5s, PT-1.5S, -1.5s",
        "36h, PT36H, 36h0m0s",
        "7ns, PT0.000000007S, 7ns"
    })
    void parsesAndPrintsAsGoDoes(String text, Duration expected, String printed) {
        assertThat(GoDuration.parse(text)).isEqualTo(expected);
        assertThat(GoDuration.format(expected)).isEqualTo(printed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20", "s", "1d", "1 s", "1s ", "--1s", "1s1", ".s", "1e3s", "300000000h"})
    void refusesWhatGoRefuses(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theMessageQuotesTheInput() {
        assertThatThrownBy(() -> GoDuration.parse("1d")).hasMessageStartingWith("\"1d\" (expected: a duration");
    }
}
