package org.cupola.gorouter.proxy;

/**
 * When one exchange got how far, readings of {@link System#nanoTime}. Reused from request to request; confined to its event
 * loop.
 */
final class Timings {
    private long begun;
    private long appBegun;
    private long attemptBegun;
    private long lastFailed;
    private long appEnded;
    private int failedAttempts;
    private DialTimes dialed = DialTimes.NONE;

    void clear() {
        begun = 0;
        appBegun = 0;
        attemptBegun = 0;
        lastFailed = 0;
        appEnded = 0;
        failedAttempts = 0;
        dialed = DialTimes.NONE;
    }

    void begin() {
        begun = System.nanoTime();
    }

    void beginAttempt(long now) {
        attemptBegun = now;
        dialed = DialTimes.NONE;
        if (appBegun == 0) {
            appBegun = attemptBegun;
        }
    }

    void dialed(DialTimes times) {
        dialed = times;
    }

    void endApp() {
        appEnded = System.nanoTime();
    }

    /** After {@link #endApp}. */
    void attemptFailed() {
        failedAttempts++;
        lastFailed = appEnded;
    }

    /** When the request's head was there. */
    long begun() {
        return begun;
    }

    /** When the latest attempt began. */
    long attemptBegun() {
        return attemptBegun;
    }

    int failedAttempts() {
        return failedAttempts;
    }

    /** Whether there was an attempt at a backend. */
    boolean hasAttempts() {
        return appBegun != 0;
    }

    /** From the first attempt at a backend to the end of its part; 0 when there was none. */
    long appNanos() {
        return appBegun == 0 ? 0 : Math.max(0, appEnded - appBegun);
    }

    /** From the request's head to the end of the backend's part; up to the given time when there was none. */
    long latencyNanos(long now) {
        return (appBegun == 0 ? now : Math.max(appEnded, appBegun)) - begun;
    }

    /** From the first attempt to the end of the last that failed; -1 when none did. */
    long failedAttemptsNanos() {
        return lastFailed == 0 ? -1 : lastFailed - appBegun;
    }

    /** How long the last attempt, which must have brought an answer, took to the answer's end. */
    long lastAttemptNanos() {
        return Math.max(0, appEnded - (lastFailed == 0 ? appBegun : lastFailed));
    }

    /** What it took to make the latest attempt's connection. */
    DialTimes dialTimes() {
        return dialed;
    }
}
