package org.cupola.loggregator;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;

/**
 * Which boxes run and how. The originals are configured by environment variables, one process a box; this file is our own: a
 * section a box, keys after the originals' job properties. A box without an address does not listen; the same address twice
 * is one listener for both. Immutable.
 *
 * @param tls     of the gRPC listeners, whose clients must show a certificate
 * @param httpTls of the HTTP listeners; none means plain HTTP, for behind a router
 * @param access  who says what users may read; needed where a box listens for users
 * @param metrics plain HTTP with {@code /metrics} and {@code /health}; none means none
 */
public record LoggregatorConfig(
        Optional<MutualTls> tls,
        Optional<ServerTls> httpTls,
        AgentSettings agent,
        LogCacheSettings logCache,
        RlpSettings rlp,
        GatewaySettings gateway,
        TrafficControllerSettings trafficController,
        Optional<AccessSettings> access,
        Optional<InetSocketAddress> metrics,
        LogSettings logs) {
    private static final int MEBIBYTE = 1024 * 1024;

    /** PEM files. */
    public record MutualTls(Path authority, Path certificate, Path key) {}

    /** PEM files. */
    public record ServerTls(Path certificate, Path key) {}

    /** @param tags put on every envelope that has them not */
    public record AgentSettings(
            Optional<InetSocketAddress> grpc, Optional<InetSocketAddress> udp, Map<String, String> tags) {}

    /** @param memoryBytes of all envelopes together */
    public record LogCacheSettings(
            Optional<InetSocketAddress> grpc, Optional<InetSocketAddress> http, long memoryBytes, int maxPerSource) {}

    public record RlpSettings(Optional<InetSocketAddress> grpc, int maxStreams) {}

    public record GatewaySettings(Optional<InetSocketAddress> http, Duration streamTimeout) {}

    public record TrafficControllerSettings(Optional<InetSocketAddress> http) {}

    /**
     * @param uaa                whose keys tokens are checked with
     * @param controllerInternal the Cloud Controller's mutual-TLS port
     * @param controllerApi      its API
     * @param authority          of the UAA and the API; none means those that the JDK knows
     */
    public record AccessSettings(URI uaa, URI controllerInternal, URI controllerApi, Optional<Path> authority) {}

    /** @throws ConfigException with every problem of the file */
    public static LoggregatorConfig read(Path file) throws ConfigException {
        return read(ConfigReader.yaml(file));
    }

    /** As {@link #read(Path)}, from a text; {@code source} is what problems name. */
    public static LoggregatorConfig parse(String source, String yaml) throws ConfigException {
        return read(ConfigReader.ofYaml(source, yaml));
    }

    private static LoggregatorConfig read(ConfigReader file) throws ConfigException {
        ConfigReader agent = file.object("agent");
        ConfigReader cache = file.object("log_cache");
        ConfigReader rlp = file.object("reverse_log_proxy");
        ConfigReader gateway = file.object("reverse_log_proxy_gateway");
        var config = new LoggregatorConfig(
                mutualTls(file),
                file.has("http_tls")
                        ? Optional.of(new ServerTls(
                                Path.of(file.object("http_tls").required("cert")),
                                Path.of(file.object("http_tls").required("key"))))
                        : Optional.empty(),
                new AgentSettings(agent.address("grpc"), agent.address("udp"), agent.stringMap("tags")),
                new LogCacheSettings(
                        cache.address("grpc"),
                        cache.address("http"),
                        (long) MEBIBYTE * cache.integer("memory_limit_mb", 64, 1, MEBIBYTE),
                        cache.integer("max_per_source", 100_000, 1, 10_000_000)),
                new RlpSettings(rlp.address("grpc"), rlp.integer("max_egress_streams", 1000, 1, 1_000_000)),
                new GatewaySettings(
                        gateway.address("http"), gateway.duration("stream_timeout", Duration.ofMinutes(14))),
                new TrafficControllerSettings(file.object("traffic_controller").address("http")),
                access(file),
                file.object("metrics").address("listen"),
                logs(file.object("logging")));
        config.refuseContradictions(file);
        file.finish();
        return config;
    }

    private void refuseContradictions(ConfigReader file) {
        boolean grpc = agent.grpc().isPresent()
                || logCache.grpc().isPresent()
                || rlp.grpc().isPresent();
        boolean users = logCache.http().isPresent()
                || gateway.http().isPresent()
                || trafficController.http().isPresent();
        if (grpc && tls.isEmpty()) {
            file.refuse("tls", "missing", "ca_cert, cert and key, for the gRPC listeners");
        }
        if (users && (access.isEmpty() || tls.isEmpty())) {
            file.refuse(
                    "access", "missing", "uaa_url, cc_internal_url and cc_api_url beside tls, for the HTTP listeners");
        }
        if (gateway.streamTimeout().isNegative() || gateway.streamTimeout().isZero()) {
            file.refuse("reverse_log_proxy_gateway.stream_timeout", gateway.streamTimeout(), "more than 0s");
        }
    }

    private static Optional<MutualTls> mutualTls(ConfigReader file) {
        if (!file.has("tls")) {
            return Optional.empty();
        }
        ConfigReader tls = file.object("tls");
        return Optional.of(new MutualTls(
                Path.of(tls.required("ca_cert")), Path.of(tls.required("cert")), Path.of(tls.required("key"))));
    }

    private static Optional<AccessSettings> access(ConfigReader file) {
        if (!file.has("access")) {
            return Optional.empty();
        }
        ConfigReader access = file.object("access");
        return Optional.of(new AccessSettings(
                access.requiredUrl("uaa_url", "https://host:8443"),
                access.requiredUrl("cc_internal_url", "https://host:8443"),
                access.requiredUrl("cc_api_url", "https://host:8443"),
                access.file("ca_cert")));
    }

    private static LogSettings logs(ConfigReader logging) {
        String level = logging.choice("level", "info", java.util.List.of("debug", "info", "warn", "error"));
        String format = logging.choice("format", "rfc3339", java.util.List.of("unix-epoch", "rfc3339"));
        return new LogSettings(
                format.equals("rfc3339") ? LogFormat.LAGER_RFC3339 : LogFormat.LAGER_EPOCH, LogLevel.parse(level));
    }
}
