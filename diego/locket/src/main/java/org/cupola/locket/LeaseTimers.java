package org.cupola.locket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When each lease runs out, as far as this Locket knows.
 *
 * <p>Nothing about expiry is stored: a timer starts when a taking or renewal is first seen here, so clocks of clients
 * and of other Lockets do not matter. A renewal seen elsewhere only makes a timer fire for nothing, because the deletion that
 * follows compares index and id. Guarded by its lock; time is given in nanoseconds of one monotonic clock.
 */
final class LeaseTimers {
    private record Id(String key, String modifiedId) {}

    private record Timer(Lease lease, long deadlineNanos) {}

    @GuardedBy("this")
    private final Map<Id, Timer> timers = new HashMap<>();

    /** Starts the lease's timer, or starts it again after a renewal; what is known or older changes nothing. */
    synchronized void saw(Lease lease, long nowNanos) {
        var id = new Id(lease.key(), lease.modifiedId());
        Timer known = timers.get(id);
        if (known == null || known.lease.modifiedIndex() < lease.modifiedIndex()) {
            timers.put(id, new Timer(lease, nowNanos + lease.ttlSeconds() * 1_000_000_000L));
        }
    }

    /** Takes out the leases that ran out. */
    synchronized List<Lease> due(long nowNanos) {
        List<Lease> due = new ArrayList<>();
        timers.values().removeIf(timer -> {
            boolean over = timer.deadlineNanos - nowNanos <= 0;
            if (over) {
                due.add(timer.lease);
            }
            return over;
        });
        return due;
    }

    synchronized int size() {
        return timers.size();
    }
}
