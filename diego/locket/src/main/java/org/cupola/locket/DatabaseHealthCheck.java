package org.cupola.locket;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.cupola.locket.LocketConfig.HealthCheck;

/** Ends the component when its database has not answered several times in a row, so that another takes over. */
final class DatabaseHealthCheck implements AutoCloseable {
    private final HealthCheck settings;
    private final BooleanSupplier probe;
    private final Consumer<Exception> onFailure;
    private final CountDownLatch closed = new CountDownLatch(1);

    DatabaseHealthCheck(HealthCheck settings, BooleanSupplier probe, Consumer<Exception> onFailure) {
        this.settings = settings;
        this.probe = probe;
        this.onFailure = onFailure;
    }

    void start() {
        Thread.ofVirtual().name("database-health").start(this::run);
    }

    private void run() {
        int failures = 0;
        try {
            while (!closed.await(settings.interval().toNanos(), TimeUnit.NANOSECONDS)) {
                failures = succeeds() ? 0 : failures + 1;
                if (failures >= settings.failureThreshold()) {
                    onFailure.accept(new IllegalStateException(
                            "the database could not be written and read " + failures + " times in a row"));
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean succeeds() throws InterruptedException {
        Executor thread = Thread::startVirtualThread;
        try {
            return CompletableFuture.supplyAsync(probe::getAsBoolean, thread)
                    .get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return false; // counted by the caller
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
