package org.cupola.cloudcontroller;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one task again and again on a thread of its own: at once, then at an interval, sooner when woken, and after a failure with
 * delays that double up to the interval. Guarded by its lock.
 */
final class Repeater implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Repeater.class);
    private static final long FIRST_RETRY_NANOS = Duration.ofMillis(500).toNanos();

    private final String name;
    private final long intervalNanos;
    private final Task task;
    private final Thread thread;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private boolean woken;

    /** What is repeated. */
    @FunctionalInterface
    interface Task {
        /** @return whether it went well; false asks for an early retry */
        boolean run() throws Exception;
    }

    Repeater(String name, Duration interval, Task task) {
        this.name = name;
        this.intervalNanos = interval.toNanos();
        this.task = task;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    /** Runs the task as soon as the present run is done. */
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    private void loop() {
        long delay = FIRST_RETRY_NANOS;
        while (true) {
            boolean good = runOnce();
            delay = good ? FIRST_RETRY_NANOS : Math.min(intervalNanos, delay * 2);
            if (!await(good ? intervalNanos : Math.min(intervalNanos, delay))) {
                return;
            }
        }
    }

    private boolean runOnce() {
        try {
            return task.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (Exception e) {
            log.atWarn()
                    .addKeyValue("task", name)
                    .addKeyValue("error", e.toString())
                    .log("periodic-task-failed");
            log.atDebug().addKeyValue("task", name).setCause(e).log("periodic-task-failure");
            return false;
        }
    }

    /** @return false when it is time to end */
    private synchronized boolean await(long nanos) {
        long deadline = System.nanoTime() + nanos;
        while (!closed && !woken) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                wait(left / 1_000_000, (int) (left % 1_000_000));
            } catch (InterruptedException e) {
                return false;
            }
        }
        woken = false;
        return !closed;
    }

    /** Waits for the present run to end. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
