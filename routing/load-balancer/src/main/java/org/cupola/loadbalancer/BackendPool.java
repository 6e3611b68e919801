package org.cupola.loadbalancer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.loadbalancer.LoadBalancerConfig.Balance;

/**
 * The backends of one kind, in the order a new connection should try them: the healthy ones first, as the balance
 * demands, then the others, because a wrong health check must not make the whole platform unreachable. Any thread.
 */
final class BackendPool {
    private final List<Backend> backends;
    private final Balance balance;
    private final AtomicInteger turn = new AtomicInteger();

    BackendPool(List<Backend> backends, Balance balance) {
        this.backends = List.copyOf(backends);
        this.balance = balance;
    }

    List<Backend> backends() {
        return backends;
    }

    /** All backends, each once. */
    Iterator<Backend> candidates() {
        int first = Math.floorMod(turn.getAndIncrement(), backends.size());
        List<Backend> healthy = new ArrayList<>(backends.size());
        List<Backend> others = new ArrayList<>(0);
        for (int i = 0; i < backends.size(); i++) {
            Backend backend = backends.get((first + i) % backends.size());
            (backend.isHealthy() ? healthy : others).add(backend);
        }
        if (balance == Balance.LEAST_CONNECTION && healthy.size() > 1) {
            healthy.sort(Comparator.comparingInt(Backend::connections)); // stable: equals keep taking turns
        }
        healthy.addAll(others);
        return healthy.iterator();
    }
}
