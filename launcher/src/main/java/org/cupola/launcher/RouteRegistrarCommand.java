package org.cupola.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.cupola.platform.config.ConfigException;
import org.cupola.routeregistrar.RouteRegistrarComponent;
import org.cupola.routeregistrar.RouteRegistrarConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private GoLogFlags logs;

    @Override
    public Integer call() throws Exception {
        return ComponentRunner.run(logs.settings(), () -> {
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
