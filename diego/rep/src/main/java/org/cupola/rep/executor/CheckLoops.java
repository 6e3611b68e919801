package org.cupola.rep.executor;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.cupola.platform.config.GoDuration;

/**
 * The ways a probe is repeated. While something is waited for, looks follow each other quickly at first and get rarer with time, up to
 * the unhealthy interval: an instance is found well within about a twentieth of the time it took to get so.
 */
final class CheckLoops {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final int PAUSES_PER_WAIT = 20;

    private CheckLoops() {}

    /** How the wait for a probe to be well ended. */
    record Wait(boolean well, int attempts, String lastFailure) {}

    /**
     * Looks until the probe is well, the time is over or it is cancelled.
     *
     * @param limit zero means without end
     */
    static Wait untilWell(Probe probe, Duration limit, Duration longestPause, Cancellation cancellation) {
        long start = System.nanoTime();
        int attempts = 0;
        while (true) {
            Optional<String> failure = probe.failure();
            attempts++;
            if (failure.isEmpty()) {
                return new Wait(true, attempts, "");
            }
            Duration passed = Duration.ofNanos(System.nanoTime() - start);
            Duration pause = pauseAfter(passed, longestPause);
            if (!limit.isZero()) {
                Duration left = limit.minus(passed);
                if (left.isNegative() || left.isZero()) {
                    return new Wait(false, attempts, failure.get());
                }
                pause = left.compareTo(pause) < 0 ? left : pause;
            }
            if (cancellation.await(pause)) {
                return new Wait(false, attempts, StepFailure.CANCELLED);
            }
        }
    }

    static Duration pauseAfter(Duration passed, Duration longest) {
        Duration pause = FIRST_PAUSE.plus(passed.dividedBy(PAUSES_PER_WAIT));
        return pause.compareTo(longest) < 0 ? pause : longest;
    }

    /** Looks at each interval until something is wrong; none when cancelled. */
    static Optional<String> untilFailure(Probe probe, Duration interval, Cancellation cancellation) {
        while (!cancellation.await(interval)) {
            Optional<String> failure = probe.failure();
            if (failure.isPresent()) {
                return cancellation.isCancelled() ? Optional.empty() : failure;
            }
        }
        return Optional.empty();
    }

    /** The start-up message of the check program. */
    static String timedOut(Duration limit, OptionalInt attempts, String failure) {
        return "Timed out after " + GoDuration.format(limit)
                + (attempts.isPresent() ? " (" + attempts.getAsInt() + " attempts)" : "")
                + " waiting for startup check to succeed: " + failure;
    }
}
