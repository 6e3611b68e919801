package org.cupola.gorouter;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.cupola.gorouter.GorouterConfig.Backends;
import org.cupola.gorouter.GorouterConfig.Drain;
import org.cupola.gorouter.GorouterConfig.Frontend;
import org.cupola.gorouter.GorouterConfig.Header;
import org.cupola.gorouter.GorouterConfig.Headers;
import org.cupola.gorouter.GorouterConfig.Logs;
import org.cupola.gorouter.GorouterConfig.OAuth;
import org.cupola.gorouter.GorouterConfig.Registry;
import org.cupola.gorouter.GorouterConfig.RouteServices;
import org.cupola.gorouter.GorouterConfig.RoutingApi;
import org.cupola.gorouter.GorouterConfig.Status;
import org.cupola.gorouter.GorouterConfig.Syslog;
import org.cupola.gorouter.GorouterConfig.TlsLimits;
import org.cupola.gorouter.GorouterConfig.Tracing;
import org.cupola.gorouter.proxy.HeaderRules.ClientCert;
import org.cupola.gorouter.proxy.ProxySettings.ForwardedProto;
import org.cupola.gorouter.proxy.ProxySettings.QueryRedaction;
import org.cupola.gorouter.routes.Balancing;
import org.cupola.gorouter.routes.Sharding;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.NatsSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code gorouter.yml}: the original's keys, defaults and complaints; those of its keys that it does not use
 * itself are known and ignored.
 */
final class GorouterConfigReader {
    private static final Logger log = LoggerFactory.getLogger(GorouterConfigReader.class);

    private static final int MAX_PORT = 65535;
    private static final int MIB = 1024 * 1024;
    private static final List<String> EXTRA_FIELDS = List.of(
            "backend_time",
            "dial_time",
            "dns_time",
            "failed_attempts",
            "failed_attempts_time",
            "local_address",
            "tls_time");
    private static final List<String> UNUSED = List.of(
            "publish_start_message_interval",
            "websocket_dial_timeout",
            "load_balancer_healthy_threshold",
            "healthcheck_poll_interval",
            "healthcheck_timeout",
            "pid_file",
            "ip_local_port_range",
            "enable_http1_concurrent_read_write");

    private final ConfigReader root;
    private final ConfigReader logging;
    private final boolean ssl;
    private final TlsLimits limits;

    GorouterConfigReader(ConfigReader root) {
        this.root = root;
        this.logging = root.object("logging");
        this.ssl = root.bool("enable_ssl", false);
        this.limits = TlsKeys.limits(root, ssl);
    }

    GorouterConfig read() throws ConfigException {
        UNUSED.forEach(root::value);
        if (root.duration("load_balancer_healthy_threshold", Duration.ZERO).isNegative()) {
            root.note("Invalid load balancer healthy threshold: " + root.string("load_balancer_healthy_threshold", ""));
        }
        Backends backends = backends();
        var config = new GorouterConfig(
                frontend(),
                status(),
                nats(),
                registry(),
                backends,
                headers(),
                routeServices(),
                logs(),
                tracing(),
                MetricsReader.prometheus(root.object("prometheus")),
                MetricsReader.metrics(root, logging),
                routingApi(),
                drain(backends.endpointTimeout()),
                new BeyondReader(root, ssl, limits).read());
        root.finish();
        return config;
    }

    private static int port(ConfigReader section, String key, int otherwise) {
        return section.integer(key, otherwise, 0, MAX_PORT);
    }

    /** One of the labels; complains in the original's words. */
    private static <T> T choose(
            ConfigReader section, String key, T otherwise, Iterable<T> all, Function<T, String> label, String what) {
        Optional<String> found = section.string(key);
        if (found.isEmpty()) {
            return otherwise;
        }
        List<String> labels = new ArrayList<>();
        for (T choice : all) {
            if (label.apply(choice).equals(found.get())) {
                return choice;
            }
            labels.add(label.apply(choice));
        }
        section.note(
                "Invalid " + what + ": " + found.get() + ". Allowed values are [" + String.join(" ", labels) + "]");
        return otherwise;
    }

    private Frontend frontend() {
        boolean plain = !root.bool("disable_http", false);
        if (!plain && !ssl) {
            root.note("neither http nor https listener is enabled: router.enable_ssl: false, router.disable_http:"
                    + " true");
        }
        Set<String> hopByHop = new LinkedHashSet<>();
        root.strings("hop_by_hop_headers_to_filter")
                .forEach(name -> hopByHop.add(name.toLowerCase(java.util.Locale.ROOT)));
        long headerBytes = root.number(
                root.has("max_request_header_bytes") ? "max_request_header_bytes" : "max_header_bytes",
                0,
                0,
                Long.MAX_VALUE);
        if (headerBytes > MIB) {
            log.atWarn()
                    .addKeyValue("provided", headerBytes)
                    .addKeyValue("used", MIB)
                    .log("max-request-header-bytes-capped");
        }
        return new Frontend(
                port(root, "port", 8081),
                plain,
                new FrontendTlsReader(root, ssl, limits).read(),
                root.bool("enable_http2", true),
                root.bool("enable_proxy", false),
                root.duration("frontend_idle_timeout", Duration.ofMinutes(15)),
                root.duration("read_header_timeout", Duration.ZERO),
                headerBytes == 0 ? MIB : (int) Math.min(headerBytes, MIB),
                root.integer("max_request_headers", 0, 0, Integer.MAX_VALUE),
                hopByHop);
    }

