package org.cupola.launcher;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.cupola.gorouter.GorouterComponent;
import org.cupola.gorouter.GorouterConfig;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.lifecycle.Foreground;
import org.cupola.platform.lifecycle.Signals;
import org.cupola.platform.telemetry.Logging;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola gorouter}, with the original's flag, signals and exit codes. */
@Command(
        name = "gorouter",
        mixinStandardHelpOptions = true,
        description = {
            "Routes HTTP requests to the backends that register over NATS.",
            "SIGUSR1 drains and ends it, SIGTERM ends it sooner, SIGHUP reads changed certificates."
        })
final class GorouterCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(GorouterCommand.class);

    private static final Duration GRACE_PERIOD = Duration.ofMinutes(15);

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
        Logging.configure(GorouterConfig.LOGS_OF_READING);
        GorouterConfig read = read(config);
        Logging.configure(read.logs().settings());
        var ending = new Ending();
        try {
            int code = Foreground.run(router(read, config, ending), GRACE_PERIOD, () -> {});
            if (code != 0) {
                log.atError().log("gorouter.exited-with-failure");
            }
            return code;
        } catch (Exception e) {
            if (ending.hasBegun()) {
                return ending.await(); // a signal ended it while it was starting
            }
            log.atError().addKeyValue("error", e.getMessage()).log("gorouter.exited-with-failure");
            throw e;
        }
    }

    private static GorouterConfig read(@Nullable Path config) throws ConfigException {
        try {
            return config == null ? GorouterConfig.defaults() : GorouterConfig.read(config);
        } catch (ConfigException e) {
            log.atError().addKeyValue("error", e.getMessage()).log("Error loading config:");
            throw e;
        }
    }

    /** The component, which from now on hears the signals. */
    static GorouterComponent router(GorouterConfig read, @Nullable Path config, Ending ending) {
        var router = new GorouterComponent(read);
        if (config != null) {
            router.cameFrom(config);
        }
        ending.on("USR1", router::drain);
        ending.on("TERM", router::close);
        ending.on("INT", router::close);
        Signals.on("HUP", router::reload);
        return router;
    }
}
