package org.cupola.rep.executor;

import java.util.List;

/** One step after the other; ready with the last one. */
record SerialStep(List<Step> steps) implements Step {
    SerialStep {
        steps = List.copyOf(steps);
    }

    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        for (int i = 0; i < steps.size(); i++) {
            cancellation.throwIfCancelled();
            boolean last = i == steps.size() - 1;
            steps.get(i).run(cancellation, last ? ready : () -> {});
        }
    }
}
