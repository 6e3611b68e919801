package org.cupola.rep.executor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.platform.config.GoDuration;

/** A step that is cancelled after a time. */
record TimeoutStep(Step inner, Duration limit) implements Step {
    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        Cancellation limited = cancellation.child();
        var exceeded = new AtomicBoolean();
        var timer = new CompletableFuture<Void>();
        timer.orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS).exceptionally(late -> {
            exceeded.set(true);
            limited.cancel();
            return null;
        });
        try {
            inner.run(limited, ready);
        } catch (StepFailure e) {
            if (!exceeded.get()) {
                throw e;
            }
            String reason = "exceeded " + GoDuration.format(limit) + " timeout";
            throw new StepFailure(e.isSilent() ? reason : reason + "; " + e.reason(), e);
        } finally {
            timer.complete(null);
        }
    }
}
