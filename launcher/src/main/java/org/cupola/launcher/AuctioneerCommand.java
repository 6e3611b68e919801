package org.cupola.launcher;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.cupola.auctioneer.AuctioneerComponent;
import org.cupola.auctioneer.AuctioneerConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola auctioneer}, with the original's flag. */
@Command(
        name = "auctioneer",
        mixinStandardHelpOptions = true,
        description = "Decides on which cell instances and tasks run.")
final class AuctioneerCommand implements Callable<Integer> {

    @Option(
            names = {"-config", "--config"},
            paramLabel = "FILE",
            description = "JSON configuration.")
    private @Nullable Path config;

    @Override
    public Integer call() throws Exception {
        if (config == null) {
            throw new IllegalArgumentException("no configuration file provided (expected: -config FILE)");
        }
        AuctioneerConfig settings = AuctioneerConfig.read(config);
        return ComponentRunner.run(settings.logs(), () -> new AuctioneerComponent(settings));
    }
}
