package org.cupola.launcher.up;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import picocli.CommandLine.Option;

/** The flags that {@code up} and {@code demo} share. Filled by picocli. */
public final class UpOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "keeps everything here, and picks it up again (default: ${DEFAULT-VALUE})",
            defaultValue = "${user.home}/.cupola")
    private Path data = Path.of(".cupola");

    @Option(
            names = "--domain",
            paramLabel = "NAME",
            description = "default domain of apps (default: ${DEFAULT-VALUE})",
            defaultValue = "cupola.localhost")
    private String domain = "cupola.localhost";

    @Option(names = "--http-port", paramLabel = "PORT", description = "apps by HTTP (default: ${DEFAULT-VALUE})")
    private int httpPort = 8080;

    @Option(names = "--api-port", paramLabel = "PORT", description = "Cloud Controller (default: ${DEFAULT-VALUE})")
    private int apiPort = 8090;

    @Option(names = "--uaa-port", paramLabel = "PORT", description = "UAA (default: ${DEFAULT-VALUE})")
    private int uaaPort = 8091;

    @Option(
            names = "--logs-port",
            paramLabel = "PORT",
            description = "Log Cache and log streams (default: ${DEFAULT-VALUE})")
    private int logsPort = 8092;

    @Option(names = "--dns-port", paramLabel = "PORT", description = "DNS (default: ${DEFAULT-VALUE})")
    private int dnsPort = 8053;

    @Option(
            names = "--tcp-ports",
            paramLabel = "FIRST-LAST",
            description = "ports for TCP routes (default: ${DEFAULT-VALUE})")
    private String tcpPorts = "61000-61099";

    @Option(
            names = "--internal-ports",
            paramLabel = "FIRST",
            description = "ports between components count up from here (default: ${DEFAULT-VALUE})")
    private int internalPorts = 17000;

    @Option(
            names = "--tcp-router-ip",
            paramLabel = "IP",
            description =
                    "loopback address of the TCP router, behind the TCP load balancer (default: ${DEFAULT-VALUE})")
    private String routerIp = "127.0.0.2";

    @Option(names = "--log-level", paramLabel = "LEVEL", description = "debug, info, warn or error (default: warn)")
    private String logLevel = "warn";

    @Option(names = "--log-json", description = "logs in lager's JSON instead of lines for people")
    private boolean logJson;

    /** @throws IllegalArgumentException when a value is out of range, naming it */
    public PlatformSettings settings() {
        Map<PlatformPort, Integer> ports = new EnumMap<>(PlatformPort.class);
        ports.put(PlatformPort.HTTP, port("--http-port", httpPort));
        ports.put(PlatformPort.API, port("--api-port", apiPort));
        ports.put(PlatformPort.UAA, port("--uaa-port", uaaPort));
        ports.put(PlatformPort.LOGS, port("--logs-port", logsPort));
        ports.put(PlatformPort.DNS, port("--dns-port", dnsPort));
        port("--internal-ports", internalPorts);
        port("--internal-ports", internalPorts + PlatformPort.values().length);
        return new PlatformSettings(
                data.toAbsolutePath().normalize(),
                domain,
                PlatformPorts.of(ports, PortRange.parse(tcpPorts), internalPorts),
                routerIp,
                new LogSettings(logJson ? LogFormat.LAGER_RFC3339 : LogFormat.HUMAN, LogLevel.parse(logLevel)));
    }

    private static int port(String flag, int value) {
        if (value < 1 || value > 65535) {
            throw new IllegalArgumentException(flag + ": " + value + " (expected: a port from 1 to 65535)");
        }
        return value;
    }
}
