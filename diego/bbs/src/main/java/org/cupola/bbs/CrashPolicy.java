package org.cupola.bbs;

import java.time.Duration;
import org.cupola.protocol.bbs.proto.ActualLRP;

/**
 * When a crashed instance starts again: twice at once, then after 30 s, doubling up to 16 min, and no more after 200
 * crashes in a row. An instance that ran for more than five minutes counts anew.
 */
final class CrashPolicy {
    private static final long RESET_NANOS = Duration.ofMinutes(5).toNanos();
    private static final int IMMEDIATE_BELOW = 3;
    private static final int NEVER_FROM = 200;
    private static final long FIRST_BACKOFF_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int MAX_DOUBLINGS = 5;

    private CrashPolicy() {}

    /** The crash count after the given row crashes now. */
    static int countAfter(ActualLRP row, long now) {
        boolean ranLong = Instances.is(row, Instances.RUNNING) && now - row.getSince() > RESET_NANOS;
        return ranLong ? 1 : row.getCrashCount() + 1;
    }

    static boolean restartsAtOnce(int crashCount) {
        return crashCount < IMMEDIATE_BELOW;
    }

    /** Whether a row that is CRASHED may start again. */
    static boolean isDue(ActualLRP crashed, long now) {
        int count = crashed.getCrashCount();
        if (count >= NEVER_FROM) {
            return false;
        }
        return now - crashed.getSince() >= backoffNanos(count);
    }

    static long backoffNanos(int crashCount) {
        if (restartsAtOnce(crashCount)) {
            return 0;
        }
        return FIRST_BACKOFF_NANOS << Math.min(crashCount - IMMEDIATE_BELOW, MAX_DOUBLINGS);
    }
}
