package org.cupola.launcher;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.cupola.routingapi.RoutingApiComponent;
import org.cupola.routingapi.RoutingApiConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola routing-api}, with the original's flags. */
@Command(
        name = "routing-api",
        mixinStandardHelpOptions = true,
        description = "Keeps TCP and HTTP routes in a database and tells routers about changes.")
final class RoutingApiCommand implements Callable<Integer> {

    @Option(
            names = {"-config", "--config"},
            paramLabel = "FILE",
            description = "YAML configuration.")
    private Path config;

    @Option(
            names = {"-ip", "--ip"},
            paramLabel = "ADDRESS",
            defaultValue = "",
            description = "Own address, for the route to itself.")
    private String ip;

    @Option(
            names = {"-devMode", "--devMode"},
            description = "Check no tokens.")
    private boolean devMode;

    @Option(
            names = {"-logLevel", "--logLevel"},
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "debug, info, error or fatal.")
    private String logLevel;

    @Option(
            names = {"-timeFormat", "--timeFormat"},
            paramLabel = "FORMAT",
            defaultValue = "unix-epoch",
            description = "unix-epoch or rfc3339.")
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

    @Override
    public Integer call() throws Exception {
        if (config == null) {
            throw new IllegalArgumentException("no configuration file provided (expected: -config FILE)");
        }
        if (ip.isEmpty()) {
            throw new IllegalArgumentException("no ip address provided (expected: -ip ADDRESS)");
        }
        return ComponentRunner.run(
                lager(logLevel, timeFormat),
                () -> new RoutingApiComponent(RoutingApiConfig.read(config, ip, devMode), InstantSource.system()));
    }

    /** The originals' logging flags. */
    static LogSettings lager(String level, String timeFormat) {
        LogFormat format = switch (timeFormat) {
            case "rfc3339", "1" -> LogFormat.LAGER_RFC3339;
            case "unix-epoch", "0" -> LogFormat.LAGER_EPOCH;
            default ->
                throw new IllegalArgumentException("timeFormat: " + timeFormat + " (expected: unix-epoch or rfc3339)");
        };
        return new LogSettings(format, LogLevel.parse(level));
    }
}
