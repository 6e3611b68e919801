package org.cupola.nats;

import java.time.Duration;

/** Durations as the monitoring pages print them: whole seconds, days and years apart. */
final class MonitorTime {
    private static final long SECONDS_PER_DAY = 86_400;
    private static final long SECONDS_PER_YEAR = 365 * SECONDS_PER_DAY;

    private MonitorTime() {}

    /** Such as {@code 3s}, {@code 1m2s}, {@code 1h2m3s}, {@code 5d1h0m0s}, {@code 1y3d0h0m9s}. */
    static String coarse(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        long years = seconds / SECONDS_PER_YEAR;
        long days = seconds % SECONDS_PER_YEAR / SECONDS_PER_DAY;
        long hours = seconds % SECONDS_PER_DAY / 3600;
        long minutes = seconds % 3600 / 60;
        var text = new StringBuilder();
        if (years > 0) {
            text.append(years).append('y');
        }
        if (years > 0 || days > 0) {
            text.append(days).append('d');
        }
        if (!text.isEmpty() || hours > 0) {
            text.append(hours).append('h');
        }
        if (!text.isEmpty() || minutes > 0) {
            text.append(minutes).append('m');
        }
        return text.append(seconds % 60).append('s').toString();
    }
}
