package org.cupola.rep.executor;

import java.time.Duration;
import java.util.function.Supplier;
import org.cupola.platform.config.GoDuration;

/**
 * The older way to watch an instance: an action that is run over and over and has to succeed. Ends only by failing.
 *
 * @param action makes a new step for each run
 */
record MonitorStep(
        Supplier<Step> action,
        Duration startTimeout,
        Duration healthyInterval,
        Duration unhealthyInterval,
        LogStream log)
        implements Step {
    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        log.out("Starting health monitoring of container");
        long start = System.nanoTime();
        while (true) {
            Duration passed = Duration.ofNanos(System.nanoTime() - start);
            if (cancellation.await(CheckLoops.pauseAfter(passed, unhealthyInterval))) {
                throw StepFailure.cancelled();
            }
            try {
                action.get().run(cancellation, () -> {});
                break;
            } catch (StepFailure e) {
                cancellation.throwIfCancelled();
                passed = Duration.ofNanos(System.nanoTime() - start);
                if (!startTimeout.isZero() && passed.compareTo(startTimeout) >= 0) {
                    String time = GoDuration.format(Duration.ofMillis(passed.toMillis()));
                    log.err(e.reason());
                    log.err("Failed after " + time + ": startup health check never passed.");
                    throw new StepFailure("Instance never healthy after " + time + ": " + e.reason(), e);
                }
            }
        }
        log.out("Container became healthy");
        ready.run();
        while (!cancellation.await(healthyInterval)) {
            try {
                action.get().run(cancellation, () -> {});
            } catch (StepFailure e) {
                cancellation.throwIfCancelled();
                log.err(e.reason());
                log.err("Container became unhealthy");
                throw new StepFailure("Instance became unhealthy: " + e.reason(), e);
            }
        }
        throw StepFailure.cancelled();
    }
}
