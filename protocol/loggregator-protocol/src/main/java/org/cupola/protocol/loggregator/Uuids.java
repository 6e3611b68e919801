package org.cupola.protocol.loggregator;

import java.util.Optional;
import java.util.UUID;

/** UUIDs as Envelope v1 carries them: the halves of their bytes, each read from the least significant on. */
final class Uuids {
    private static final int TEXT_LENGTH = 36;

    private Uuids() {}

    static String text(org.cupola.protocol.loggregator.v1.UUID uuid) {
        return new UUID(Long.reverseBytes(uuid.getLow()), Long.reverseBytes(uuid.getHigh())).toString();
    }

    /** None for what is no UUID. */
    static Optional<org.cupola.protocol.loggregator.v1.UUID> parse(String text) {
        if (text.length() != TEXT_LENGTH) {
            return Optional.empty();
        }
        try {
            UUID uuid = UUID.fromString(text);
            return Optional.of(org.cupola
                    .protocol
                    .loggregator
                    .v1
                    .UUID
                    .newBuilder()
                    .setLow(Long.reverseBytes(uuid.getMostSignificantBits()))
                    .setHigh(Long.reverseBytes(uuid.getLeastSignificantBits()))
                    .build());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // component names are as long by chance only
        }
    }
}
