package org.cupola.launcher;

import java.util.List;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import picocli.CommandLine.Option;

/** The logging flags that the originals have in common. */
final class GoLogFlags {
    @Option(
            names = {"-logLevel", "--logLevel"},
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "debug, info, error or fatal. Default: ${DEFAULT-VALUE}")
    private String logLevel;

    @Option(
            names = {"-timeFormat", "--timeFormat"},
            paramLabel = "FORMAT",
            defaultValue = "unix-epoch",
            description = "unix-epoch or rfc3339. Default: ${DEFAULT-VALUE}")
    private String timeFormat;

    @SuppressWarnings("unused") // accepted for the original's sake
    @Option(
            names = {"-redactSecrets", "--redactSecrets"},
            arity = "0..1",
            fallbackValue = "true",
            description = "Accepted for compatibility: secrets are never logged.")
    private boolean redactSecrets;

    @SuppressWarnings("unused") // accepted for the original's sake
    @Option(
            names = {"-redactPatterns", "--redactPatterns"},
            paramLabel = "REGEX",
            description = "Accepted for compatibility.")
    private List<String> redactPatterns;

    /** @throws IllegalArgumentException for a level or format that is none */
    LogSettings settings() {
        return settings(logLevel, timeFormat);
    }

    /** The same from a configuration file. */
    static LogSettings settings(String level, String timeFormat) {
        LogFormat format = switch (timeFormat) {
            case "rfc3339", "1" -> LogFormat.LAGER_RFC3339;
            case "unix-epoch", "0" -> LogFormat.LAGER_EPOCH;
            default ->
                throw new IllegalArgumentException("timeFormat: " + timeFormat + " (expected: unix-epoch or rfc3339)");
        };
        return new LogSettings(format, LogLevel.parse(level));
    }
}
