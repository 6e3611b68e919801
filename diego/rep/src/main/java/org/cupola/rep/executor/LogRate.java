package org.cupola.rep.executor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;

/**
 * A container's log rate limit: a token bucket that holds one second's worth of bytes. After an overflow everything is
 * dropped for a second. Guarded by its lock.
 */
final class LogRate {
    static final long UNLIMITED = -1;
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** What becomes of a message. */
    enum Verdict {
        PASS,
        DROP,
        /** The first of an overflow, about which the application is told. */
        DROP_AND_TELL
    }

    private final long bytesPerSecond;
    private final LongSupplier nanoClock;
    private final Runnable onOverflow;

    @GuardedBy("this")
    private double tokens;

    @GuardedBy("this")
    private long filledAt;

    @GuardedBy("this")
    private long silentUntil;

    @GuardedBy("this")
    private boolean silent;

    /** @param bytesPerSecond {@link #UNLIMITED}, or at least 0 */
    LogRate(long bytesPerSecond, LongSupplier nanoClock, Runnable onOverflow) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoClock = nanoClock;
        this.onOverflow = onOverflow;
        this.tokens = bytesPerSecond;
        this.filledAt = nanoClock.getAsLong();
    }

    synchronized Verdict ask(int bytes) {
        if (bytesPerSecond < 0) {
            return Verdict.PASS;
        }
        if (bytesPerSecond == 0) {
            return Verdict.DROP;
        }
        long now = nanoClock.getAsLong();
        if (silent && now - silentUntil < 0) {
            return Verdict.DROP;
        }
        silent = false;
        tokens = Math.min((double) bytesPerSecond, tokens + (double) (now - filledAt) / SECOND_NANOS * bytesPerSecond);
        filledAt = now;
        if (bytes <= tokens) {
            tokens -= bytes;
            return Verdict.PASS;
        }
        silent = true;
        silentUntil = now + SECOND_NANOS;
        onOverflow.run();
        return Verdict.DROP_AND_TELL;
    }

    String message() {
        return "app instance exceeded log rate limit (" + bytesPerSecond + " bytes/sec)";
    }
}
