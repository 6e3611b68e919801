package org.cupola.nats;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The latest ended connections, and what all ended ones have carried. Guarded by its lock. */
final class ClosedConnections {
    private final int capacity;

    @GuardedBy("this")
    private final Deque<ConnectionReport> latest = new ArrayDeque<>();

    @GuardedBy("this")
    private Traffic traffic = Traffic.NONE;

    ClosedConnections(int capacity) {
        this.capacity = capacity;
    }

    synchronized void add(ConnectionReport report) {
        traffic = traffic.plus(report.traffic());
        if (capacity == 0) {
            return;
        }
        if (latest.size() == capacity) {
            latest.removeFirst();
        }
        latest.addLast(report);
    }

    synchronized List<ConnectionReport> latest() {
        return List.copyOf(latest);
    }

    synchronized Traffic traffic() {
        return traffic;
    }
}
