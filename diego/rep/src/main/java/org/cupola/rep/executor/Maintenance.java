package org.cupola.rep.executor;

import java.time.Duration;
import org.cupola.rep.container.ContainerBackend;
import org.cupola.rep.container.ContainerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the executor does by the clock: gives up stale reservations and checks its backend. Two threads of its own. */
final class Maintenance implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Maintenance.class);

    private final ContainerBackend backend;
    private final Thread expiry;
    private final Thread selfCheck;
    private volatile boolean healthy;

    Maintenance(ExecutorSettings settings, ContainerBackend backend, Runnable expireReservations) {
        this.backend = backend;
        this.expiry = every(settings.reservedExpiration().dividedBy(2), "reservations", expireReservations);
        this.selfCheck = every(settings.selfCheckInterval(), "self-check", this::check);
    }

    /** Checks once before it returns, so that the cell's first report is right. */
    void start() {
        check();
        expiry.start();
        selfCheck.start();
    }

    boolean healthy() {
        return healthy;
    }

    private void check() {
        try {
            backend.check();
            healthy = true;
        } catch (ContainerException e) {
            healthy = false;
            log.atError().setCause(e).log("container-backend-unhealthy");
        }
    }

    @Override
    public void close() {
        expiry.interrupt();
        selfCheck.interrupt();
    }

    private static Thread every(Duration interval, String name, Runnable task) {
        return Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                while (true) {
                    Thread.sleep(interval);
                    task.run();
                }
            } catch (InterruptedException e) {
                // closed
            }
        });
    }
}
