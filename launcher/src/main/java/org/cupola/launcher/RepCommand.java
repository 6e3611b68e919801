package org.cupola.launcher;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.rep.RepComponent;
import org.cupola.rep.RepConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola rep}, with the original's flags. */
@Command(
        name = "rep",
        mixinStandardHelpOptions = true,
        description = "The cell: runs instances and tasks, and tells the BBS how they are.")
final class RepCommand implements Callable<Integer> {

    @Option(
            names = {"-config", "--config"},
            paramLabel = "FILE",
            description = "JSON configuration.")
    private @Nullable Path config;

    @Option(
            names = {"-zone", "--zone"},
            paramLabel = "ZONE",
            description = "Availability zone; overrides the configuration's.")
    private @Nullable String zone;

    @Override
    public Integer call() throws Exception {
        if (config == null) {
            throw new IllegalArgumentException("no configuration file provided (expected: -config FILE)");
        }
        RepConfig read = RepConfig.read(config);
        RepConfig settings = zone == null ? read : read.withZone(zone);
        var rep = new RepComponent(settings, Clock.systemUTC());
        // A drained cell ends by itself. Exiting runs the hook that closes the component, hence the thread.
        rep.evacuated().thenRun(() -> Thread.ofPlatform().name("evacuated").start(() -> System.exit(0)));
        return ComponentRunner.run(settings.logs(), () -> rep);
    }
}
