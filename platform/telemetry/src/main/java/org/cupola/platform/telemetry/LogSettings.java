package org.cupola.platform.telemetry;

/**
 * How to log.
 *
 * @param format what a line looks like
 * @param level  the least level written
 * @param source what {@link LogFormat#ZAP_EPOCH} and {@link LogFormat#ZAP_RFC3339} say where a line comes from; the other
 *               formats say the component's name
 */
public record LogSettings(LogFormat format, LogLevel level, String source) {
    public LogSettings(LogFormat format, LogLevel level) {
        this(format, level, "");
    }

    public enum LogFormat {
        /** For a terminal: time, level, component, message, {@code key=value} pairs. */
        HUMAN,
        /** Lager JSON with a textual level and an RFC 3339 time. */
        LAGER_RFC3339,
        /** Lager JSON with a numeric level and seconds since 1970. */
        LAGER_EPOCH,
        /** The Gorouter's JSON with an RFC 3339 time. */
        ZAP_RFC3339,
        /** The Gorouter's JSON with seconds since 1970. */
        ZAP_EPOCH
    }

    /** Lager's levels; {@code FATAL} and {@code ERROR} both keep errors only. */
    public enum LogLevel {
        DEBUG,
        INFO,
        WARN,
        ERROR,
        FATAL;

        /** @throws IllegalArgumentException for anything but debug, info, warn, error, fatal in any case */
        public static LogLevel parse(String text) {
            for (LogLevel level : values()) {
                if (level.name().equalsIgnoreCase(text)) {
                    return level;
                }
            }
            throw new IllegalArgumentException("log level: " + text + " (expected: debug, info, warn, error or fatal)");
        }
    }

    public static LogSettings human(LogLevel level) {
        return new LogSettings(LogFormat.HUMAN, level);
    }
}
