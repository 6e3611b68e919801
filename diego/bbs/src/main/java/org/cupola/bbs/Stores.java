package org.cupola.bbs;

import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.cupola.platform.sql.Database;

/** The database with its tables, and the clock whose time goes into them. Any thread. */
record Stores(
        Database database,
        DomainStore domains,
        DesiredLrpStore desired,
        ActualLrpStore actual,
        TaskStore tasks,
        InstantSource clock) {
    static Stores of(Database database, RecordCodec codec, InstantSource clock) {
        return new Stores(
                database,
                new DomainStore(),
                new DesiredLrpStore(codec),
                new ActualLrpStore(codec),
                new TaskStore(codec),
                clock);
    }

    /** Nanoseconds since 1970. */
    long now() {
        Instant now = clock.instant();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    Moment moment() {
        return new Moment(now(), () -> UUID.randomUUID().toString());
    }
}
