package org.cupola.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.cupola.platform.config.ConfigException;
import org.cupola.routeregistrar.RouteRegistrarComponent;
import org.cupola.routeregistrar.RouteRegistrarConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola route-registrar}, with the original's flags and {@code --manifest}. */
@Command(
        name = "route-registrar",
        mixinStandardHelpOptions = true,
        description = "Keeps the routes of system components alive, over NATS and the Routing API.")
final class RouteRegistrarCommand implements Callable<Integer> {
    @Option(
            names = {"-configPath", "--configPath"},
            paramLabel = "FILE",
            defaultValue = "registrar_settings.yml",
            description = "JSON configuration, whatever its name. Default: ${DEFAULT-VALUE}")
    private Path configPath;

    @Option(
            names = "--manifest",
            paramLabel = "FILE",
            description = "A BOSH manifest with route_registrar jobs, in place of the configuration.")
    private Path manifest;

    @Option(
            names = {"-pidfile", "--pidfile"},
            paramLabel = "FILE",
            description = "Where to write the process id.")
    private Path pidFile;

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

    @Override
    public Integer call() throws Exception {
        return ComponentRunner.run(RoutingApiCommand.lager(logLevel, timeFormat), () -> {
            var component = new RouteRegistrarComponent(config(), InstantSource.system());
            writePidFile();
            return component;
        });
    }

    private RouteRegistrarConfig config() throws ConfigException {
        return manifest == null ? RouteRegistrarConfig.read(configPath) : RouteRegistrarConfig.readManifest(manifest);
    }

    private void writePidFile() throws IOException {
        if (pidFile != null) {
            Files.writeString(pidFile, Long.toString(ProcessHandle.current().pid()));
        }
    }
}
