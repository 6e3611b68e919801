package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.cupola.rep.executor.LogRate.Verdict;
import org.junit.jupiter.api.Test;

class LogRateTest {
    private final AtomicLong nanos = new AtomicLong(17);
    private final AtomicInteger overflows = new AtomicInteger();

    private LogRate rate(long bytesPerSecond) {
        return new LogRate(bytesPerSecond, 0, nanos::get, overflows::incrementAndGet);
    }

    private void pass(long millis) {
        nanos.addAndGet(millis * 1_000_000);
    }

    @Test
    void unlimitedPassesEverythingAndZeroNothing() {
        assertThat(rate(-1).ask(Integer.MAX_VALUE)).isEqualTo(Verdict.PASS);
        assertThat(rate(0).ask(1)).isEqualTo(Verdict.DROP);
        assertThat(overflows).hasValue(0);
    }

    @Test
    void tellsOnceAndDropsForASecond() {
        LogRate rate = rate(100);
        assertThat(rate.ask(100)).isEqualTo(Verdict.PASS);
        assertThat(rate.ask(1)).isEqualTo(Verdict.DROP_AND_TELL);
        pass(999);
        assertThat(rate.ask(1)).isEqualTo(Verdict.DROP);
        pass(1);
        assertThat(rate.ask(100)).isEqualTo(Verdict.PASS);
        assertThat(overflows).hasValue(1);
        assertThat(rate.message()).isEqualTo("app instance exceeded log rate limit (100 bytes/sec)");
    }

    @Test
    void refillsWithTime() {
        LogRate rate = rate(100);
        rate.ask(100);
        pass(500);

        assertThat(rate.ask(50)).isEqualTo(Verdict.PASS);
        assertThat(rate.ask(50)).isEqualTo(Verdict.DROP_AND_TELL);
    }

    @Test
    void limitsLinesToo() {
        LogRate rate = new LogRate(-1, 2, nanos::get, overflows::incrementAndGet);
        assertThat(rate.ask(1_000_000)).isEqualTo(Verdict.PASS);
        assertThat(rate.ask(1)).isEqualTo(Verdict.PASS);
        assertThat(rate.ask(1)).isEqualTo(Verdict.DROP_AND_TELL);
        assertThat(rate.message())
                .isEqualTo("app instance exceeded log rate limit (2 log-lines/sec) set by platform operator");
        assertThat(rate.usage()).isEqualTo(new LogUsage(1_000_001, -1));
    }

    @Test
    void aMessageLargerThanASecondsWorthNeverPasses() {
        LogRate rate = rate(100);

        for (int i = 0; i < 5; i++) {
            assertThat(rate.ask(101)).isEqualTo(Verdict.DROP_AND_TELL);
            pass(2000);
        }
    }
}
