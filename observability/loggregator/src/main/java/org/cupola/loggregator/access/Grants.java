package org.cupola.loggregator.access;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which token may read which source, as known for the last minute. Guarded by its lock. */
final class Grants {
    private static final Duration VALIDITY = Duration.ofSeconds(60);
    private static final int MAX = 10_000;

    private final InstantSource clock;

    @GuardedBy("this")
    private final Map<Grant, Instant> ends = new LinkedHashMap<>();

    private record Grant(String token, String sourceId) {}

    Grants(InstantSource clock) {
        this.clock = clock;
    }

    synchronized boolean has(String token, String sourceId) {
        Instant end = ends.get(new Grant(token, sourceId));
        return end != null && clock.instant().isBefore(end);
    }

    synchronized void add(String token, String sourceId) {
        Instant now = clock.instant();
        // Oldest first, since all are valid equally long.
        var eldest = ends.entrySet().iterator();
        while (eldest.hasNext()) {
            Instant end = eldest.next().getValue();
            if (now.isBefore(end) && ends.size() < MAX) {
                break;
            }
            eldest.remove();
        }
        var grant = new Grant(token, sourceId);
        ends.remove(grant);
        ends.put(grant, now.plus(VALIDITY));
    }
}
