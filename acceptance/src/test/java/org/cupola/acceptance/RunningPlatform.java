package org.cupola.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.cupola.launcher.demo.CloudFoundryApi;
import org.cupola.launcher.demo.Deployment;
import org.cupola.launcher.demo.SampleApps;
import org.cupola.launcher.up.Endpoints;
import org.cupola.launcher.up.Platform;
import org.cupola.launcher.up.PlatformPorts;
import org.cupola.launcher.up.PlatformSettings;
import org.cupola.launcher.up.PortRange;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogLevel;

/** A platform in this JVM on free ports, in a directory of its own; and what its users need to reach it. */
final class RunningPlatform implements AutoCloseable {
    private final Platform platform;
    private final Endpoints endpoints;

    private RunningPlatform(Platform platform, Endpoints endpoints) {
        this.platform = platform;
        this.endpoints = endpoints;
    }

    static RunningPlatform start(Path data) throws Exception {
        var platform = new Platform(settings(data), Clock.systemUTC(), _ -> {});
        platform.start();
        return new RunningPlatform(platform, platform.endpoints());
    }

    static PlatformSettings settings(Path data) {
        return new PlatformSettings(
                data,
                "apps.localhost",
                PlatformPorts.free(new PortRange(61200, 61219)),
                "127.0.0.3",
                LogSettings.human(LogLevel.WARN));
    }

    Platform platform() {
        return platform;
    }

    Endpoints endpoints() {
        return endpoints;
    }

    int routerPort() {
        return endpoints.router().getPort();
    }

    CloudFoundryApi login() {
        return CloudFoundryApi.login(
                endpoints.api(), endpoints.uaa(), endpoints.adminUser(), endpoints.adminPassword());
    }

    HttpLoad load(String host, int connections) {
        return new HttpLoad("127.0.0.1", routerPort(), host, connections);
    }

    HttpLoad.Answer get(String host, String path) {
        try {
            return HttpLoad.get("127.0.0.1", routerPort(), host, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An HTTP sample app, running; returns its guid. Its host is {@code name.apps.localhost}. */
    String deployHello(CloudFoundryApi api, String name, int instances) {
        var deployment = new Deployment(api, Clock.systemUTC());
        String space = deployment.space("acceptance", "tests");
        String app = deployment.app(space, name, SampleApps.http());
        deployment.scale(app, instances, 128);
        deployment.httpRoute(space, app, name, endpoints.domain());
        deployment.start(app, instances);
        return app;
    }

    @Override
    public void close() {
        platform.close();
    }

    static Path freshDirectory() {
        try {
            return Files.createTempDirectory("cupola-acceptance");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
