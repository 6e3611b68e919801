package org.cupola.locket;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes leases that ran out, and reads all rows now and then to know those taken through another Locket. A failing
 * database delays both; nothing is forgotten by that. Runs on two virtual threads until closed.
 */
final class LeaseExpiry implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaseExpiry.class);
    private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(5);
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(100);

    private final LeaseStore store;
    private final LeaseTimers timers;
    private final LongSupplier nanoClock;
    private final LocketMetrics metrics;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Thread> threads;

    LeaseExpiry(LeaseStore store, LeaseTimers timers, LongSupplier nanoClock, LocketMetrics metrics) {
        this.store = store;
        this.timers = timers;
        this.nanoClock = nanoClock;
        this.metrics = metrics;
        this.threads = List.of(
                Thread.ofVirtual().name("locket-sweep").unstarted(() -> repeat(SWEEP_INTERVAL, this::sweep)),
                Thread.ofVirtual().name("locket-expiry").unstarted(() -> repeat(CHECK_INTERVAL, this::expire)));
    }

    void start() {
        threads.forEach(Thread::start);
    }

    private void repeat(Duration interval, Runnable task) {
        try {
            do {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    log.atError().setCause(e).log("failed-to-expire-locks");
                }
            } while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void sweep() {
        List<Lease> leases = store.fetchAll();
        long now = nanoClock.getAsLong();
        leases.forEach(lease -> timers.saw(lease, now));
        long presences =
                leases.stream().filter(lease -> lease.type().equals("presence")).count();
        metrics.active(leases.size() - presences, presences);
    }

    void expire() {
        long now = nanoClock.getAsLong();
        for (Lease lease : timers.due(now)) {
            try {
                if (store.deleteIfUnchanged(lease)) {
                    metrics.expired(lease);
                    log.atInfo()
                            .addKeyValue("key", lease.key())
                            .addKeyValue("owner", lease.owner())
                            .addKeyValue("type", lease.type())
                            .log("expired");
                }
            } catch (RuntimeException e) {
                timers.saw(lease, now); // the row may still be there: once more after another time to live
                throw e;
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
