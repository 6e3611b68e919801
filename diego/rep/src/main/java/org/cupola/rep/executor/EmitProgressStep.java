package org.cupola.rep.executor;

/** Tells the application's log how a step goes. Empty messages are not written. */
record EmitProgressStep(Step inner, String start, String success, String failurePrefix, LogStream log) implements Step {
    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        say(start);
        try {
            inner.run(cancellation, ready);
        } catch (StepFailure e) {
            if (!failurePrefix.isEmpty()) {
                log.err(e.isSilent() ? failurePrefix : failurePrefix + ": " + e.reason());
            }
            throw e;
        }
        say(success);
    }

    private void say(String message) {
        if (!message.isEmpty()) {
            log.out(message);
        }
    }
}
