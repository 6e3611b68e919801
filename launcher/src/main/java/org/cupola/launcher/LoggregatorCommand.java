package org.cupola.launcher;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.loggregator.LoggregatorComponent;
import org.cupola.loggregator.LoggregatorConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola loggregator}: those of Loggregator's and Log Cache's boxes that its file gives addresses. */
@Command(
        name = "loggregator",
        mixinStandardHelpOptions = true,
        description = "Takes logs and metrics, keeps the newest (Log Cache) and streams them (firehose, RLP).")
final class LoggregatorCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "-config", "--config"},
            paramLabel = "FILE",
            description = "YAML: a section for each box that shall run.")
    private @Nullable Path config;

    @Override
    public Integer call() throws Exception {
        if (config == null) {
            throw new IllegalArgumentException("no configuration file provided (expected: -c FILE)");
        }
        LoggregatorConfig settings = LoggregatorConfig.read(config);
        return ComponentRunner.run(settings.logs(), () -> new LoggregatorComponent(settings, Clock.systemUTC()));
    }
}
