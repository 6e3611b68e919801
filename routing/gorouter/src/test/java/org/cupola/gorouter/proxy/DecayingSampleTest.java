package org.cupola.gorouter.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DecayingSampleTest {
    @Test
    void hasNoPercentilesOfNothing() {
        assertThat(new DecayingSample(new SplittableRandom(1)).percentiles(0.5, 0.99))
                .containsExactly(0, 0);
    }

    @Test
    void isExactWhileItHoldsAll() {
        var sample = new DecayingSample(new SplittableRandom(1));
        for (int i = 1; i <= 99; i++) {
            sample.add(0, i);
        }
        assertThat(sample.percentiles(0.5, 0.9, 0.99)).containsExactly(50, 90, 99);
    }

    @Test
    void forgetsWhatIsOld() {
        var sample = new DecayingSample(new SplittableRandom(1));
        for (int i = 0; i < 10_000; i++) {
            sample.add(1_000_000, 1);
        }
        for (int i = 0; i < 10_000; i++) {
            sample.add(1_000_600, 1000);
        }
        assertThat(sample.percentiles(0.05)).as("ten minutes later").containsExactly(1000);
    }

    @Test
    void standsForBothWhenMerged() {
        var one = new DecayingSample(new SplittableRandom(1));
        var other = new DecayingSample(new SplittableRandom(2));
        for (int i = 0; i < 30_000; i++) {
            one.add(5, 10);
            if (i % 3 == 0) {
                other.add(5, 20);
            }
        }
        DecayingSample both = one.copy();
        both.merge(other);
        assertThat(both.percentiles(0.5, 0.95)).containsExactly(10, 20);
    }
}
