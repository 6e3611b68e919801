package org.cupola.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.uaa.UaaComponent;
import org.cupola.uaa.UaaConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola uaa}: its configuration by flag, or where the original's environment variables say. */
@Command(
        name = "uaa",
        mixinStandardHelpOptions = true,
        description = {
            "Keeps users and clients, and gives out the tokens every other component checks.",
            "Without --config it reads the file UAA_CONFIG_FILE, or uaa.yml in the folder UAA_CONFIG_PATH or"
                    + " CLOUDFOUNDRY_CONFIG_PATH."
        })
final class UaaCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "-config", "--config"},
            paramLabel = "FILE",
            description = "uaa.yml, or the folder it is in.")
    private @Nullable Path config;

    @Option(
            names = {"-log-level", "--log-level"},
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "debug, info, warn or error (default: ${DEFAULT-VALUE}).")
    private String logLevel = "info";

    @Override
    public Integer call() throws Exception {
        UaaConfig settings = UaaConfig.read(file(config, System.getenv()));
        var logs = new LogSettings(LogSettings.LogFormat.LAGER_RFC3339, LogSettings.LogLevel.parse(logLevel));
        return ComponentRunner.run(logs, () -> new UaaComponent(settings, Clock.systemUTC()));
    }

    /** @throws IllegalArgumentException when nobody says where the file is */
    static Path file(@Nullable Path flag, Map<String, String> environment) {
        if (flag != null) {
            return inFolder(flag);
        }
        for (String name : new String[] {"UAA_CONFIG_FILE", "UAA_CONFIG_PATH", "CLOUDFOUNDRY_CONFIG_PATH"}) {
            String value = environment.getOrDefault(name, "");
            if (!value.isBlank()) {
                return inFolder(Path.of(value));
            }
        }
        throw new IllegalArgumentException(
                "no configuration file provided (expected: --config FILE or UAA_CONFIG_PATH)");
    }

    private static Path inFolder(Path path) {
        return Files.isDirectory(path) ? path.resolve("uaa.yml") : path;
    }
}
