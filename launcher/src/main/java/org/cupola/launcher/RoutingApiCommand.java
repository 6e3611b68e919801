package org.cupola.launcher;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.cupola.routingapi.RoutingApiComponent;
import org.cupola.routingapi.RoutingApiConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private GoLogFlags logs;

    @Override
    public Integer call() throws Exception {
        if (config == null) {
            throw new IllegalArgumentException("no configuration file provided (expected: -config FILE)");
        }
        if (ip.isEmpty()) {
            throw new IllegalArgumentException("no ip address provided (expected: -ip ADDRESS)");
        }
        return ComponentRunner.run(
                logs.settings(),
                () -> new RoutingApiComponent(RoutingApiConfig.read(config, ip, devMode), InstantSource.system()));
    }
}