    private Status status() {
        ConfigReader section = root.object("status");
        ConfigReader tls = section.object("tls");
        boolean plain = section.bool("enable_nontls_health_checks", true);
        int tlsPort = port(tls, "port", 8443);
        String certificate = tls.string("certificate", "");
        String key = tls.string("key", "");
        boolean tlsTouched = tlsPort != 8443 || !certificate.isEmpty() || !key.isEmpty();
        if (!tlsTouched && !plain) {
            root.note("Neither TLS nor non-TLS health endpoints are enabled. Refusing to start gorouter.");
        }
        if (tlsTouched && key.isEmpty()) {
            root.note("router.status.tls.key must be provided");
        }
        if (tlsTouched && certificate.isEmpty()) {
            root.note("router.status.tls.certificate must be provided");
        }
        if (tlsTouched && tlsPort == 0) {
            root.note("router.status.tls.port must not be 0");
        }
        TlsIdentity identity =
                TlsKeys.pair(root, certificate, key, "Error loading router.status.tls certificate/key pair");
        return new Status(
                section.string("host", "0.0.0.0"),
                port(section, "port", 8080),
                plain,
                section.bool("enable_deprecated_varz_healthz_endpoints", false),
                tlsPort,
                identity,
                section.string("user", ""),
                new Secret(section.string("pass", "")),
                port(section.object("routes"), "port", 8082),
                root.loopbackAddress("debug_addr").orElse(null));
    }

    private NatsSettings nats() {
        ConfigReader section = root.object("nats");
        List<String> servers = new ArrayList<>();
        for (ConfigReader host : section.objects("hosts")) {
            servers.add(host.string("hostname", "localhost") + ":" + port(host, "port", 4222));
        }
        boolean tls = section.bool("tls_enabled", false);
        String authorities = section.string("ca_certs", "");
        section.value("cert_chain");
        section.value("private_key");
        TlsIdentity identity = tls ? natsIdentity(section) : null;
        List<X509Certificate> trusted = tls && !authorities.isEmpty()
                ? TlsKeys.certificates(
                        root, authorities, "Error while adding CACerts to gorouter's routing-api cert pool: ")
                : List.of();
        NatsSettings settings = NatsSettings.plain("gorouter", servers.isEmpty() ? List.of("localhost:4222") : servers)
                .withUser(section.string("user", ""), new Secret(section.string("pass", "")))
                .withIntervals(
                        root.duration("nats_client_ping_interval", Duration.ofSeconds(20)), Duration.ofSeconds(2));
        return tls ? settings.withTls(identity, trusted) : settings;
    }

    /** Brokers that speak TLS ask who we are, so the pair must be there. */
    private static @Nullable TlsIdentity natsIdentity(ConfigReader section) {
        String complaint = "Error loading NATS key pair";
        for (String key : List.of("cert_chain", "private_key")) {
            if (section.string(key, "").isEmpty()) {
                section.note(complaint + ": nats." + key + " is missing");
                return null;
            }
        }
        return TlsKeys.pair(section, complaint);
    }

    private Registry registry() {
        Duration startDelay = root.duration("start_response_delay_interval", Duration.ofSeconds(5));
        Duration stale = root.duration("droplet_stale_threshold", Duration.ofMinutes(2));
        List<String> segments = root.strings("isolation_segments");
        Sharding.Mode mode = choose(
                root,
                "routing_table_sharding_mode",
                Sharding.Mode.ALL,
                List.of(Sharding.Mode.values()),
                Sharding.Mode::label,
                "sharding mode");
        if (mode == Sharding.Mode.SEGMENTS && segments.isEmpty()) {
            root.note("Expected isolation segments; routing table sharding mode set to segments and none provided.");
        }
        return new Registry(
                root.integer("index", 0, 0, Integer.MAX_VALUE),
                startDelay,
                root.duration("prune_stale_droplets_interval", Duration.ofSeconds(30)),
                stale.compareTo(startDelay) < 0 ? startDelay : stale,
                root.bool("suspend_pruning_if_nats_unavailable", false),
                root.duration("publish_active_apps_interval", Duration.ZERO),
                new Sharding(mode, Set.copyOf(segments)),
                root.string("zone", ""),
                root.bool("empty_pool_response_code_503", false),
                root.duration("empty_pool_timeout", Duration.ZERO));
    }

