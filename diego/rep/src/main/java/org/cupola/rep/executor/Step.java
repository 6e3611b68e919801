package org.cupola.rep.executor;

/** One thing a container does. Blocking, run once, by one thread. */
interface Step {
    /**
     * Runs to the end.
     *
     * @param cancellation asks the step to end as soon as it decently can
     * @param ready        to be called once, when the step has got as far as others may rely on it
     * @throws StepFailure when it did not do what it was to do, {@link StepFailure#cancelled} among that
     */
    void run(Cancellation cancellation, Runnable ready) throws StepFailure;
}
