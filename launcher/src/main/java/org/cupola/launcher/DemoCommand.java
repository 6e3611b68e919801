package org.cupola.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.launcher.demo.Demo;
import org.cupola.launcher.up.DataDirectory;
import org.cupola.launcher.up.Platform;
import org.cupola.launcher.up.PlatformSettings;
import org.cupola.launcher.up.UpOptions;
import org.cupola.platform.lifecycle.Foreground;
import org.cupola.platform.telemetry.Logging;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cupola demo}: {@code up}, two sample apps, requests through both routers; leaves nothing behind. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Starts the whole platform, deploys an HTTP app with 3 instances and a TCP app, sends requests through both"
                    + " routers and shows the routing table.",
            "Works in a temporary directory unless --data is given. Exit code 0 when every request was answered as"
                    + " expected."
        })
final class DemoCommand implements Callable<Integer> {
    @Mixin
    private UpOptions options = new UpOptions();

    @Option(names = "--keep", description = "stay up afterwards, until Ctrl-C")
    private boolean keep;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        boolean temporary = !spec.commandLine().getParseResult().hasMatchedOption("--data");
        Path scratch = Files.createTempDirectory("cupola-demo");
        PlatformSettings asked = settings();
        PlatformSettings settings = temporary
                ? new PlatformSettings(scratch, asked.domain(), asked.ports(), asked.routerIp(), asked.logs())
                : asked;
        Logging.configure(settings.logs());
        try {
            var platform = new Platform(settings, Clock.systemUTC(), UpCommand::say);
            if (keep) {
                return Foreground.run(platform, UpCommand.GRACE_PERIOD, () -> {
                    new Demo(platform.endpoints(), Clock.systemUTC(), UpCommand::say).run();
                    UpCommand.say("staying up; Ctrl-C stops the platform and its apps");
                });
            }
            var stopOnSignal = new Thread(platform::close);
            Runtime.getRuntime().addShutdownHook(stopOnSignal);
            try (platform) {
                platform.start();
                return new Demo(platform.endpoints(), Clock.systemUTC(), UpCommand::say).run() ? 0 : 1;
            }
        } finally {
            DataDirectory.delete(scratch);
        }
    }

    private PlatformSettings settings() {
        try {
            return options.settings();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
