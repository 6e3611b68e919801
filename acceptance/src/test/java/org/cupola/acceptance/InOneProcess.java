package org.cupola.acceptance;

import java.nio.file.Path;
import java.time.Clock;
import org.cupola.launcher.up.Endpoints;
import org.cupola.launcher.up.Platform;
import org.cupola.launcher.up.PlatformPorts;
import org.cupola.launcher.up.PlatformSettings;
import org.cupola.launcher.up.PortRange;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogLevel;

/** A platform in this JVM on free ports, in a directory of its own. A component that shares its JVM cannot be killed, only stopped. */
final class InOneProcess implements RunningPlatform {
    private final Platform platform;
    private final Reach reach;

    private InOneProcess(Platform platform) {
        this.platform = platform;
        Endpoints endpoints = platform.endpoints();
        this.reach = new Reach(
                endpoints.api(),
                endpoints.uaa(),
                endpoints.router().getPort(),
                endpoints.domain(),
                endpoints.systemDomain(),
                endpoints.tcpDomain(),
                endpoints.adminUser(),
                endpoints.adminPassword());
    }

    static InOneProcess start(Path data) throws Exception {
        var settings = new PlatformSettings(
                data,
                "apps.localhost",
                PlatformPorts.free(new PortRange(61200, 61219)),
                "127.0.0.3",
                LogSettings.human(LogLevel.WARN));
        var platform = new Platform(settings, Clock.systemUTC(), _ -> {});
        platform.start();
        return new InOneProcess(platform);
    }

    @Override
    public Reach reach() {
        return reach;
    }

    @Override
    public void stop(String component) {
        platform.stop(component);
    }

    @Override
    public void crash(String component) {
        platform.stop(component);
    }

    @Override
    public void start(String component) throws Exception {
        platform.start(component);
    }

    @Override
    public void close() {
        platform.close();
    }
}
