package org.cupola.rep.executor;

import java.util.concurrent.atomic.LongAdder;

/** What happened on this cell since its start. Any thread. */
public final class ExecutorCounters {
    private final LongAdder completed = new LongAdder();
    private final LongAdder killedAfterGrace = new LongAdder();
    private final LongAdder creationsFailed = new LongAdder();
    private final LongAdder logRateExceeded = new LongAdder();

    void countCompleted() {
        completed.increment();
    }

    void countKilledAfterGrace() {
        killedAfterGrace.increment();
    }

    void countCreationFailed() {
        creationsFailed.increment();
    }

    void countLogRateExceeded() {
        logRateExceeded.increment();
    }

    /** {@code ContainerCompletedCount}. */
    public long completed() {
        return completed.sum();
    }

    /** {@code ContainerExitedOnTimeoutCount}. */
    public long killedAfterGrace() {
        return killedAfterGrace.sum();
    }

    public long creationsFailed() {
        return creationsFailed.sum();
    }

    /** {@code AppInstanceExceededLogRateLimitCount}. */
    public long logRateExceeded() {
        return logRateExceeded.sum();
    }
}
