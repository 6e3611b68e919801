package org.cupola.cloudcontroller;

import java.time.Duration;

/** Forgets what is old: events after 31 days, jobs after 90. */
final class Housekeeping {
    private static final Duration EVENTS = Duration.ofDays(31);
    private static final Duration JOBS = Duration.ofDays(90);

    private final Store store;

    Housekeeping(Store store) {
        this.store = store;
    }

    boolean run() {
        long now = store.stamps.micros();
        store.database.writeVoid(dsl -> {
            store.events.deleteOlderThan(dsl, now - EVENTS.toNanos() / 1000);
            store.jobs.deleteOlderThan(dsl, now - JOBS.toNanos() / 1000);
        });
        return true;
    }
}
