package org.cupola.cloudcontroller;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.node.ObjectNode;

/**
 * What every resource carries.
 *
 * @param createdAt microseconds since 1970; no two resources of one Cloud Controller have the same, so it also orders them
 * @param updatedAt microseconds since 1970
 */
record Stamp(String guid, long createdAt, long updatedAt) {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    /** A new document that begins with guid and times. */
    ObjectNode document() {
        return Docs.object()
                .put("guid", guid)
                .put("created_at", text(createdAt))
                .put("updated_at", text(updatedAt));
    }

    static String text(long micros) {
        return SECONDS.format(instant(micros));
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
