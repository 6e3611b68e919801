package org.cupola.tcprouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolTest {
    private final Backend a = backend("a");
    private final Backend b = backend("b");
    private final Backend c = backend("c");

    private static Backend backend(String name) {
        return new Backend(
                new BackendKey(name, 80, 0, "", false, "", "", false), InetSocketAddress.createUnresolved(name, 80));
    }

    @Test
    void takesTurns() {
        var pool = new Pool(List.of(a, b, c), Balancing.ROUND_ROBIN);

        assertThat(pool.inOrder(0, 0)).containsExactly(a, b, c);
        assertThat(pool.inOrder(0, 0)).containsExactly(b, c, a);
        assertThat(pool.inOrder(0, 0)).containsExactly(c, a, b);
        assertThat(pool.inOrder(0, 0)).containsExactly(a, b, c);
    }

    @Test
    void prefersTheLeastConnections() {
        var pool = new Pool(List.of(a, b, c), Balancing.LEAST_CONNECTION);
        a.opened();
        a.opened();
        c.opened();

        assertThat(pool.inOrder(0, 0)).containsExactly(b, c, a);

        b.opened();
        b.opened();
        b.opened();
        a.closed();
        a.closed();
        assertThat(pool.inOrder(0, 0)).containsExactly(a, c, b);
    }

    @Test
    void keepsAClientAtItsBackendWhileItIsThere() {
        var pool = new Pool(List.of(a, b, c), Balancing.SOURCE_HASH);
        var without = new Pool(List.of(a, c), Balancing.SOURCE_HASH);
        Map<Backend, Integer> clients = new HashMap<>();
        for (int client : IntStream.range(0, 3000).toArray()) {
            Backend first = pool.inOrder(client, 0).getFirst();
            clients.merge(first, 1, Integer::sum);
            assertThat(pool.inOrder(client, 0).getFirst()).isEqualTo(first);
            if (first != b) {
                assertThat(without.inOrder(client, 0).getFirst()).isEqualTo(first);
            }
        }

        assertThat(clients.values()).allSatisfy(count -> assertThat(count).isBetween(700, 1300));
    }

    @Test
    void triesABackendThatFailedLastUntilItAnswersOrTimePasses() {
        var pool = new Pool(List.of(a, b), Balancing.ROUND_ROBIN);
        a.failed(1_000);

        assertThat(pool.inOrder(0, 2_000)).containsExactly(b, a);
        assertThat(pool.inOrder(0, 2_000)).containsExactly(b, a);
        assertThat(pool.inOrder(0, 11_000_000_000L)).containsExactly(a, b);

        a.succeeded();
        pool.inOrder(0, 2_000);
        assertThat(pool.inOrder(0, 2_000)).containsExactly(a, b);
    }
}
