package org.cupola.rep.executor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

/** A step that the test readies and ends; cancelled, it ends by itself. */
final class ControlledStep implements Step {
    private final CountDownLatch started = new CountDownLatch(1);
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile Runnable ready = () -> {};
    private volatile boolean cancelled;

    @Override
    public void run(Cancellation cancellation, Runnable onReady) throws StepFailure {
        ready = onReady;
        started.countDown();
        try {
            CompletableFuture.anyOf(end, cancellation.wished()).get();
        } catch (ExecutionException e) {
            throw (StepFailure) e.getCause();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (!end.isDone()) {
            cancelled = true;
            throw StepFailure.cancelled();
        }
    }

    ControlledStep awaitStart() throws InterruptedException {
        started.await();
        return this;
    }

    void ready() {
        ready.run();
    }

    void end() {
        end.complete(null);
    }

    void fail(String reason) {
        end.completeExceptionally(new StepFailure(reason));
    }

    boolean started() {
        return started.getCount() == 0;
    }

    boolean cancelled() {
        return cancelled;
    }
}
