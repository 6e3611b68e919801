package org.cupola.rep.executor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.cupola.platform.config.GoDuration;

/**
 * Watches an instance: ready once every check has been well, failed when that takes too long, or when a check is not well
 * afterwards, even once. Ends only by failing.
 *
 * @param startTimeout zero means that it may take for ever
 */
record HealthStep(List<Check> checks, Duration startTimeout, Duration unhealthyInterval, LogStream log)
        implements Step {
    HealthStep {
        checks = List.copyOf(checks);
    }

    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        log.out("Starting health monitoring of container");
        awaitHealth(cancellation);
        log.out("Container became healthy");
        ready.run();
        watch(cancellation);
    }

    private void awaitHealth(Cancellation cancellation) throws StepFailure {
        List<Step> startups = new ArrayList<>();
        for (Check check : checks) {
            startups.add((cancelled, ready) -> awaitHealth(check, cancelled));
        }
        long start = System.nanoTime();
        try {
            new ParallelStep(startups).run(cancellation, () -> {});
        } catch (StepFailure e) {
            if (cancellation.isCancelled()) {
                throw StepFailure.cancelled();
            }
            Duration passed = Duration.ofMillis((System.nanoTime() - start) / 1_000_000);
            log.err(e.reason());
            log.err("Failed after " + GoDuration.format(passed) + ": startup health check never passed.");
            throw new StepFailure("Instance never healthy after " + GoDuration.format(passed) + ": " + e.reason(), e);
        }
    }

    private void awaitHealth(Check check, Cancellation cancellation) throws StepFailure {
        CheckLoops.Wait wait = CheckLoops.untilWell(check.probe(), startTimeout, unhealthyInterval, cancellation);
        if (!wait.well()) {
            throw cancellation.isCancelled()
                    ? StepFailure.cancelled()
                    : new StepFailure(
                            CheckLoops.timedOut(startTimeout, OptionalInt.of(wait.attempts()), wait.lastFailure()));
        }
    }

    private void watch(Cancellation cancellation) throws StepFailure {
        List<Step> watches = new ArrayList<>();
        for (Check check : checks) {
            watches.add((cancelled, ready) -> {
                throw CheckLoops.untilFailure(check.probe(), check.interval(), cancelled)
                        .map(StepFailure::new)
                        .orElseGet(StepFailure::cancelled);
            });
        }
        try {
            new CodependentStep(watches, false).run(cancellation, () -> {});
        } catch (StepFailure e) {
            if (cancellation.isCancelled()) {
                throw StepFailure.cancelled();
            }
            String message = "Liveness check unsuccessful: " + e.reason();
            log.err(message);
            log.err("Container became unhealthy");
            throw new StepFailure("Instance became unhealthy: " + message, e);
        }
    }
}
