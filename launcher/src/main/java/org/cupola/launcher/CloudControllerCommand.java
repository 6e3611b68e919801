package org.cupola.launcher;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.cupola.cloudcontroller.CloudControllerComponent;
import org.cupola.cloudcontroller.CloudControllerConfig;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola cloud-controller}, with the original's flag. */
@Command(
        name = "cloud-controller",
        mixinStandardHelpOptions = true,
        description = "Serves the v3 API and tells Diego what shall run.")
final class CloudControllerCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "YAML configuration (cloud_controller_ng.yml).")
    private Path config;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "debug, info, error or fatal.")
    private String logLevel;

    @Override
    public Integer call() throws Exception {
        return ComponentRunner.run(
                new LogSettings(LogFormat.LAGER_RFC3339, LogLevel.parse(logLevel)),
                () -> new CloudControllerComponent(CloudControllerConfig.read(config), InstantSource.system()));
    }
}
