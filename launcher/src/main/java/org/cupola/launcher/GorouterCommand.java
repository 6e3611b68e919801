package org.cupola.launcher;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.cupola.gorouter.GorouterComponent;
import org.cupola.gorouter.GorouterConfig;
import org.cupola.platform.lifecycle.Signals;
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
    private Path config;

    @Override
    public Integer call() throws Exception {
        GorouterConfig read = config == null ? GorouterConfig.defaults() : GorouterConfig.read(config);
        return ComponentRunner.run(read.logs().settings(), () -> {
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
        });
    }
}
