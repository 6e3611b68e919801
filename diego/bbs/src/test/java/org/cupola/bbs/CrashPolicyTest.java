package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrashPolicyTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private static ActualLRP row(String state, int crashes, long since) {
        return ActualLRP.newBuilder()
                .setState(state)
                .setCrashCount(crashes)
                .setSince(since)
                .build();
    }

    @ParameterizedTest
    @CsvSource({"1,0", "2,0", "3,30", "4,60", "5,120", "6,240", "7,480", "8,960", "9,960", "199,960"})
    void waitsLongerAfterEachCrash(int crashes, int seconds) {
        ActualLRP crashed = row("CRASHED", crashes, 0);

        assertThat(CrashPolicy.backoffNanos(crashes))
                .isEqualTo(Duration.ofSeconds(seconds).toNanos());
        assertThat(CrashPolicy.isDue(crashed, Duration.ofSeconds(seconds).toNanos()))
                .isTrue();
        assertThat(CrashPolicy.isDue(crashed, Duration.ofSeconds(seconds).toNanos() - 1))
                .isFalse();
    }

    @Test
    void givesUpAfterTwoHundred() {
        assertThat(CrashPolicy.isDue(row("CRASHED", 200, 0), Long.MAX_VALUE)).isFalse();
    }

    @Test
    void restartsTwiceAtOnce() {
        assertThat(CrashPolicy.restartsAtOnce(1)).isTrue();
        assertThat(CrashPolicy.restartsAtOnce(2)).isTrue();
        assertThat(CrashPolicy.restartsAtOnce(3)).isFalse();
    }

    @Test
    void countsAnewAfterRunningForMoreThanFiveMinutes() {
        assertThat(CrashPolicy.countAfter(row("RUNNING", 7, 0), 5 * MINUTE)).isEqualTo(8);
        assertThat(CrashPolicy.countAfter(row("RUNNING", 7, 0), 5 * MINUTE + 1)).isEqualTo(1);
        assertThat(CrashPolicy.countAfter(row("CLAIMED", 7, 0), 60 * MINUTE)).isEqualTo(8);
    }
}
