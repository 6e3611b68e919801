package org.cupola.tcprouter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The backends of one route. The list is immutable, the turn is shared by all event loops; any thread.
 *
 * <p>Source hashing ranks backends by a hash of client and backend (rendezvous hashing), so that a backend that comes or goes
 * moves only its own clients.
 */
final class Pool {
    private final List<Backend> backends;
    private final Balancing balancing;
    private final AtomicInteger turn = new AtomicInteger();

    Pool(Collection<Backend> backends, Balancing balancing) {
        this.backends = List.copyOf(backends);
        this.balancing = balancing;
    }

    List<Backend> backends() {
        return backends;
    }

    boolean terminatesTls() {
        for (Backend backend : backends) {
            if (backend.key().terminateFrontendTls()) {
                return true;
            }
        }
        return false;
    }

    /**
     * All backends, best first; those that failed a moment ago come last, so that they are tried only when nothing else is
     * left.
     *
     * @param clientHash of the client's address
     */
    List<Backend> inOrder(int clientHash, long nowNanos) {
        int size = backends.size();
        if (size < 2) {
            return backends;
        }
        List<Backend> ordered = new ArrayList<>(size);
        int first = Math.floorMod(turn.getAndIncrement(), size);
        for (int i = 0; i < size; i++) {
            ordered.add(backends.get((first + i) % size));
        }
        switch (balancing) {
            case ROUND_ROBIN -> {}
            case LEAST_CONNECTION -> ordered.sort(Comparator.comparingInt(Backend::connections));
            case SOURCE_HASH -> ordered.sort(Comparator.comparingInt(backend -> mix(clientHash, backend)));
        }
        ordered.sort(Comparator.comparing(backend -> backend.isSetAside(nowNanos)));
        return ordered;
    }

    /** The finalizer of MurmurHash3. */
    private static int mix(int clientHash, Backend backend) {
        int h = clientHash * 31 + backend.key().hashCode();
        h ^= h >>> 16;
        h *= 0x85ebca6b;
        h ^= h >>> 13;
        h *= 0xc2b2ae35;
        return h ^ (h >>> 16);
    }
}
