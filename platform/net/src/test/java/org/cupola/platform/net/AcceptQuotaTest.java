package org.cupola.platform.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AcceptQuotaTest {
    private final AcceptQuota quota = new AcceptQuota();

    @Test
    void growsWhileMoreWaitThanItTakesUpToALimit() {
        List<Integer> quotas = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            quotas.add(quota.get());
            quota.filled();
        }

        assertThat(quotas).containsExactly(1, 1, 1, 1, 2, 4, 8, 16, 32, 64, 64, 64);
    }

    @Test
    void isOneAgainWhenNoMoreWait() {
        for (int i = 0; i < 8; i++) {
            quota.filled();
        }

        quota.notFilled();

        assertThat(quota.get()).isEqualTo(1);
        quota.filled();
        assertThat(quota.get()).isEqualTo(1);
    }
}
