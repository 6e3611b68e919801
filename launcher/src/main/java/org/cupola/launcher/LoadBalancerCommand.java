package org.cupola.launcher;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.loadbalancer.LoadBalancerComponent;
import org.cupola.loadbalancer.LoadBalancerConfig;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola load-balancer}. */
@Command(
        name = "load-balancer",
        mixinStandardHelpOptions = true,
        description = "Balances HTTP and TCP connections over routers, and answers DNS for the platform's domain.")
final class LoadBalancerCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "-config", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "YAML configuration.")
    private Path config;

    @Option(
            names = {"-logLevel", "--logLevel"},
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "debug, info, warn or error.")
    private String logLevel;

    @Override
    public Integer call() throws Exception {
        LoadBalancerConfig read = LoadBalancerConfig.read(config);
        return ComponentRunner.run(
                LogSettings.human(LogLevel.parse(logLevel)), () -> new LoadBalancerComponent(read, Clock.systemUTC()));
    }
}
