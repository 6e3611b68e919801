package org.cupola.launcher;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.routeemitter.RouteEmitterComponent;
import org.cupola.routeemitter.RouteEmitterConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola route-emitter}, with the original's flag. */
@Command(
        name = "route-emitter",
        mixinStandardHelpOptions = true,
        description = "Registers the routes of running instances with the routers, as the BBS knows them.")
final class RouteEmitterCommand implements Callable<Integer> {
    @Option(
            names = {"-config", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "JSON configuration.")
    private Path config;

    @Override
    public Integer call() throws Exception {
        RouteEmitterConfig read = RouteEmitterConfig.read(config);
        var logs =
                new LogSettings(read.rfc3339Times() ? LogFormat.LAGER_RFC3339 : LogFormat.LAGER_EPOCH, read.logLevel());
        return ComponentRunner.run(logs, () -> new RouteEmitterComponent(read, InstantSource.system()));
    }
}
