package org.cupola.routeemitter;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs a task on the loop in an interval that may be changed. A tick that comes while the last one still waits for the
 * loop is dropped. Guarded by its lock.
 */
final class Ticker implements AutoCloseable {
    private final ScheduledExecutorService timer;
    private final EmitterLoop loop;
    private final Runnable task;
    private final AtomicBoolean waiting = new AtomicBoolean();

    private @Nullable ScheduledFuture<?> ticks;
    private boolean closed;

    Ticker(ScheduledExecutorService timer, EmitterLoop loop, Runnable task) {
        this.timer = timer;
        this.loop = loop;
        this.task = task;
    }

    /** From now on one tick an interval, the first after {@code initialDelay}. */
    synchronized void every(Duration interval, Duration initialDelay) {
        stop();
        if (!closed) {
            ticks = timer.scheduleAtFixedRate(
                    this::tick, initialDelay.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void tick() {
        if (waiting.compareAndSet(false, true)) {
            try {
                loop.run(() -> {
                    waiting.set(false);
                    task.run();
                });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void stop() {
        ScheduledFuture<?> running = ticks;
        if (running != null) {
            running.cancel(false);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        stop();
    }
}
