package org.cupola.routeemitter;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.jspecify.annotations.Nullable;

/**
 * The route emitter's configuration, from the original's JSON file. Immutable. The original has no defaults of its own; ours
 * are those its release sets.
 *
 * @param cellId              not empty: only this cell's instances, without a lock; empty: all, with the lock of Locket
 * @param uuid                owner of the lock
 * @param healthcheckAddress  port 0 picks a free one
 * @param debugAddress        of the debug server; absent for none
 * @param jitterFactor        a restarted router is answered after at most this part of the interval
 * @param unregistrationSends how often an unregistration is sent in all
 * @param locket              absent in local mode
 */
public record RouteEmitterConfig(
        BbsEndpoint bbs,
        String cellId,
        String uuid,
        Duration communicationTimeout,
        Duration syncInterval,
        InetSocketAddress healthcheckAddress,
        @Nullable InetSocketAddress debugAddress,
        NatsEndpoint nats,
        double jitterFactor,
        boolean registerDirectInstanceRoutes,
        boolean enableInternalEmitter,
        @Nullable TcpRouting tcp,
        Duration unregistrationInterval,
        int unregistrationSends,
        @Nullable LocketEndpoint locket,
        LogLevel logLevel,
        boolean rfc3339Times) {
    private static final Duration MAX_TCP_TTL = Duration.ofSeconds(65_535);

    /** Certificate files of a client; all absent for plain connections. */
    public record ClientFiles(
            @Nullable Path caCert,
            @Nullable Path clientCert,
            @Nullable Path clientKey) {}

    /** The BBS's API. */
    public record BbsEndpoint(URI address, ClientFiles files) {}

    /** NATS. */
    public record NatsEndpoint(
            List<String> addresses, String username, Secret password, boolean tls, ClientFiles files) {
        public NatsEndpoint {
            addresses = List.copyOf(addresses);
        }
    }

    /** Locket; {@code address} is {@code host:port}. */
    public record LocketEndpoint(String address, ClientFiles files) {}

    /**
     * TCP routes.
     *
     * @param enableTls  whether mappings carry the TLS port and the instance guid
     * @param routingApi base URL with port
     * @param oauth      absent when the Routing API asks for no tokens
     */
    public record TcpRouting(
            boolean enableTls,
            Duration routeTtl,
            URI routingApi,
            ClientFiles files,
            @Nullable OAuth oauth) {}

    /** The UAA that issues tokens for the Routing API. */
    public record OAuth(
            URI uaaUrl,
            Duration requestTimeout,
            String clientName,
            Secret clientSecret,
            boolean skipCertVerify,
            @Nullable Path caCerts) {}

    /** @throws ConfigException with every problem of the file */
    public static RouteEmitterConfig read(Path file) throws ConfigException {
        return read(ConfigReader.json(file));
    }

    static RouteEmitterConfig read(ConfigReader file) throws ConfigException {
        String cellId = file.string("cell_id", "");
        String uuid = file.string("uuid", "");
        if (cellId.isEmpty() && uuid.isEmpty()) {
            file.refuse("uuid", "missing", "the owner of the lock, since without cell_id one emitter serves all cells");
        }
        for (String unused : List.of(
                "bbs_client_session_cache_size",
                "bbs_max_idle_conns_per_host",
                "route_emitting_workers",
                "lock_ttl",
                "lock_retry_interval",
                "report_interval",
                "redact_secrets",
                "redact_patterns",
                "loggregator",
                "locket_session_name",
                "nats_ping_interval")) {
            file.value(unused); // known to the original, without a meaning here
        }
        var config = new RouteEmitterConfig(
                new BbsEndpoint(
                        uri(file, "bbs_address", file.required("bbs_address"), List.of("https", "http")),
                        files(file, "bbs_ca_cert_file", "bbs_client_cert_file", "bbs_client_key_file")),
                cellId,
                uuid,
                positive(file, "communication_timeout", Duration.ofSeconds(30)),
                positive(file, "sync_interval", Duration.ofSeconds(60)),
                address(file, "healthcheck_address", "127.0.0.1:17011"),
                file.loopbackAddress("debug_address").orElse(null),
                nats(file),
                file.decimal("jitter_factor", 0.2, 0, 1),
                file.bool("register_direct_instance_routes", false),
                file.bool("enable_internal_emitter", false),
                tcp(file),
                positive(file, "unregistration_interval", Duration.ofSeconds(30)),
                file.integer("unregistration_send_count", 20, 0, Integer.MAX_VALUE),
                locket(file, cellId),
                LogLevel.valueOf(file.choice("log_level", "info", List.of("debug", "info", "warn", "error", "fatal"))
                        .toUpperCase(Locale.ROOT)),
                file.choice("time_format", "unix-epoch", List.of("unix-epoch", "rfc3339"))
                        .equals("rfc3339"));
        file.finish();
        return config;
    }

    private static NatsEndpoint nats(ConfigReader file) {
        List<String> addresses = Arrays.stream(file.required("nats_addresses").split(","))
                .map(String::trim)
                .filter(address -> !address.isEmpty())
                .toList();
        boolean tls = file.bool("nats_tls_enabled", false);
        ClientFiles files = files(file, "nats_ca_cert_file", "nats_client_cert_file", "nats_client_key_file");
        return new NatsEndpoint(
                addresses,
                file.string("nats_username", ""),
                new Secret(file.string("nats_password", "")),
                tls,
                tls ? files : new ClientFiles(null, null, null));
    }

    private static @Nullable TcpRouting tcp(ConfigReader file) {
        boolean enabled = file.bool("enable_tcp_emitter", false);
        boolean enableTls = file.bool("tcp_enable_tls", false);
        Duration ttl = positive(file, "tcp_route_ttl", Duration.ofMinutes(2));
        if (ttl.compareTo(MAX_TCP_TTL) > 0) {
            file.refuse("tcp_route_ttl", ttl, "at most 65535 s");
        }
        ConfigReader api = file.object("routing_api");
        String url = api.string("url", "http://routing-api.service.cf.internal");
        int port = api.integer("port", 3000, 1, 65_535);
        boolean authenticated = api.bool("auth_enabled", true);
        ClientFiles files = files(api, "ca_cert_file", "client_cert_file", "client_key_file");
        OAuth oauth = oauth(file.object("oauth"), enabled && authenticated);
        if (!enabled) {
            return null;
        }
        return new TcpRouting(
                enableTls,
                ttl,
                uri(api, "url", url + ":" + port, List.of("https", "http")),
                files,
                authenticated ? oauth : null);
    }

    private static OAuth oauth(ConfigReader oauth, boolean needed) {
        String url = oauth.string("uaa_url", "");
        String client = oauth.string("client_name", "");
        URI uaa = URI.create("https://localhost:8443");
        if (needed) {
            uaa = uri(oauth, "uaa_url", url, List.of("https", "http"));
            if (uaa.getPort() < 0) {
                oauth.refuse("uaa_url", url, "a URL with a port");
            }
            if (client.isEmpty()) {
                oauth.refuse("client_name", "missing", "a value");
            }
        }
        return new OAuth(
                uaa,
                positive(oauth, "uaa_request_timeout", Duration.ofSeconds(10)),
                client,
                new Secret(oauth.string("client_secret", "")),
                oauth.bool("skip_cert_verify", false),
                oauth.file("ca_certs").orElse(null));
    }

    private static @Nullable LocketEndpoint locket(ConfigReader file, String cellId) {
        String address = file.string("locket_address", "");
        ClientFiles files = files(file, "locket_ca_cert_file", "locket_client_cert_file", "locket_client_key_file");
        if (!cellId.isEmpty()) {
            return null;
        }
        if (address.isEmpty()) {
            file.refuse("locket_address", "missing", "host:port, since without cell_id a lock is needed");
        }
        return new LocketEndpoint(address, files);
    }

    private static ClientFiles files(ConfigReader file, String ca, String cert, String key) {
        Optional<Path> certFile = file.file(cert);
        Optional<Path> keyFile = file.file(key);
        if (certFile.isPresent() != keyFile.isPresent()) {
            file.refuse(certFile.isPresent() ? key : cert, "missing", "set, as its counterpart is");
        }
        return new ClientFiles(file.file(ca).orElse(null), certFile.orElse(null), keyFile.orElse(null));
    }

    private static Duration positive(ConfigReader file, String key, Duration otherwise) {
        Duration found = file.duration(key, otherwise);
        if (!found.isPositive()) {
            file.refuse(key, found, "a positive duration");
            return otherwise;
        }
        return found;
    }

    private static URI uri(ConfigReader file, String key, String text, List<String> schemes) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && schemes.contains(uri.getScheme())) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        if (!text.isEmpty() || !key.equals("bbs_address")) {
            file.refuse(key, text, "a URL with " + String.join(" or ", schemes));
        }
        return URI.create("http://localhost");
    }

    private static InetSocketAddress address(ConfigReader file, String key, String otherwise) {
        String text = file.string(key, otherwise);
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (colon >= 0 && port >= 0 && port <= 65_535) {
                return new InetSocketAddress(colon == 0 ? "0.0.0.0" : text.substring(0, colon), port);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        file.refuse(key, text, "host:port");
        return new InetSocketAddress("127.0.0.1", 0);
    }
}
