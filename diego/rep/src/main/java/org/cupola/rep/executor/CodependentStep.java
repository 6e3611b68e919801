package org.cupola.rep.executor;

import java.util.ArrayList;
import java.util.List;

/**
 * Steps that live and die together: the first to end, well or not, ends the others.
 *
 * @param exitIsFailure whether a step that ends well fails the whole
 */
record CodependentStep(List<Step> steps, boolean exitIsFailure) implements Step {
    CodependentStep {
        steps = List.copyOf(steps);
    }

    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        Cancellation together = cancellation.child();
        List<StepFailure> failures = new ArrayList<>();
        Branches.run(steps, together, ready, end -> {
            if (end.failure() != null) {
                failures.add(end.failure());
            } else if (exitIsFailure) {
                failures.add(new StepFailure("Codependent step exited"));
            }
            together.cancel();
        });
        boolean endedByItself = !cancellation.isCancelled();
        boolean onlyCancelled = failures.stream().allMatch(StepFailure::isSilent);
        if (!failures.isEmpty() && !(endedByItself && onlyCancelled)) {
            throw StepFailure.join(failures);
        }
    }
}
