package org.cupola.rep.executor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A wish that something ends, passed down a tree of steps. Thread-safe; cannot be taken back. */
final class Cancellation {
    private final CompletableFuture<Void> wished = new CompletableFuture<>();

    void cancel() {
        wished.complete(null);
    }

    boolean isCancelled() {
        return wished.isDone();
    }

    /** Completes with the wish. */
    CompletableFuture<Void> wished() {
        return wished.copy();
    }

    /** One that is cancelled with this one, and may be by itself. */
    Cancellation child() {
        var child = new Cancellation();
        wished.thenRun(child::cancel);
        return child;
    }

    /** Sleeps; true as soon as it is cancelled, false after the time. */
    boolean await(Duration time) {
        try {
            wished.get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    void throwIfCancelled() throws StepFailure {
        if (isCancelled()) {
            throw StepFailure.cancelled();
        }
    }
}
