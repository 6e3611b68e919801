package org.cupola.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.cupola.loadbalancer.LoadBalancerConfig.Balance;
import org.cupola.loadbalancer.LoadBalancerConfig.Health;
import org.junit.jupiter.api.Test;

class BackendTest {
    private static final Health HEALTH = new Health(Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 3);

    private final Backend a = backend("a");
    private final Backend b = backend("b");
    private final Backend c = backend("c");

    private static Backend backend(String name) {
        return new Backend(name, port -> new InetSocketAddress("127.0.0.1", port), HEALTH);
    }

    private static void check(Backend backend, boolean... results) {
        for (boolean good : results) {
            backend.checked(good, "test");
        }
    }

    private static List<Backend> order(BackendPool pool) {
        List<Backend> order = new ArrayList<>();
        pool.candidates().forEachRemaining(order::add);
        return order;
    }

    @Test
    void risesAndFallsAfterAsManyInARow() {
        check(a, true, false, true);
        assertThat(a.isHealthy()).isFalse();
        check(a, true);
        assertThat(a.isHealthy()).isTrue();
        check(a, false, false, true, false, false);
        assertThat(a.isHealthy()).isTrue();
        check(a, false);
        assertThat(a.isHealthy()).isFalse();
    }

    @Test
    void fallsAtOnceWhenItRefusesAConnection() {
        check(a, true, true);
        a.refused("connection refused");
        assertThat(a.isHealthy()).isFalse();
        check(a, true, true);
        assertThat(a.isHealthy()).isTrue();
    }

    @Test
    void offersEveryBackendOnceHealthyOnesFirst() {
        check(b, true, true);
        check(c, true, true);
        var pool = new BackendPool(List.of(a, b, c), Balance.ROUND_ROBIN);

        assertThat(order(pool)).containsExactly(b, c, a);
        assertThat(order(pool)).containsExactly(b, c, a);
        assertThat(order(pool)).containsExactly(c, b, a);
    }

    @Test
    void offersTheLeastConnectedFirstAndTakesTurnsBetweenEquals() {
        check(a, true, true);
        check(b, true, true);
        check(c, true, true);
        a.opened();
        a.opened();
        b.opened();
        c.opened();
        var pool = new BackendPool(List.of(a, b, c), Balance.LEAST_CONNECTION);

        assertThat(order(pool)).containsExactly(b, c, a);
        assertThat(order(pool)).containsExactly(b, c, a);
        assertThat(order(pool)).containsExactly(c, b, a);
        c.opened();
        c.opened();
        b.closed();
        assertThat(order(pool)).containsExactly(b, a, c);
    }
}
