package org.cupola.rep.executor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A step whose failure does not matter. */
record TryStep(Step inner) implements Step {
    private static final Logger log = LoggerFactory.getLogger(TryStep.class);

    @Override
    public void run(Cancellation cancellation, Runnable ready) {
        try {
            inner.run(cancellation, ready);
        } catch (StepFailure e) {
            log.atInfo().addKeyValue("reason", e.reason()).log("tried-step-failed");
        }
    }
}
