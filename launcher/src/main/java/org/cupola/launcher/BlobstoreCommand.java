package org.cupola.launcher;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.blobstore.BlobstoreComponent;
import org.cupola.blobstore.BlobstoreConfig;
import org.cupola.platform.telemetry.LogSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola blobstore}: the properties of the original's job as a YAML file. */
@Command(
        name = "blobstore",
        mixinStandardHelpOptions = true,
        description = "Keeps packages, droplets and buildpacks behind WebDAV and signed links.")
final class BlobstoreCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "-config", "--config"},
            paramLabel = "FILE",
            description = "YAML: the properties of the original's job.")
    private @Nullable Path config;

    @Option(
            names = {"-log-level", "--log-level"},
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "debug, info, warn or error; debug has a line per request (default: ${DEFAULT-VALUE}).")
    private String logLevel = "info";

    @Override
    public Integer call() throws Exception {
        if (config == null) {
            throw new IllegalArgumentException("no configuration file provided (expected: -c FILE)");
        }
        BlobstoreConfig settings = BlobstoreConfig.read(config);
        var logs = new LogSettings(LogSettings.LogFormat.LAGER_RFC3339, LogSettings.LogLevel.parse(logLevel));
        return ComponentRunner.run(logs, () -> new BlobstoreComponent(settings, Clock.systemUTC()));
    }
}
