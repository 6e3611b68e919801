package org.cupola.launcher;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.cupola.launcher.up.Endpoints;
import org.cupola.launcher.up.Platform;
import org.cupola.launcher.up.PlatformSettings;
import org.cupola.launcher.up.UpOptions;
import org.cupola.platform.lifecycle.Foreground;
import org.cupola.platform.telemetry.Logging;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cupola up}: the whole platform in the foreground. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = {
            "Starts the whole platform in this process, with embedded defaults, and keeps it in the foreground.",
            "Ctrl-C stops it, apps included; the next `up` with the same data directory brings everything back."
        })
final class UpCommand implements Callable<Integer> {
    static final Duration GRACE_PERIOD = Duration.ofSeconds(30);

    @Mixin
    private UpOptions options = new UpOptions();

    @Override
    public Integer call() throws Exception {
        PlatformSettings settings = options.settings();
        Logging.configure(settings.logs());
        long begun = System.nanoTime();
        var platform = new Platform(settings, Clock.systemUTC(), UpCommand::say);
        return Foreground.run(platform, GRACE_PERIOD, () -> {
            say("ready after " + Duration.ofNanos(System.nanoTime() - begun).toMillis() + " ms");
            say("");
            banner(platform.endpoints());
        });
    }

    private static void banner(Endpoints at) {
        say("  API             " + at.api());
        say("  UAA             " + at.uaa());
        say("  logs            " + at.logs());
        say("  apps            http://NAME." + at.domain() + ":" + at.router().getPort());
        say("  TCP routes      " + at.tcpHost() + " ports " + at.tcpPorts() + " (domain " + at.tcpDomain() + ")");
        say("  DNS             " + at.dns());
        say("  data            " + at.passwordFile().getParent());
        say("");
        say("  cf login -a " + at.api() + " -u " + at.adminUser() + " -p \"$(cat " + at.passwordFile() + ")\"");
        say("");
        say("Ctrl-C stops the platform and its apps.");
    }

    static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
