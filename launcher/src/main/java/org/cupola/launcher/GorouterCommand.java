package org.cupola.launcher;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.cupola.gorouter.GorouterComponent;
import org.cupola.gorouter.GorouterConfig;
import org.cupola.platform.lifecycle.Signals;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola gorouter}, with the original's flag and signals. */
@Command(
        name = "gorouter",
        mixinStandardHelpOptions = true,
        description = {
            "Routes HTTP requests to the backends that register over NATS.",
            "SIGUSR1 drains and ends it, SIGTERM ends it sooner, SIGHUP reads changed certificates."
        })
final class GorouterCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--c", "-config", "--config"},
            paramLabel = "FILE",
            description = "YAML configuration; built-in defaults without it.")
    private @Nullable Path config;

    @Override
    public Integer call() throws Exception {
        return run(config);
    }

    /** @param config {@code null} for the built-in defaults */
    static int run(@Nullable Path config) throws Exception {
        GorouterConfig read = config == null ? GorouterConfig.defaults() : GorouterConfig.read(config);
        return ComponentRunner.run(read.logs().settings(), () -> router(read, config));
    }

    /** The component, which from now on hears the signals. */
    static GorouterComponent router(GorouterConfig read, @Nullable Path config) {
        var router = new GorouterComponent(read);
        if (config != null) {
            router.cameFrom(config);
        }
        Signals.on("USR1", () -> {
            router.drain();
            System.exit(0);
        });
        Signals.on("HUP", router::reload);
        return router;
    }
}
