package org.cupola.rep.executor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;

/**
 * A container's log rate limits, the app's of bytes and the operator's of lines: token buckets that hold one second's worth. After
 * an overflow everything is dropped for a second. Guarded by its lock.
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
    private final int linesPerSecond;
    private final LongSupplier nanoClock;
    private final Runnable onOverflow;

    @GuardedBy("this")
    private double bytes;

    @GuardedBy("this")
    private double lines;

    @GuardedBy("this")
    private long filledAt;

    @GuardedBy("this")
    private long silentUntil;

    @GuardedBy("this")
    private boolean silent;

    @GuardedBy("this")
    private boolean tooManyLines;

    @GuardedBy("this")
    private long passedBytes;

    /**
     * @param bytesPerSecond {@link #UNLIMITED}, or at least 0
     * @param linesPerSecond 0 means unlimited
     */
    LogRate(long bytesPerSecond, int linesPerSecond, LongSupplier nanoClock, Runnable onOverflow) {
        this.bytesPerSecond = bytesPerSecond;
        this.linesPerSecond = linesPerSecond;
        this.nanoClock = nanoClock;
        this.onOverflow = onOverflow;
        this.bytes = bytesPerSecond;
        this.lines = linesPerSecond;
        this.filledAt = nanoClock.getAsLong();
    }

    synchronized Verdict ask(int length) {
        Verdict verdict = judge(length);
        if (verdict == Verdict.PASS) {
            passedBytes += length;
        }
        return verdict;
    }

    @GuardedBy("this")
    private Verdict judge(int length) {
        if (bytesPerSecond == 0) {
            return Verdict.DROP;
        }
        boolean unlimitedBytes = bytesPerSecond < 0;
        boolean unlimitedLines = linesPerSecond <= 0;
        if (unlimitedBytes && unlimitedLines) {
            return Verdict.PASS;
        }
        long now = nanoClock.getAsLong();
        if (silent && now - silentUntil < 0) {
            return Verdict.DROP;
        }
        silent = false;
        double seconds = (double) (now - filledAt) / SECOND_NANOS;
        filledAt = now;
        bytes = Math.min((double) bytesPerSecond, bytes + seconds * bytesPerSecond);
        lines = Math.min((double) linesPerSecond, lines + seconds * linesPerSecond);
        boolean fits = unlimitedBytes || length <= bytes;
        if (fits && (unlimitedLines || lines >= 1)) {
            bytes -= length;
            lines--;
            return Verdict.PASS;
        }
        tooManyLines = fits;
        silent = true;
        silentUntil = now + SECOND_NANOS;
        onOverflow.run();
        return Verdict.DROP_AND_TELL;
    }

    /** What the application is told of the last overflow. */
    synchronized String message() {
        return tooManyLines
                ? "app instance exceeded log rate limit (" + linesPerSecond + " log-lines/sec) set by platform operator"
                : "app instance exceeded log rate limit (" + bytesPerSecond + " bytes/sec)";
    }

    LogUsage usage() {
        synchronized (this) {
            return new LogUsage(passedBytes, bytesPerSecond);
        }
    }
}
