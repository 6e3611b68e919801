package org.cupola.gorouter.protection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts a route's requests against its limits. Any thread, without locks or allocation. Times are nanoseconds of one
 * monotonic clock.
 *
 * <p>The rate is kept by the generic cell rate algorithm: one number, the time at which the next request would be due if
 * all came evenly. A request may come earlier than that by what the burst allows; each one moves the time on by one
 * request's share.
 */
public final class RouteGuard {
    private static final VarHandle DUE;
    private static final VarHandle CONCURRENT;
    private static final double SECOND = 1e9;

    static {
        try {
            var lookup = MethodHandles.lookup();
            DUE = lookup.findVarHandle(RouteGuard.class, "due", long.class);
            CONCURRENT = lookup.findVarHandle(RouteGuard.class, "concurrent", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile RouteLimits limits;
    private volatile long due;
    private volatile long concurrent;

    /** @param nowNanos when it begins, with the whole burst at hand */
    public RouteGuard(RouteLimits limits, long nowNanos) {
        this.limits = limits;
        this.due = nowNanos;
    }

    public RouteLimits limits() {
        return limits;
    }

    /** Changes the limits; what is counted stays. */
    public void limits(RouteLimits changed) {
        limits = changed;
    }

    /** @return 0 when the request may pass, else after how many nanoseconds another one may */
    public long take(long nowNanos) {
        RouteLimits present = limits;
        if (present.requestsPerSecond() <= 0) {
            return 0;
        }
        long share = Math.max(1, (long) (SECOND / present.requestsPerSecond()));
        long early = saturated(present.burst() - 1, share);
        while (true) {
            long before = due;
            long start = before - nowNanos > 0 ? before : nowNanos;
            long wait = start - nowNanos - early;
            if (wait > 0) {
                return wait;
            }
            if (DUE.compareAndSet(this, before, start + share)) {
                return 0;
            }
        }
    }

    private static long saturated(long count, long share) {
        return count > Long.MAX_VALUE / 4 / share ? Long.MAX_VALUE / 4 : count * share;
    }

    /** A request comes; true when it may stay, until {@link #leave}. */
    public boolean enter() {
        long max = limits.maxConcurrentRequests();
        if ((long) CONCURRENT.getAndAdd(this, 1L) < max || max == 0) {
            return true;
        }
        leave();
        return false;
    }

    /** A request that has entered is over. */
    public void leave() {
        CONCURRENT.getAndAdd(this, -1L);
    }

    public long concurrent() {
        return concurrent;
    }

    /** Whether a body of this length, or of this much so far, is more than the route takes. */
    public boolean isTooLarge(long bodyBytes) {
        long max = limits.maxRequestBodyBytes();
        return max != 0 && bodyBytes > max;
    }
}