    private Backends backends() {
        ConfigReader section = root.object("backends");
        section.value("clientauthcertificate");
        Optional<String> algorithm = root.string("balancing_algorithm");
        Balancing balancing = algorithm.flatMap(Balancing::of).orElse(Balancing.ROUND_ROBIN);
        if (algorithm.isPresent() && (Balancing.of(algorithm.get()).isEmpty() || balancing == Balancing.HASH)) {
            root.note("Invalid load balancing algorithm " + algorithm.get()
                    + ". Allowed values are [round-robin least-connection]");
        }
        String zones = root.string("balancing_algorithm_az_preference", "none");
        if (!zones.equals("none") && !zones.equals("locally-optimistic")) {
            root.note(
                    "Invalid load balancing AZ preference " + zones + ". Allowed values are [none locally-optimistic]");
        }
        List<String> authorities = root.strings("ca_certs");
        for (int i = 0; i < authorities.size(); i++) {
            if (certificatesQuietly(authorities.get(i)).isEmpty()) {
                root.note("Error while adding " + i + " cert in CACerts to gorouter's cert pool");
            }
        }
        int responseBytes = root.integer("max_response_header_bytes", 0, 0, Integer.MAX_VALUE);
        return new Backends(
                section.number("max_conns", 0, Long.MIN_VALUE, Long.MAX_VALUE),
                Math.max(1, section.integer("max_attempts", 0, Integer.MIN_VALUE, Integer.MAX_VALUE)),
                TlsKeys.pair(section, "Error loading key pair"),
                balancing,
                zones.equals("locally-optimistic"),
                root.duration("endpoint_timeout", Duration.ofSeconds(60)),
                optionalDuration("http_1_endpoint_timeout"),
                optionalDuration("http_2_endpoint_timeout"),
                root.duration("endpoint_dial_timeout", Duration.ofSeconds(5)),
                root.duration("tls_handshake_timeout", Duration.ofSeconds(10)),
                root.duration("endpoint_keep_alive_probe_interval", Duration.ofSeconds(1)),
                !root.bool("disable_keep_alives", true),
                root.integer("max_idle_conns", 100, 0, Integer.MAX_VALUE),
                root.integer("max_idle_conns_per_host", 2, 0, Integer.MAX_VALUE),
                responseBytes == 0 ? 10 * MIB : responseBytes,
                root.integer("max_response_headers", 0, 0, Integer.MAX_VALUE),
                root.bool("keep_alive_100_continue_requests", false),
                limits.ciphers(),
                authorities);
    }

    private @Nullable Duration optionalDuration(String key) {
        return root.has(key) ? root.duration(key, Duration.ZERO) : null;
    }

