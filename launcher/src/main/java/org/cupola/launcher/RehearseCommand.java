package org.cupola.launcher;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
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
    private static final PortRange TCP_PORTS = new PortRange(61900, 61903);

    /** Enough for the JVM to take a profile of a TCP connection's life, which is kept with the rest. */
    private static final Duration CONNECTIONS_FOR = Duration.ofSeconds(2);

    @Override
    public Integer call() throws Exception {
        var logs = LogSettings.human(LogLevel.WARN);
        Logging.configure(logs);
        Path data = Files.createTempDirectory("cupola-rehearse");
        var settings =
                new PlatformSettings(data, "rehearse.localhost", PlatformPorts.free(TCP_PORTS), "127.0.0.4", logs);
        try (var platform = new Platform(settings, Clock.systemUTC(), UpCommand::say)) {
            platform.start();
            boolean shown = new Demo(platform.endpoints(), Clock.systemUTC(), UpCommand::say).run();
            if (shown) {
                connectToAll(platform.endpoints().tcpHost());
            }
            return shown ? 0 : 1;
        } finally {
            DataDirectory.delete(data);
        }
    }

    /** The demo has left its TCP app on one of the ports; on the others nobody listens. */
    private static void connectToAll(String host) {
        for (int port = TCP_PORTS.first(); port <= TCP_PORTS.last(); port++) {
            int connections = connect(new InetSocketAddress(host, port));
            UpCommand.say("port " + port + ": " + connections + " connections");
        }
    }

    private static int connect(InetSocketAddress address) {
        byte[] sent = "rehearsal\n".getBytes(US_ASCII);
        long end = System.nanoTime() + CONNECTIONS_FOR.toNanos();
        int connections = 0;
        while (System.nanoTime() - end < 0) {
            try (var socket = new Socket()) {
                socket.connect(address, 2_000);
                socket.setSoTimeout(2_000);
                socket.getOutputStream().write(sent);
                if (socket.getInputStream().readNBytes(sent.length).length < sent.length) {
                    return connections;
                }
                connections++;
            } catch (IOException e) {
                return connections;
            }
        }
        return connections;
    }
}
