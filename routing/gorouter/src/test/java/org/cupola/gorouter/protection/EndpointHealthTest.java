package org.cupola.gorouter.protection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointHealthTest {
    private static final long SECOND = 1_000_000_000L;
    private static final OutlierRules IN_A_ROW = new OutlierRules(3, 0, 20, 10 * SECOND, 10 * SECOND, 35 * SECOND, 50);
    private static final OutlierRules SHARE = new OutlierRules(0, 50, 10, 10 * SECOND, 10 * SECOND, 35 * SECOND, 50);

    private final EndpointHealth health = new EndpointHealth();

    @Test
    void failuresInARowAreEnough() {
        assertThat(health.failed(IN_A_ROW, 0)).isFalse();
        assertThat(health.failed(IN_A_ROW, 0)).isFalse();
        health.succeeded(IN_A_ROW, 0);
        assertThat(health.failed(IN_A_ROW, 0)).isFalse();
        assertThat(health.failed(IN_A_ROW, 0)).isFalse();
        assertThat(health.failed(IN_A_ROW, 0)).isTrue();
    }

    @Test
    void aShareIsEnoughOnceThereAreRequests() {
        for (int i = 0; i < 9; i++) {
            assertThat(health.failed(SHARE, SECOND)).isFalse();
        }
        assertThat(health.failed(SHARE, SECOND)).isTrue();
    }

    @Test
    void aSmallerShareIsNot() {
        for (int i = 0; i < 100; i++) {
            health.succeeded(SHARE, SECOND);
            health.succeeded(SHARE, SECOND);
            assertThat(health.failed(SHARE, SECOND)).isFalse();
        }
    }

    @Test
    void theShareIsOfOneInterval() {
        for (int i = 0; i < 9; i++) {
            health.failed(SHARE, 9 * SECOND);
        }
        for (int i = 0; i < 9; i++) {
            assertThat(health.failed(SHARE, 10 * SECOND)).isFalse();
        }
        assertThat(health.failed(SHARE, 10 * SECOND)).isTrue();
    }

    @Test
    void timesBeforeZeroAreTimesToo() {
        for (int i = 0; i < 9; i++) {
            assertThat(health.failed(SHARE, -SECOND)).isFalse();
        }
        assertThat(health.failed(SHARE, -SECOND)).isTrue();
    }

    @Test
    void eachEjectionIsTwiceAsLongUpToALimit() {
        long now = 0;
        for (long expected : List.of(10 * SECOND, 20 * SECOND, 35 * SECOND, 35 * SECOND)) {
            long length = health.eject(IN_A_ROW, 0, 2, now);
            assertThat(length).isEqualTo(expected);
            assertThat(health.isEjected()).isTrue();
            now += length;
            health.readmit();
            assertThat(health.isEjected()).isFalse();
        }
    }

    @Test
    void goodConductIsRemembered() {
        health.eject(IN_A_ROW, 0, 2, 0);
        health.readmit();
        health.eject(IN_A_ROW, 0, 2, 10 * SECOND);
        health.readmit();

        // 20 s of ejection ended at 30 s; as much again without another forgets one of the two
        assertThat(health.eject(IN_A_ROW, 0, 2, 50 * SECOND)).isEqualTo(20 * SECOND);
        health.readmit();
        assertThat(health.eject(IN_A_ROW, 0, 2, 1000 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void whoIsEjectedIsNotEjectedAgain() {
        health.eject(IN_A_ROW, 0, 4, 0);

        assertThat(health.eject(IN_A_ROW, 1, 4, SECOND)).isZero();
        for (int i = 0; i < 10; i++) {
            assertThat(health.failed(IN_A_ROW, SECOND)).isFalse();
        }
    }

    @Test
    void beginsAnewWhenReadmitted() {
        for (int i = 0; i < 3; i++) {
            health.failed(IN_A_ROW, 0);
        }
        health.eject(IN_A_ROW, 0, 2, 0);
        health.readmit();

        assertThat(health.failed(IN_A_ROW, 10 * SECOND)).isFalse();
        assertThat(health.failed(IN_A_ROW, 10 * SECOND)).isFalse();
        assertThat(health.failed(IN_A_ROW, 10 * SECOND)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 50, 0",
        "1, 50, 0",
        "2, 50, 1",
        "3, 50, 1",
        "4, 50, 2",
        "10, 30, 3",
        "10, 100, 9",
        "2, 100, 1",
        "1, 100, 0",
        "3, 10, 1",
        "10, 0, 0"
    })
    void someMayBeEjectedButNeverAll(int poolSize, int percent, int expected) {
        var rules = new OutlierRules(1, 0, 1, SECOND, SECOND, SECOND, percent);

        assertThat(rules.mayBeEjected(poolSize)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 10, 50})
    void whateverHappensSomeoneIsLeft(int poolSize) {
        for (int seed = 0; seed < 50; seed++) {
            var random = new SplittableRandom(seed);
            var rules = new OutlierRules(
                    1 + random.nextInt(5),
                    random.nextInt(101),
                    1 + random.nextInt(5),
                    SECOND,
                    SECOND,
                    8 * SECOND,
                    random.nextInt(101));
            List<EndpointHealth> pool = new ArrayList<>();
            for (int i = 0; i < poolSize; i++) {
                pool.add(new EndpointHealth());
            }
            long now = 0;
            for (int step = 0; step < 500; step++) {
                now += random.nextLong(SECOND / 4);
                EndpointHealth one = pool.get(random.nextInt(poolSize));
                int ejected =
                        (int) pool.stream().filter(EndpointHealth::isEjected).count();
                switch (random.nextInt(8)) {
                    case 0 -> one.succeeded(rules, now);
                    case 1 -> one.readmit();
                    default -> {
                        if (one.failed(rules, now)) {
                            one.eject(rules, ejected, poolSize, now);
                        }
                    }
                }
                ejected = (int) pool.stream().filter(EndpointHealth::isEjected).count();
                assertThat(ejected)
                        .as("seed %s step %s", seed, step)
                        .isLessThan(poolSize)
                        .isLessThanOrEqualTo(Math.max(1, poolSize * rules.maxEjectedPercent() / 100));
            }
        }
    }
}