    private static List<X509Certificate> certificatesQuietly(String pem) {
        try {
            return Pem.certificates(pem);
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private Headers headers() {
        ConfigReader responses = root.object("http_rewrite").object("responses");
        List<Header> added = responses.objects("add_headers_if_not_present").stream()
                .map(header -> new Header(header.string("name", ""), header.string("value", "")))
                .toList();
        List<String> removed = responses.objects("remove_headers").stream()
                .map(header -> header.string("name", ""))
                .toList();
        boolean force = root.bool("force_forwarded_proto_https", false);
        boolean sanitize = root.bool("sanitize_forwarded_proto", false);
        return new Headers(
                choose(
                        root,
                        "forwarded_client_cert",
                        ClientCert.ALWAYS_FORWARD,
                        List.of(ClientCert.values()),
                        mode -> mode.name().toLowerCase(java.util.Locale.ROOT),
                        "forwarded client cert mode"),
                force ? ForwardedProto.FORCE_HTTPS : sanitize ? ForwardedProto.SANITIZE : ForwardedProto.KEEP,
                root.has("sticky_session_cookie_names")
                        ? Set.copyOf(root.strings("sticky_session_cookie_names"))
                        : Set.of("JSESSIONID"),
                root.bool("sticky_sessions_for_auth_negotiate", false),
                root.bool("secure_cookies", false),
                root.string("trace_key", ""),
                added,
                removed,
                root.file("html_error_template_file"),
                root.string("healthcheck_user_agent", "HTTP-Monitor/1.1"));
    }

    private RouteServices routeServices() {
        ConfigReader section = root.object("route_services");
        return new RouteServices(
                new Secret(root.string("route_services_secret", "")),
                new Secret(root.string("route_services_secret_decrypt_only", "")),
                root.duration("route_services_timeout", Duration.ofSeconds(60)),
                root.bool("route_services_recommend_https", false),
                root.bool("route_services_hairpinning", false),
                root.strings("route_services_hairpinning_allowlist"),
                port(root, "route_services_internal_server_port", 7070),
                section.integer("max_attempts", 0, Integer.MIN_VALUE, Integer.MAX_VALUE),
                section.bool("strict_signature_validation", false),
                root.bool("skip_ssl_validation", false),
                TlsKeys.pair(section, "Error loading key pair"),
                limits);
    }

    private Logs logs() {
        ConfigReader section = logging;
        ConfigReader access = root.object("access_log");
        String source = section.string("syslog", "");
        var syslog = new Syslog(
                section.string("syslog_network", "udp"),
                section.string("syslog_addr", "127.0.0.1:514"),
                source,
                section.integer("syslog_truncate", 0, 0, Integer.MAX_VALUE));
        boolean streaming = access.bool("enable_streaming", false);
        boolean details = section.bool("enable_attempts_details", false);
        Set<String> fields = new LinkedHashSet<>(section.strings("extra_access_log_fields"));
        if (details && fields.isEmpty()) {
            fields.addAll(List.of(
                    "failed_attempts", "failed_attempts_time", "dns_time", "dial_time", "tls_time", "backend_time"));
        }
        fields.retainAll(EXTRA_FIELDS);
        boolean rfc3339 =
                section.object("format").string("timestamp", "unix-epoch").equals("rfc3339");
        return new Logs(
                new LogSettings(
                        rfc3339 ? LogFormat.ZAP_RFC3339 : LogFormat.ZAP_EPOCH,
                        level(section),
                        source.isEmpty() ? GorouterConfig.LOGS_OF_READING.source() : source),
                access.file("file"),
                streaming ? Optional.of(syslog) : Optional.empty(),
                !section.bool("disable_log_forwarded_for", false),
                !section.bool("disable_log_source_ip", false),
                choose(
                        section,
                        "redact_query_params",
                        QueryRedaction.NONE,
                        List.of(QueryRedaction.values()),
                        mode -> mode.name().toLowerCase(java.util.Locale.ROOT),
                        "query param redaction mode"),
                List.copyOf(fields),
                root.strings("extra_headers_to_log"));
    }

    private static LogLevel level(ConfigReader section) {
        String level = section.string("level", "debug");
        return switch (level.equals(level.toUpperCase(java.util.Locale.ROOT))
                ? level.toLowerCase(java.util.Locale.ROOT)
                : level) {
            case "debug" -> LogLevel.DEBUG;
            case "", "info" -> LogLevel.INFO;
            case "warn" -> LogLevel.WARN;
            case "error" -> LogLevel.ERROR;
            case "dpanic", "panic", "fatal" -> LogLevel.FATAL;
            default -> {
                section.refuse("level", level, "debug, info, warn, error, dpanic, panic or fatal");
                yield LogLevel.INFO;
            }
        };
    }

    private Tracing tracing() {
        ConfigReader section = root.object("tracing");
        return new Tracing(
                section.bool("enable_zipkin", false),
                section.bool("enable_w3c", false),
                section.string("w3c_tenant_id", ""));
    }

    private Optional<RoutingApi> routingApi() {
        ConfigReader section = root.object("routing_api");
        ConfigReader oauth = root.object("oauth");
        var tokens = new OAuth(
                oauth.string("token_endpoint", ""),
                port(oauth, "port", 0),
                oauth.bool("skip_ssl_validation", false),
                oauth.string("client_name", ""),
                new Secret(oauth.string("client_secret", "")),
                oauth.file("ca_certs"),
                root.integer("token_fetcher_max_retries", 3, 0, Integer.MAX_VALUE),
                root.duration("token_fetcher_retry_interval", Duration.ofSeconds(5)),
                Duration.ofSeconds(root.number("token_fetcher_expiration_buffer_time", 30, 0, Integer.MAX_VALUE)));
        String uri = section.string("uri", "");
        int port = port(section, "port", 0);
        boolean disabled = section.bool("auth_disabled", false);
        String authorities = section.string("ca_certs", "");
        String certificate = section.string("cert_chain", "");
        String key = section.string("private_key", "");
        if (uri.isEmpty() || port == 0) {
            return Optional.empty();
        }
        if (certificatesQuietly(authorities).isEmpty()) {
            root.note("Error while adding CACerts to gorouter's routing-api cert pool: no usable certificate");
        }
        TlsIdentity identity = TlsKeys.pair(section, certificate, key, "Error loading key pair");
        return Optional.of(new RoutingApi(uri, port, disabled, authorities, identity, tokens));
    }

    private Drain drain(Duration endpointTimeout) {
        Duration timeout = root.duration("drain_timeout", Duration.ZERO);
        return new Drain(root.duration("drain_wait", Duration.ZERO), timeout.isZero() ? endpointTimeout : timeout);
    }
}
