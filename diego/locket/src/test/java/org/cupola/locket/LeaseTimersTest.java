package org.cupola.locket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseTimersTest {
    private static final long SECOND = 1_000_000_000L;
    private final LeaseTimers timers = new LeaseTimers();

    private static Lease lease(String id, long index) {
        return new Lease("key", "owner", "", "lock", index, id, 10);
    }

    @Test
    void runsOutAfterItsTimeToLive() {
        timers.saw(lease("a", 1), 0);

        assertThat(timers.due(10 * SECOND - 1)).isEmpty();
        assertThat(timers.due(10 * SECOND)).containsExactly(lease("a", 1));
        assertThat(timers.due(100 * SECOND)).isEmpty();
    }

    @Test
    void aRenewalStartsItAgain() {
        timers.saw(lease("a", 1), 0);
        timers.saw(lease("a", 2), 9 * SECOND);

        assertThat(timers.due(18 * SECOND)).isEmpty();
        assertThat(timers.due(19 * SECOND)).containsExactly(lease("a", 2));
    }

    @Test
    void whatASweepSeesAgainDoesNotProlongIt() {
        timers.saw(lease("a", 2), 0);
        timers.saw(lease("a", 2), 5 * SECOND);
        timers.saw(lease("a", 1), 5 * SECOND);

        assertThat(timers.due(10 * SECOND)).containsExactly(lease("a", 2));
    }

    @Test
    void differentTakingsOfAKeyRunOutIndependently() {
        timers.saw(lease("a", 7), 0);
        timers.saw(lease("b", 1), 5 * SECOND);

        assertThat(timers.due(10 * SECOND)).containsExactly(lease("a", 7));
        assertThat(timers.size()).isEqualTo(1);
    }

    @Test
    void worksWhereTheMonotonicClockWrapsAround() {
        long late = Long.MAX_VALUE - SECOND;
        timers.saw(lease("a", 1), late);

        assertThat(timers.due(late + 9 * SECOND)).isEmpty();
        assertThat(timers.due(late + 10 * SECOND)).hasSize(1);
    }
}
