package org.cupola.routingapi;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time by which routes expire. It stands still while the database is away, because then nobody can keep a route
 * alive, and for a while after, until everybody has had the chance to. Guarded by its lock.
 */
final class ExpiryClock {
    private final Duration grace;
    private @Nullable Instant stoppedAt;
    private @Nullable Instant resumeAt;

    /** @param grace how long after the database's return clients may take to keep their routes alive */
    ExpiryClock(Duration grace) {
        this.grace = grace;
    }

    synchronized void databaseLost(Instant now) {
        if (stoppedAt == null) {
            stoppedAt = now;
        }
        resumeAt = null;
    }

    synchronized void databaseBack(Instant now) {
        if (stoppedAt != null) {
            resumeAt = now.plus(grace);
        }
    }

    synchronized Instant at(Instant now) {
        if (resumeAt != null && !now.isBefore(resumeAt)) {
            resumeAt = null;
            stoppedAt = null;
        }
        return stoppedAt == null ? now : stoppedAt;
    }
}
