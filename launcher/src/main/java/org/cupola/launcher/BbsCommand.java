package org.cupola.launcher;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.bbs.BbsComponent;
import org.cupola.bbs.BbsConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola bbs}, with the original's flag. */
@Command(
        name = "bbs",
        mixinStandardHelpOptions = true,
        description = "Keeps what is to run and what runs, and converges the two.")
final class BbsCommand implements Callable<Integer> {

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
        BbsConfig settings = BbsConfig.read(config);
        return ComponentRunner.run(
                GoLogFlags.settings(settings.logLevel(), settings.timeFormat()),
                () -> new BbsComponent(settings, Clock.systemUTC()));
    }
}
