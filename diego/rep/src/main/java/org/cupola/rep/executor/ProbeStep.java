package org.cupola.rep.executor;

import java.util.Optional;

/** Looks once; fails when the probe does. */
record ProbeStep(Probe probe) implements Step {
    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        Optional<String> failure = probe.failure();
        cancellation.throwIfCancelled();
        if (failure.isPresent()) {
            throw new StepFailure(failure.get());
        }
        ready.run();
    }
}
