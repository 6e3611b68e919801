package org.cupola.nats;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cupola.nats.NatsConfig.Authorization;
import org.cupola.nats.NatsConfig.Limits;
import org.cupola.nats.NatsConfig.Monitoring;
import org.cupola.nats.NatsConfig.Timing;
import org.cupola.nats.NatsConfig.Tls;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.GoDuration;
import org.cupola.platform.json.Json;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Turns a parsed nats-server configuration into a {@link NatsConfig}. Keys are not case-sensitive. An unknown key is
 * refused, as nats-server does; keys of its features that we do not have are refused by name, except {@code cluster},
 * which every Cloud Foundry deployment sets: it is accepted with a warning.
 */
final class NatsConfigReader {
    private static final Logger log = LoggerFactory.getLogger(NatsConfigReader.class);

    private static final List<String> UNSUPPORTED = List.of(
            "jetstream",
            "leafnodes",
            "leaf",
            "gateway",
            "mqtt",
            "websocket",
            "ws",
            "accounts",
            "operator",
            "operators",
            "resolver",
            "resolver_preload",
            "resolver_tls",
            "trusted",
            "trusted_keys",
            "system_account",
            "auth_callout",
            "ocsp",
            "ocsp_cache");

    /** Without effect here: profiling, tracing and log formats of another runtime, and clustering. */
    private static final List<String> WITHOUT_EFFECT = List.of(
            "trace",
            "trace_verbose",
            "logtime",
            "logtime_utc",
            "syslog",
            "remote_syslog",
            "prof_port",
            "no_sys_acc",
            "disable_sublist_cache",
            "connect_error_reports",
            "reconnect_error_reports",
            "max_traced_msg_len",
            "log_size_limit",
            "logfile_size_limit",
            "logfile_max_num",
            "prof_block_rate",
            "default_js_domain",
            "server_tags",
            "always_enable_nonce",
            "client_advertise",
            "cluster",
            "port_range",
            "store_dir",
            "https_port_range");

    private static final long MAX_BYTES = Integer.MAX_VALUE - 2L;

    private final ConfigReader root;
    private final String source;

    private NatsConfigReader(String source, ConfigReader root) {
        this.source = source;
        this.root = root;
    }

    static NatsConfig read(String source, Map<String, Object> entries, Set<String> variables) throws ConfigException {
        ConfigReader root = ConfigReader.ofJson(source, Json.text(lowerCase(entries)));
        var reader = new NatsConfigReader(source, root);
        NatsConfig config = reader.read();
        Set<String> ignorable = new java.util.HashSet<>();
        variables.forEach(name -> ignorable.add(name.toLowerCase(Locale.ROOT)));
        root.unknownKeys().stream().filter(key -> !ignorable.contains(key)).forEach(key -> reader.refuseKey(key));
        root.finish();
        return config;
    }

