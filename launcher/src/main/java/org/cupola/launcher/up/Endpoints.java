package org.cupola.launcher.up;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.cupola.platform.json.Json;

/**
 * What a script needs to use a running platform; {@code endpoints.json} in its data directory.
 *
 * @param api          Cloud Controller
 * @param logs         Log Cache and log streams
 * @param router       the HTTP load balancer: apps by Host header, or by name under {@code domain} and this port
 * @param tcpHost      where {@code tcpPorts} are reachable
 * @param tcpPorts     {@code FIRST-LAST}, the ports that TCP routes can have
 * @param dns          {@code host:port}, UDP and TCP
 * @param caFile       the platform's certificate authority
 * @param passwordFile holds the password of {@code adminUser}
 * @param routes       Gorouter's table, as {@code /routes} shows it (basic auth with the two that follow)
 */
public record Endpoints(
        URI api,
        URI uaa,
        URI logs,
        URI router,
        String domain,
        String systemDomain,
        String tcpDomain,
        String tcpHost,
        String tcpPorts,
        String dns,
        Path caFile,
        String adminUser,
        Path passwordFile,
        URI routes,
        long pid) {
    private static final String FILE = "endpoints.json";

    static Endpoints of(PlatformSettings settings, Path root, Path caFile) {
        return new Endpoints(
                local(settings, PlatformPort.API),
                local(settings, PlatformPort.UAA),
                local(settings, PlatformPort.LOGS),
                local(settings, PlatformPort.HTTP),
                settings.domain(),
                settings.systemDomain(),
                settings.tcpDomain(),
                PlatformSettings.HOST,
                settings.ports().tcpRoutes().toString(),
                PlatformSettings.HOST + ":" + settings.port(PlatformPort.DNS),
                caFile,
                "admin",
                root.resolve("admin-password"),
                URI.create("http://" + PlatformSettings.HOST + ":" + settings.port(PlatformPort.GOROUTER_ROUTES)
                        + "/routes"),
                ProcessHandle.current().pid());
    }

    private static URI local(PlatformSettings settings, PlatformPort port) {
        return URI.create("http://localhost:" + settings.port(port));
    }

    void write(Path root) {
        DataDirectory.writePrivate(root.resolve(FILE), Json.pretty(this) + "\n");
    }

    /** @throws IllegalStateException when no platform has written its endpoints there */
    public static Endpoints read(Path root) {
        Path file = root.resolve(FILE);
        try {
            return Json.read(Files.readAllBytes(file), Endpoints.class);
        } catch (IOException e) {
            throw new IllegalStateException(
                    file + ": cannot be read (is a platform running in " + root + "?): " + e.getMessage(), e);
        }
    }

    public String adminPassword() {
        try {
            return Files.readString(passwordFile).strip();
        } catch (IOException e) {
            throw new IllegalStateException(passwordFile + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
