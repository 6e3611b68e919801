package org.cupola.rep.executor;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Says when an instance is to get requests and when not, again and again; never fails it. Ends only when cancelled.
 *
 * @param onChange told whether the instance is routable, at each change
 */
record ReadinessStep(List<Check> checks, Duration unreadyInterval, LogStream log, Consumer<Boolean> onChange)
        implements Step {
    ReadinessStep {
        checks = List.copyOf(checks);
    }

    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        ready.run(); // an instance runs, ready or not
        log.out("Starting readiness health monitoring of container");
        Probe all = () -> checks.stream()
                .map(check -> check.probe().failure())
                .flatMap(Optional::stream)
                .findFirst();
        Duration interval =
                checks.stream().map(Check::interval).min(Duration::compareTo).orElse(unreadyInterval);
        while (CheckLoops.untilWell(all, Duration.ZERO, unreadyInterval, cancellation)
                .well()) {
            onChange.accept(true);
            log.out("Container passed the readiness health check. Container marked ready and added to route pool.");
            Optional<String> failure = CheckLoops.untilFailure(all, interval, cancellation);
            if (failure.isEmpty()) {
                break;
            }
            log.err("Readiness check unsuccessful: " + failure.get());
            onChange.accept(false);
            log.out("Container failed the readiness health check."
                    + " Container marked not ready and removed from route pool.");
        }
        throw StepFailure.cancelled();
    }
}
