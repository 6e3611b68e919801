package org.cupola.rep.executor;

import java.util.ArrayList;
import java.util.List;

/** Steps side by side, each to its end whatever becomes of the others. */
record ParallelStep(List<Step> steps) implements Step {
    ParallelStep {
        steps = List.copyOf(steps);
    }

    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        List<StepFailure> failures = new ArrayList<>();
        Branches.run(steps, cancellation, ready, end -> {
            if (end.failure() != null) {
                failures.add(end.failure());
            }
        });
        if (!failures.isEmpty()) {
            throw StepFailure.join(failures);
        }
    }
}