    private static Object lowerCase(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> lower = new LinkedHashMap<>();
                map.forEach((key, child) -> lower.put(key.toString().toLowerCase(Locale.ROOT), lowerCase(child)));
                yield lower;
            }
            case List<?> list -> list.stream().map(NatsConfigReader::lowerCase).toList();
            default -> value;
        };
    }

    private void refuseKey(String key) {
        String found = UNSUPPORTED.contains(key.split("\\.", 2)[0]) ? "not supported by this server" : "unknown";
        root.refuse(key, found, "a setting of the NATS core protocol");
    }

    private NatsConfig read() {
        InetSocketAddress listen = listen();
        Tls tls = tls();
        if (root.has("cluster")) {
            log.atWarn().addKeyValue("file", source).log("cluster-settings-ignored-this-server-is-a-single-node");
        }
        return new NatsConfig(
                listen,
                root.string("server_name", root.string("name", "")),
                limits(),
                timing(),
                new AuthorizationReader(root)
                        .read(
                                tls == null
                                        ? Authorization.NONE.timeout()
                                        : tls.timeout().plusSeconds(1)),
                tls,
                monitoring(listen, tls),
                !root.bool("no_header_support", false),
                path("pid_file", "pidfile"),
                path("ports_file_dir"),
                path("log_file", "logfile"),
                root.bool("debug", false));
    }

    private InetSocketAddress listen() {
        HostPort fallback = new HostPort(
                root.string("host", root.string("net", root.string("addr", "0.0.0.0"))),
                root.integer("port", 4222, -1, 65535));
        return hostPort("listen", fallback).address();
    }

    /** As nats-server, {@code -1} is a free port. */
    private record HostPort(String host, int port) {
        InetSocketAddress address() {
            return new InetSocketAddress(host.isEmpty() ? "0.0.0.0" : host, Math.max(port, 0));
        }
    }

    /** A port, or a host and a port. */
    private HostPort hostPort(String key, HostPort fallback) {
        Optional<String> text = root.string(key);
        if (text.isEmpty()) {
            return fallback;
        }
        int colon = text.get().lastIndexOf(':');
        String host = colon < 0 ? fallback.host : text.get().substring(0, colon).replaceAll("[\\[\\]]", "");
        try {
            int port = Integer.parseInt(text.get().substring(colon + 1));
            if (port >= -1 && port <= 65535) {
                return new HostPort(host, port);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        root.refuse(key, text.get(), "PORT or HOST:PORT");
        return fallback;
    }

    private Limits limits() {
        Limits standard = Limits.DEFAULT;
        WITHOUT_EFFECT.forEach(root::value);
        return new Limits(
                root.integer("max_control_line", standard.maxControlLineBytes(), 64, (int) MAX_BYTES),
                root.integer("max_payload", standard.maxPayloadBytes(), 1, (int) MAX_BYTES),
                root.number("max_pending", standard.maxPendingBytes(), 1, Long.MAX_VALUE),
                root.integer(
                        "max_connections",
                        root.integer("max_conn", standard.maxConnections(), -1, Integer.MAX_VALUE),
                        -1,
                        Integer.MAX_VALUE),
                Math.max(
                        0,
                        root.integer(
                                "max_subscriptions",
                                root.integer("max_subs", 0, -1, Integer.MAX_VALUE),
                                -1,
                                Integer.MAX_VALUE)),
                root.integer("max_sub_tokens", root.integer("max_subscription_tokens", 0, 0, 255), 0, 255),
                root.integer("max_closed_clients", standard.closedConnections(), 0, 1_000_000));
    }

    private Timing timing() {
        Timing standard = Timing.DEFAULT;
        return new Timing(
                seconds(root, "ping_interval", standard.pingInterval()),
                root.integer("ping_max", standard.maxPingsOut(), 0, Integer.MAX_VALUE),
                seconds(root, "write_deadline", standard.writeDeadline()),
                seconds(root, "lame_duck_duration", standard.lameDuckDuration()),
                seconds(root, "lame_duck_grace_period", standard.lameDuckGrace()));
    }

    /** A duration such as {@code 2m}, or a number of seconds. */
    static Duration seconds(ConfigReader reader, String key, Duration otherwise) {
        Optional<JsonNode> value = reader.value(key);
        if (value.isEmpty()) {
            return otherwise;
        }
        Duration found = Duration.ofMillis(-1);
        if (value.get().isNumber()) {
            found = Duration.ofNanos((long) (value.get().asDouble() * 1e9));
        } else {
            try {
                found = GoDuration.parse(value.get().asString());
            } catch (IllegalArgumentException e) {
                // told below
            }
        }
        if (found.isNegative()) {
            reader.refuse(key, value.get().asString(), "a duration such as 2m or 90s, or seconds");
            return otherwise;
        }
        return found;
    }

    private @Nullable Tls tls() {
        boolean allowPlain = root.bool("allow_non_tls", false);
        if (!root.has("tls")) {
            return null;
        }
        ConfigReader tls = root.object("tls");
        boolean map = tls.bool("verify_and_map", false);
        boolean verify = tls.bool("verify", false) || map;
        Duration timeout = seconds(tls, "timeout", Duration.ofSeconds(2));
        List<String> suites = tls.strings("cipher_suites");
        List<String> curves = new ArrayList<>();
        for (String curve : tls.strings("curve_preferences")) {
            curves.add(curve(tls, curve));
        }
        boolean first =
                tls.has("handshake_first") && !tls.string("handshake_first", "").equals("false");
        Optional<Path> certificate = tls.file("cert_file");
        Optional<Path> key = tls.file("key_file");
        Optional<Path> authorities = tls.file("ca_file");
        if (certificate.isEmpty() || key.isEmpty()) {
            tls.refuse(certificate.isEmpty() ? "cert_file" : "key_file", "missing", "a file");
            return null;
        }
        try {
            TlsIdentity identity = TlsIdentity.read(certificate.get(), key.get());
            List<java.security.cert.X509Certificate> trusted =
                    authorities.map(Pem::certificates).orElse(List.of());
            if (verify && trusted.isEmpty()) {
                tls.refuse("ca_file", "missing", "a file, for verify is on");
            }
            return new Tls(identity, trusted, verify, map, timeout, suites, curves, first, allowPlain);
        } catch (IllegalArgumentException e) {
            tls.refuse("cert_file", String.valueOf(e.getMessage()), "usable certificate files");
            return null;
        }
    }

    private static String curve(ConfigReader tls, String name) {
        return switch (name) {
            case "CurveP256" -> "P-256";
            case "CurveP384" -> "P-384";
            case "CurveP521" -> "P-521";
            case "X25519" -> name;
            default -> {
                tls.refuse("curve_preferences", name, "CurveP256, CurveP384, CurveP521 or X25519");
                yield name;
            }
        };
    }

    private @Nullable Monitoring monitoring(InetSocketAddress listen, @Nullable Tls tls) {
        String host = listen.getHostString();
        String basePath = root.string("http_base_path", "").replaceAll("/+$", "");
        HostPort off = new HostPort(host, 0);
        HostPort plain = hostPort("http", new HostPort(host, port("http_port", "monitor_port")));
        HostPort secure = hostPort("https", new HostPort(host, port("https_port")));
        if (plain.port == 0 && secure.port == 0) {
            return null;
        }
        if (secure.port != 0 && plain.port != 0) {
            root.refuse("https", secure.port, "not together with http");
        }
        if (secure.port != 0 && tls == null) {
            root.refuse("https", secure.port, "a tls section");
        }
        HostPort chosen = secure.equals(off) || secure.port == 0 ? plain : secure;
        return new Monitoring(
                chosen.address(),
                basePath.isEmpty() || basePath.startsWith("/") ? basePath : "/" + basePath,
                secure.port != 0);
    }

    private int port(String... keys) {
        int port = 0;
        for (String key : keys) {
            port = root.integer(key, port, -1, 65535);
        }
        return port;
    }

    private @Nullable Path path(String... keys) {
        Path path = null;
        for (String key : keys) {
            path = root.file(key).orElse(path);
        }
        return path;
    }
}
