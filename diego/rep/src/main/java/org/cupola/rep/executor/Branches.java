package org.cupola.rep.executor;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs steps side by side, each on a virtual thread, and tells of each end in the order they happen. */
final class Branches {
    private Branches() {}

    /** @param failure none when the step ended well */
    record End(int index, @Nullable StepFailure failure) {}

    /**
     * Returns when all have ended.
     *
     * @param ready called when every step is
     * @param onEnd called on the calling thread for each end
     */
    static void run(List<Step> steps, Cancellation cancellation, Runnable ready, Consumer<End> onEnd) {
        BlockingQueue<End> ends = new LinkedBlockingQueue<>();
        var waiting = new AtomicInteger(steps.size());
        for (int i = 0; i < steps.size(); i++) {
            int index = i;
            Step step = steps.get(i);
            var told = new AtomicBoolean();
            Runnable oneReady = () -> {
                if (told.compareAndSet(false, true) && waiting.decrementAndGet() == 0) {
                    ready.run();
                }
            };
            Thread.ofVirtual().name("step-" + index).start(() -> ends.add(end(index, step, cancellation, oneReady)));
        }
        for (int left = steps.size(); left > 0; left--) {
            onEnd.accept(takeUninterruptibly(ends));
        }
    }

    private static End end(int index, Step step, Cancellation cancellation, Runnable ready) {
        try {
            step.run(cancellation, ready);
            return new End(index, null);
        } catch (StepFailure e) {
            return new End(index, e);
        } catch (RuntimeException e) {
            return new End(index, new StepFailure("internal error: " + e, e));
        }
    }

    /** The branches must not outlive their parent, whoever interrupts it. */
    private static End takeUninterruptibly(BlockingQueue<End> ends) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return ends.take();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
