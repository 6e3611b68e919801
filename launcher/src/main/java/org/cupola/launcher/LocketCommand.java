package org.cupola.launcher;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.locket.LocketComponent;
import org.cupola.locket.LocketConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola locket}, with the original's flag. */
@Command(
        name = "locket",
        mixinStandardHelpOptions = true,
        description = "Keeps locks, and the presences of cells, for as long as they are renewed.")
final class LocketCommand implements Callable<Integer> {

    @Option(
            names = {"-config", "--config"},
            paramLabel = "FILE",
            description = "JSON configuration.")
    private Path config;

    @Override
    public Integer call() throws Exception {
        if (config == null) {
            throw new IllegalArgumentException("no configuration file provided (expected: -config FILE)");
        }
        LocketConfig settings = LocketConfig.read(config);
        return ComponentRunner.run(
                GoLogFlags.settings(settings.logLevel(), settings.timeFormat()),
                () -> new LocketComponent(settings, Clock.systemUTC()));
    }
}
