package org.cupola.routingapi;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.protocol.routing.RouterGroup;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How the Routing API runs: the original's YAML file, and its flags {@code -ip} and {@code -devMode}. Immutable.
 *
 * <p>Beyond the original: port 0 picks a free port; {@code sqldb.type: sqlite} with {@code sqldb.schema} as the file is the
 * default; without {@code locket.locket_address} the database holds the lock; {@code handover_timeout} replaces the fixed wait at the end;
 * {@code enforce_reservable_ports} refuses TCP routes outside their router group's ports.
 *
 * @param ip               own address, for the route to itself
 * @param devMode          checks no tokens and needs no UAA
 * @param uuid             owner of the leader lock
 * @param adminPort        on loopback
 * @param debugAddress     absent for no debug server
 * @param maxTtl           the longest time to live of a route, and the default
 * @param statsdEndpoint   empty sends no metrics
 * @param oauth            absent in dev mode without UAA settings
 * @param lockRetryInterval between lock requests
 * @param handoverTimeout  how long, after giving up the lock, reads are answered until another is active
 */
public record RoutingApiConfig(
        String ip,
        boolean devMode,
        String systemDomain,
        String logGuid,
        String uuid,
        int adminPort,
        @Nullable InetSocketAddress debugAddress,
        Api api,
        Duration maxTtl,
        Duration metricsInterval,
        String statsdEndpoint,
        Duration statsdFlushInterval,
        @Nullable OAuth oauth,
        List<RouterGroup> routerGroups,
        List<Integer> systemPorts,
        boolean failOnPortConflicts,
        boolean enforceReservablePorts,
        SqlSettings sql,
        Locket locket,
        String lockKey,
        Duration lockRetryInterval,
        Duration handoverTimeout) {
    private static final int MAX_PORT = 65_535;

    public RoutingApiConfig {
        routerGroups = List.copyOf(routerGroups);
        systemPorts = List.copyOf(systemPorts);
    }

    /**
     * The two API listeners, on all interfaces unless {@code api.listen_address} says otherwise.
     *
     * @param httpEnabled whether there is a plain one
     */
    public record Api(
            String listenAddress,
            int listenPort,
            boolean httpEnabled,
            int mtlsListenPort,
            Path mtlsClientCaFile,
            Path mtlsServerCertFile,
            Path mtlsServerKeyFile) {}

    /** @param caCerts a PEM file; absent for the JDK's authorities */
    public record OAuth(
            URI uaa,
            String clientName,
            Secret clientSecret,
            @Nullable Path caCerts,
            boolean skipSslValidation) {}

    /** @param address empty when the lock is in the database */
    public record Locket(
            String address,
            @Nullable Path caFile,
            @Nullable Path certFile,
            @Nullable Path keyFile) {}

    /**
     * @param ip what {@code -ip} says
     * @throws ConfigException with every problem of the file
     */
    public static RoutingApiConfig read(Path file, String ip, boolean devMode) throws ConfigException {
        return read(ConfigReader.yaml(file), file.toAbsolutePath().resolveSibling("routing-api.db"), ip, devMode);
    }

    /** As run without flags: on loopback, with all checks. */
    public static RoutingApiConfig read(Path file) throws ConfigException {
        return read(file, "127.0.0.1", false);
    }

    static RoutingApiConfig read(ConfigReader yaml, Path defaultDatabase, String ip, boolean devMode)
            throws ConfigException {
        boolean skipSslValidation = yaml.bool("skip_ssl_validation", false);
        boolean failOnPortConflicts = yaml.bool("fail_on_router_port_conflicts", false);
        List<Integer> systemPorts = ports(yaml, "reserved_system_component_ports");
        var rules = new RouterGroupRules(systemPorts, failOnPortConflicts);
        ConfigReader metron = yaml.object("metron_config");
        metron.string("address"); // where the original sends dropsonde, which nothing listens to any more
        metron.string("port");
        yaml.duration("lock_ttl", Duration.ZERO); // the original reads and ignores it too
        Duration retryInterval = positive(yaml, "retry_interval", Duration.ofSeconds(5));
        var config = new RoutingApiConfig(
                ip,
                devMode,
                yaml.required("system_domain"),
                yaml.required("log_guid"),
                yaml.required("uuid"),
                port(yaml, "admin_port"),
                yaml.loopbackAddress("debug_address").orElse(null),
                api(yaml.object("api")),
                maxTtl(yaml),
                positive(yaml, "metrics_reporting_interval", Duration.ofSeconds(30)),
                yaml.string("statsd_endpoint", ""),
                positive(yaml, "statsd_client_flush_interval", Duration.ofMillis(300)),
                oauth(yaml.object("oauth"), devMode, skipSslValidation),
                routerGroups(yaml, rules),
                systemPorts,
                failOnPortConflicts,
                yaml.bool("enforce_reservable_ports", false),
                sql(yaml.object("sqldb"), defaultDatabase, skipSslValidation),
                locket(yaml.object("locket")),
                yaml.string("lock_resource_key", "routing_api_lock"),
                retryInterval,
                yaml.duration("handover_timeout", retryInterval.plusSeconds(5)));
        yaml.finish();
        return config;
    }

    RouterGroupRules routerGroupRules() {
        return new RouterGroupRules(systemPorts, failOnPortConflicts);
    }

    private static Api api(ConfigReader api) {
        return new Api(
                api.string("listen_address", "0.0.0.0"),
                port(api, "listen_port"),
                api.bool("http_enabled", false),
                port(api, "mtls_listen_port"),
                Path.of(api.required("mtls_client_ca_file")),
                Path.of(api.required("mtls_server_cert_file")),
                Path.of(api.required("mtls_server_key_file")));
    }

    private static @Nullable OAuth oauth(ConfigReader oauth, boolean devMode, boolean skipSslValidation) {
        oauth.value("skip_ssl_validation"); // only the top-level key counts
        String endpoint = devMode ? oauth.string("token_endpoint", "") : oauth.required("token_endpoint");
        int port = oauth.integer("port", 0, 0, MAX_PORT);
        String clientName = oauth.string("client_name", "");
        var clientSecret = new Secret(oauth.string("client_secret", ""));
        Path caCerts = oauth.file("ca_certs").orElse(null);
        if (endpoint.isEmpty()) {
            return null;
        }
        if (port == 0 && !devMode) {
            oauth.refuse("port", port, "the UAA's TLS port: routing API requires TLS enabled to get OAuth token");
        }
        String scheme = endpoint.contains("://") ? "" : "https://";
        URI uaa;
        try {
            uaa = URI.create(scheme + endpoint + ":" + port);
        } catch (IllegalArgumentException e) {
            oauth.refuse("token_endpoint", endpoint, "a host name");
            uaa = URI.create("https://localhost:" + port);
        }
        return new OAuth(uaa, clientName, clientSecret, caCerts, skipSslValidation);
    }

    private static List<RouterGroup> routerGroups(ConfigReader yaml, RouterGroupRules rules) {
        List<RouterGroup> groups = new ArrayList<>();
        for (ConfigReader group : yaml.objects("router_groups")) {
            var read = new RouterGroup("", group.string("name", ""), group.string("type", ""), reservablePorts(group));
            try {
                rules.check(read);
            } catch (IllegalArgumentException e) {
                yaml.refuse("router_groups[" + groups.size() + "]", read.name(), String.valueOf(e.getMessage()));
            }
            groups.add(read);
        }
        return groups;
    }

    /** A number, a text, or a list of numbers. */
    private static String reservablePorts(ConfigReader group) {
        Optional<JsonNode> value = group.value("reservable_ports");
        if (value.isEmpty()) {
            return "";
        }
        if (!value.get().isArray()) {
            return group.string("reservable_ports", "");
        }
        List<String> items = new ArrayList<>();
        for (JsonNode item : value.get()) {
            if (item.isIntegralNumber()) {
                items.add(item.asString());
            } else {
                group.refuse("reservable_ports", item, "port numbers: invalid type for reservable port");
            }
        }
        return String.join(",", items);
    }

    private static SqlSettings sql(ConfigReader sql, Path defaultDatabase, boolean skipSslValidation) {
        String type = sql.choice("type", "sqlite", List.of("sqlite", "mysql", "postgres"));
        sql.integer("max_idle_connections", 0, 0, Integer.MAX_VALUE); // idle ones are kept as needed
        return new SqlSettings(
                switch (type) {
                    case "mysql" -> SqlSettings.Type.MYSQL;
                    case "postgres" -> SqlSettings.Type.POSTGRES;
                    default -> SqlSettings.Type.SQLITE;
                },
                type.equals("sqlite") ? sql.string("host", "") : sql.required("host"),
                sql.integer("port", 0, 0, MAX_PORT),
                type.equals("sqlite") ? sql.string("schema", defaultDatabase.toString()) : sql.required("schema"),
                sql.string("username", ""),
                new Secret(sql.string("password", "")),
                sql.string("ca_cert", ""),
                skipSslValidation,
                sql.bool("skip_hostname_validation", false),
                sql.integer("max_open_connections", 0, 0, Integer.MAX_VALUE),
                Duration.ofSeconds(sql.number("connections_max_lifetime_seconds", 0, 0, Integer.MAX_VALUE)));
    }

    private static Locket locket(ConfigReader locket) {
        locket.integer("locket_client_keepalive_time", 0, 0, Integer.MAX_VALUE);
        locket.integer("locket_client_keepalive_timeout", 0, 0, Integer.MAX_VALUE);
        return new Locket(
                locket.string("locket_address", ""),
                locket.file("locket_ca_cert_file").orElse(null),
                locket.file("locket_client_cert_file").orElse(null),
                locket.file("locket_client_key_file").orElse(null));
    }

    private static int port(ConfigReader reader, String key) {
        reader.required(key);
        return reader.integer(key, 0, 0, MAX_PORT);
    }

    private static List<Integer> ports(ConfigReader yaml, String key) {
        List<Integer> ports = new ArrayList<>();
        for (String text : yaml.strings(key)) {
            if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= MAX_PORT) {
                ports.add(Integer.parseInt(text));
            } else {
                yaml.refuse(key, text, "a port from 0 to 65535");
            }
        }
        return ports;
    }

    private static Duration maxTtl(ConfigReader yaml) {
        Duration found = yaml.duration("max_ttl", Duration.ZERO);
        if (found.isNegative() || (!found.isZero() && found.toSeconds() == 0)) {
            yaml.refuse("max_ttl", found, "at least 1s");
        }
        return found.isZero() ? Duration.ofMinutes(2) : found;
    }

    private static Duration positive(ConfigReader yaml, String key, Duration otherwise) {
        Duration found = yaml.duration(key, otherwise);
        if (found.isNegative() || found.isZero()) {
            yaml.refuse(key, found, "more than 0s");
        }
        return found;
    }
}
