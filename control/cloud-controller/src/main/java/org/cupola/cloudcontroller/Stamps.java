package org.cupola.cloudcontroller;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Makes guids and times; times never repeat and never go back. Any thread. */
final class Stamps {
    private final InstantSource clock;
    private final AtomicLong last = new AtomicLong();

    Stamps(InstantSource clock) {
        this.clock = clock;
    }

    Stamp create() {
        return create(UUID.randomUUID().toString());
    }

    Stamp create(String guid) {
        long now = micros();
        return new Stamp(guid, now, now);
    }

    /** Microseconds since 1970. */
    long micros() {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        return last.updateAndGet(previous -> Math.max(previous + 1, now));
    }

    Instant now() {
        return clock.instant();
    }
}
