package org.cupola.launcher.up;

import java.nio.file.Path;
import org.cupola.platform.telemetry.LogSettings;

/**
 * What a user may choose about an all-in-one platform. Immutable.
 *
 * @param domain    where apps live by default; {@code sys.DOMAIN} and {@code tcp.DOMAIN} are derived
 * @param routerIp  a loopback address on which the TCP router listens, so that the TCP load balancer can have the same
 *                  ports on {@code 127.0.0.1}
 */
public record PlatformSettings(Path data, String domain, PlatformPorts ports, String routerIp, LogSettings logs) {
    /** All listeners bind here unless told otherwise. */
    public static final String HOST = "127.0.0.1";

    public String systemDomain() {
        return "sys." + domain;
    }

    public String tcpDomain() {
        return "tcp." + domain;
    }

    public int port(PlatformPort port) {
        return ports.of(port);
    }
}
