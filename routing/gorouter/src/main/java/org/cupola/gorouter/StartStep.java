package org.cupola.gorouter;

import java.util.concurrent.Callable;
import org.slf4j.Logger;

/** What the original tells under a name of its own when the start ends there. */
final class StartStep {
    private StartStep() {}

    /**
     * Takes the step.
     *
     * @param failure the line that precedes the exception
     * @throws Exception the step's, logged
     */
    static <T> T named(Logger log, String failure, Callable<T> step) throws Exception {
        try {
            return step.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            log.atError().addKeyValue("error", e.getMessage()).log(failure);
            throw e;
        }
    }
}
