package org.cupola.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.cupola.launcher.demo.Demo;
import org.cupola.launcher.up.DataDirectory;
import org.cupola.launcher.up.Platform;
import org.cupola.launcher.up.PlatformPorts;
import org.cupola.launcher.up.PlatformSettings;
import org.cupola.launcher.up.PortRange;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.cupola.platform.telemetry.Logging;
import picocli.CommandLine.Command;

/** What the start script runs once after a build, so that the JVM can remember what every start needs. */
@Command(
        name = "rehearse",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Runs the demo once on free ports in a temporary directory.")
final class RehearseCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        var logs = LogSettings.human(LogLevel.WARN);
        Logging.configure(logs);
        Path data = Files.createTempDirectory("cupola-rehearse");
        var settings = new PlatformSettings(
                data, "rehearse.localhost", PlatformPorts.free(new PortRange(61900, 61903)), "127.0.0.4", logs);
        try (var platform = new Platform(settings, Clock.systemUTC(), UpCommand::say)) {
            platform.start();
            return new Demo(platform.endpoints(), Clock.systemUTC(), UpCommand::say).run() ? 0 : 1;
        } finally {
            DataDirectory.delete(data);
        }
    }
}
