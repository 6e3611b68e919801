package org.cupola.gorouter.protection;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How an endpoint has answered lately, as one route sees it. {@link #succeeded} and {@link #failed} may be called by any
 * event loop and take no lock; {@link #eject} is for other threads. Times are nanoseconds of one monotonic clock.
 *
 * <p>The counts of an interval are one number: 16 bits that say which interval, 24 bits of requests, 24 bits of failures.
 * A clock that goes round in that many intervals may, once in a while, take old counts for new ones, which a single
 * further interval puts right.
 */
public final class EndpointHealth {
    private static final VarHandle IN_A_ROW;
    private static final VarHandle WINDOW;
    private static final int COUNT_BITS = 24;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final long INTERVAL_MASK = 0xffff;

    static {
        try {
            var lookup = MethodHandles.lookup();
            IN_A_ROW = lookup.findVarHandle(EndpointHealth.class, "inARow", int.class);
            WINDOW = lookup.findVarHandle(EndpointHealth.class, "window", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int inARow;

    @SuppressWarnings("UnusedVariable") // read and written through WINDOW
    private volatile long window;

    private volatile boolean ejected;

    @GuardedBy("this")
    private int ejections;

    @GuardedBy("this")
    private long length;

    @GuardedBy("this")
    private long endNanos;

    /** The endpoint answered, and not with a failure of its own. */
    public void succeeded(OutlierRules rules, long nowNanos) {
        if (inARow != 0) {
            inARow = 0;
        }
        if (rules.errorPercent() > 0) {
            count(rules, nowNanos, 0);
        }
    }

    /** @return whether it has failed often enough to be ejected */
    public boolean failed(OutlierRules rules, long nowNanos) {
        int row = (int) IN_A_ROW.getAndAdd(this, 1) + 1;
        boolean enough = rules.consecutiveFailures() > 0 && row >= rules.consecutiveFailures();
        if (rules.errorPercent() > 0) {
            long counts = count(rules, nowNanos, 1);
            long requests = counts >>> COUNT_BITS & COUNT_MASK;
            long failures = counts & COUNT_MASK;
            enough |= requests >= rules.minRequests() && failures * 100 >= requests * rules.errorPercent();
        }
        return enough && !ejected;
    }

    private long count(OutlierRules rules, long nowNanos, int failures) {
        long interval = Math.floorDiv(nowNanos, rules.intervalNanos()) & INTERVAL_MASK;
        while (true) {
            long before = window;
            long counts = before >>> (2 * COUNT_BITS) == interval ? before : interval << (2 * COUNT_BITS);
            boolean full = (counts >>> COUNT_BITS & COUNT_MASK) == COUNT_MASK;
            long after = full ? counts : counts + (1L << COUNT_BITS) + failures;
            if (WINDOW.compareAndSet(this, before, after)) {
                return after;
            }
        }
    }

    public boolean isEjected() {
        return ejected;
    }

    /**
     * Ejects it unless too many others are.
     *
     * @param others   endpoints of the route that are ejected
     * @param poolSize endpoints of the route
     * @return for how long, 0 when it is not ejected or was already
     */
    public synchronized long eject(OutlierRules rules, int others, int poolSize, long nowNanos) {
        if (ejected || others >= rules.mayBeEjected(poolSize)) {
            return 0;
        }
        if (ejections > 0) {
            // Each stretch of good conduct as long as the last ejection lets one be forgotten.
            long forgotten = Math.max(0, nowNanos - endNanos) / Math.max(1, length);
            ejections = (int) Math.max(0, ejections - forgotten);
        }
        length = rules.ejectionNanos(ejections);
        ejections++;
        endNanos = nowNanos + length;
        ejected = true;
        return length;
    }

    /** Its time is over: it begins anew. */
    public synchronized void readmit() {
        inARow = 0;
        window = 0;
        ejected = false;
    }
}
