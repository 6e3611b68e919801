package org.cupola.gorouter.protection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RouteGuardTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = Long.MAX_VALUE - SECOND; // the clock may wrap while we count

    private static RouteGuard rate(double perSecond, long burst) {
        return new RouteGuard(new RouteLimits(perSecond, burst, 0, 0, null), START);
    }

    @Test
    void letsABurstPassAndThenOneAfterTheOther() {
        RouteGuard guard = rate(10, 3);

        assertThat(guard.take(START)).isZero();
        assertThat(guard.take(START)).isZero();
        assertThat(guard.take(START)).isZero();
        assertThat(guard.take(START)).isEqualTo(SECOND / 10);
        assertThat(guard.take(START + SECOND / 10)).isZero();
        assertThat(guard.take(START + SECOND / 10)).isEqualTo(SECOND / 10);
    }

    @Test
    void savesUpNoMoreThanABurst() {
        RouteGuard guard = rate(10, 3);

        long later = START + 100 * SECOND;
        int passed = 0;
        while (guard.take(later) == 0) {
            passed++;
        }

        assertThat(passed).isEqualTo(3);
    }

    @Test
    void keepsTheRateOverALongTime() {
        RouteGuard guard = rate(7, 2);

        int passed = 0;
        for (long millis = 0; millis < 10_000; millis++) {
            if (guard.take(START + millis * 1_000_000) == 0) {
                passed++;
            }
        }

        assertThat(passed).isBetween(70, 72);
    }

    @Test
    void refusedRequestsDoNotCount() {
        RouteGuard guard = rate(1, 1);
        guard.take(START);

        for (int i = 0; i < 1000; i++) {
            assertThat(guard.take(START + SECOND / 2)).isEqualTo(SECOND / 2);
        }

        assertThat(guard.take(START + SECOND)).isZero();
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void countsExactlyWhenManyThreadsAsk() throws Exception {
        RouteGuard guard = rate(1, 1000);
        var passed = new AtomicInteger();
        var start = new CountDownLatch(1);
        var threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int j = 0; j < 1000; j++) {
                    if (guard.take(START) == 0) {
                        passed.incrementAndGet();
                    }
                }
            });
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(passed).hasValue(1000);
    }

    @Test
    void countsThoseWhoAreInside() {
        var guard = new RouteGuard(new RouteLimits(0, 0, 2, 0, null), START);

        assertThat(guard.enter()).isTrue();
        assertThat(guard.enter()).isTrue();
        assertThat(guard.enter()).isFalse();
        assertThat(guard.enter()).isFalse();
        guard.leave();
        assertThat(guard.enter()).isTrue();
        assertThat(guard.concurrent()).isEqualTo(2);
    }

    @Test
    void keepsCountingWhenLimitsChange() {
        var guard = new RouteGuard(new RouteLimits(0, 0, 0, 0, null), START);
        guard.enter();

        guard.limits(new RouteLimits(0, 0, 1, 0, null));

        assertThat(guard.enter()).isFalse();
        guard.leave();
        assertThat(guard.enter()).isTrue();
    }

    @Test
    void measuresBodies() {
        var guard = new RouteGuard(new RouteLimits(0, 0, 0, 10, null), START);

        assertThat(guard.isTooLarge(-1)).isFalse();
        assertThat(guard.isTooLarge(10)).isFalse();
        assertThat(guard.isTooLarge(11)).isTrue();
        assertThat(rate(1, 1).isTooLarge(Long.MAX_VALUE)).isFalse();
    }
}
