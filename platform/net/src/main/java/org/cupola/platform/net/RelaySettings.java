package org.cupola.platform.net;

import java.time.Duration;

/**
 * How a {@link Relay} treats one pair of connections.
 *
 * @param bufferBytes       held per direction before the sender is no longer read from; one read more can be added
 * @param idleTimeout       a pair without bytes either way for this long is closed; zero means never
 * @param halfClosedTimeout the same once one side has finished sending; zero means never
 */
public record RelaySettings(int bufferBytes, Duration idleTimeout, Duration halfClosedTimeout) {
    public static final RelaySettings DEFAULT =
            new RelaySettings(64 * 1024, Duration.ofMinutes(5), Duration.ofMinutes(1));

    public RelaySettings {
        check(bufferBytes > 0, "buffer-bytes", bufferBytes, "> 0");
        check(!idleTimeout.isNegative(), "idle-timeout", idleTimeout, ">= 0");
        check(!halfClosedTimeout.isNegative(), "half-closed-timeout", halfClosedTimeout, ">= 0");
    }

    private static void check(boolean condition, String name, Object found, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + found + " (expected: " + expected + ")");
        }
    }
}
