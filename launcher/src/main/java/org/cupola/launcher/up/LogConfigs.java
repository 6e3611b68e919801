package org.cupola.launcher.up;

import static org.cupola.launcher.up.ConfigWriter.map;

/** Writes the configuration file of Loggregator and Log Cache. */
final class LogConfigs {
    /** All apps' logs together; some thousand lines each for a few apps, and not much of a small machine's memory. */
    private static final int CACHE_MEGABYTES = 16;

    private final ConfigWriter writer;

    LogConfigs(ConfigWriter writer) {
        this.writer = writer;
    }

    void write() {
        String grpc = writer.local(PlatformPort.LOGGREGATOR);
        String http = writer.local(PlatformPort.LOGS);
        writer.yaml(
                "loggregator.yml",
                map(
                        "tls",
                                map(
                                        "ca_cert", writer.ca(),
                                        "cert", writer.certificate("loggregator"),
                                        "key", writer.key("loggregator")),
                        "agent",
                                map(
                                        "grpc", grpc,
                                        "udp", writer.local(PlatformPort.LOGGREGATOR_UDP),
                                        "tags", map("deployment", "cupola")),
                        "log_cache", map("grpc", grpc, "http", http, "memory_limit_mb", CACHE_MEGABYTES),
                        "reverse_log_proxy", map("grpc", grpc),
                        "reverse_log_proxy_gateway", map("http", http),
                        "traffic_controller", map("http", http),
                        "access",
                                map(
                                        "uaa_url", "http://localhost:" + writer.port(PlatformPort.UAA),
                                        "cc_api_url", "http://localhost:" + writer.port(PlatformPort.API),
                                        "cc_internal_url",
                                                "https://localhost:"
                                                        + writer.port(PlatformPort.CLOUD_CONTROLLER_INTERNAL)),
                        "logging", map("level", "info")));
    }
}
