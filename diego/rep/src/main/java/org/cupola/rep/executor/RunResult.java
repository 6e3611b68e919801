package org.cupola.rep.executor;

/**
 * How a container's work ended.
 *
 * @param failureReason for people; empty when it did not fail
 * @param retryable     whether it failed before anything of the application ran, so that another cell may do better
 * @param stopped       whether the platform asked it to end
 */
public record RunResult(boolean failed, String failureReason, boolean retryable, boolean stopped) {
    private static final int MAX_REASON_CHARS = 10_000;
    private static final String CUT = " (truncated) ";

    public RunResult {
        if (failureReason.length() > MAX_REASON_CHARS) {
            int half = (MAX_REASON_CHARS - CUT.length()) / 2;
            failureReason =
                    failureReason.substring(0, half) + CUT + failureReason.substring(failureReason.length() - half);
        }
    }

    static RunResult success(boolean stopped) {
        return new RunResult(false, "", false, stopped);
    }

    static RunResult failure(String reason, boolean retryable, boolean stopped) {
        return new RunResult(true, reason, retryable, stopped);
    }
}
