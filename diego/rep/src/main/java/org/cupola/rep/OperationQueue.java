package org.cupola.rep;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs operations on virtual threads, at most one per key; while it runs one more may wait, and a newer one takes its place. An operation
 * that could not settle its matter is run again after a pause that grows from 1 to 10 seconds, unless a newer one came.
 * Guarded by its lock.
 */
final class OperationQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OperationQueue.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @GuardedBy("this")
    private final Map<String, Slot> slots = new HashMap<>();

    @GuardedBy("this")
    private boolean closed;

    private static final class Slot {
        private @Nullable Callable<Outcome> waiting;
    }

    synchronized void push(String key, Callable<Outcome> operation) {
        if (closed) {
            return;
        }
        Slot slot = slots.get(key);
        if (slot != null) {
            slot.waiting = operation;
            notifyAll();
            return;
        }
        slots.put(key, new Slot());
        threads.execute(() -> work(key, operation));
    }

    private void work(String key, Callable<Outcome> first) {
        Callable<Outcome> operation = first;
        Duration pause = FIRST_PAUSE;
        while (operation != null) {
            if (run(key, operation) == Outcome.SETTLED) {
                operation = next(key);
                pause = FIRST_PAUSE;
            } else {
                operation = nextAfter(key, pause, operation);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private static Outcome run(String key, Callable<Outcome> operation) {
        try {
            return operation.call();
        } catch (Exception e) {
            log.atError().setCause(e).addKeyValue("guid", key).log("operation-failed");
            return Outcome.SETTLED; // the next pass looks at it again
        }
    }

    /** What waits; when nothing does, the key is free again. */
    private synchronized @Nullable Callable<Outcome> next(String key) {
        Slot slot = slots.get(key);
        if (slot == null || slot.waiting == null || closed) {
            slots.remove(key);
            return null;
        }
        Callable<Outcome> waiting = slot.waiting;
        slot.waiting = null;
        return waiting;
    }

    /** The newer one as soon as there is one, else the same after the pause. */
    private synchronized @Nullable Callable<Outcome> nextAfter(String key, Duration pause, Callable<Outcome> same) {
        long deadline = System.nanoTime() + pause.toNanos();
        Slot slot = slots.get(key);
        try {
            while (slot != null && slot.waiting == null && !closed) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return same;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            slots.remove(key);
            return null;
        }
        return next(key);
    }

    /** Runs nothing new any more; what runs is interrupted. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        threads.shutdownNow();
    }
}
