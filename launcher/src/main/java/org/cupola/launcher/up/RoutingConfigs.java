package org.cupola.launcher.up;

import static org.cupola.launcher.up.ConfigWriter.map;
import static org.cupola.launcher.up.PlatformSettings.HOST;

import java.util.List;
import java.util.Map;

/** Writes the configuration files of the message bus and the routing tier. */
final class RoutingConfigs {
    static final String ROUTER_GROUP = "default-tcp";
    private static final String NATS_USER = "nats";

    private final ConfigWriter writer;

    RoutingConfigs(ConfigWriter writer) {
        this.writer = writer;
    }

    void write() {
        nats();
        gorouter();
        routingApi();
        tcpRouter();
        routeEmitter();
        routeRegistrar();
        loadBalancer();
    }

    private void nats() {
        writer.text("nats.conf", """
                listen: "%s"
                http: "%s"
                authorization { user: "%s", password: "%s", timeout: 5 }
                tls { cert_file: "%s", key_file: "%s", ca_file: "%s", verify: true, timeout: 5 }
                """.formatted(
                        writer.local(PlatformPort.NATS),
                        writer.local(PlatformPort.NATS_MONITOR),
                        NATS_USER,
                        writer.secret("nats"),
                        writer.certificate("nats"),
                        writer.key("nats"),
                        writer.ca()));
    }

    private void gorouter() {
        writer.yaml(
                "gorouter.yml",
                map(
                        "port",
                        writer.port(PlatformPort.GOROUTER),
                        "listen_address",
                        HOST,
                        "index",
                        0,
                        "status",
                        map(
                                "host", HOST,
                                "port", writer.port(PlatformPort.GOROUTER_STATUS),
                                "user", RoutingTable.USER,
                                "pass", writer.secret(RoutingTable.USER),
                                "routes", map("port", writer.port(PlatformPort.GOROUTER_ROUTES))),
                        "nats",
                        map(
                                "hosts", List.of(map("hostname", HOST, "port", writer.port(PlatformPort.NATS))),
                                "user", NATS_USER,
                                "pass", writer.secret("nats"),
                                "tls_enabled", true,
                                "ca_certs", ConfigWriter.text(writer.ca()),
                                "cert_chain", ConfigWriter.text(writer.certificate("gorouter")),
                                "private_key", ConfigWriter.text(writer.key("gorouter"))),
                        "logging",
                        map(
                                "level",
                                "info",
                                "format",
                                map("timestamp", "rfc3339"),
                                "loggregator_enabled",
                                true,
                                "metron_address",
                                writer.local(PlatformPort.LOGGREGATOR_UDP)),
                        "access_log",
                        map("file", writer.folder("logs").resolve("access.log").toString()),
                        "enable_proxy",
                        true,
                        "disable_keep_alives",
                        false,
                        "max_idle_conns",
                        100,
                        "max_idle_conns_per_host",
                        100,
                        // Apps' access logs only: what else is told of every request would push them out of Log Cache.
                        "enable_envelope_v1_metrics",
                        true,
                        "send_http_start_stop_server_event",
                        false,
                        "send_http_start_stop_client_event",
                        false,
                        "per_request_metrics_reporting",
                        false,
                        "start_response_delay_interval",
                        "0s",
                        "suspend_pruning_if_nats_unavailable",
                        true,
                        "drain_wait",
                        "0s",
                        "drain_timeout",
                        "5s",
                        "endpoint_timeout",
                        "900s",
                        "ca_certs",
                        List.of(ConfigWriter.text(writer.ca()))));
    }

    private void routingApi() {
        writer.yaml(
                "routing-api.yml",
                map(
                        "system_domain", writer.settings().systemDomain(),
                        "log_guid", "routing_api",
                        "uuid", "routing-api-0",
                        "admin_port", writer.port(PlatformPort.ROUTING_API_ADMIN),
                        "api",
                                map(
                                        "listen_address", HOST,
                                        "listen_port", writer.port(PlatformPort.ROUTING_API),
                                        "http_enabled", true,
                                        "mtls_listen_port", writer.port(PlatformPort.ROUTING_API_MTLS),
                                        "mtls_client_ca_file", writer.ca(),
                                        "mtls_server_cert_file", writer.certificate("routing-api"),
                                        "mtls_server_key_file", writer.key("routing-api")),
                        "metron_config", map("address", HOST, "port", "3457"),
                        "metrics_reporting_interval", "30s",
                        "statsd_endpoint", "",
                        "statsd_client_flush_interval", "300ms",
                        "oauth",
                                map(
                                        "token_endpoint", HOST,
                                        "port", writer.port(PlatformPort.UAA_TLS),
                                        "ca_certs", writer.ca()),
                        "router_groups",
                                List.of(map(
                                        "name",
                                        ROUTER_GROUP,
                                        "type",
                                        "tcp",
                                        "reservable_ports",
                                        writer.settings().ports().tcpRoutes().toString())),
                        "handover_timeout", "0s",
                        "sqldb", map("type", "sqlite", "schema", writer.database("routing-api")),
                        "locket",
                                map(
                                        "locket_address", writer.local(PlatformPort.LOCKET),
                                        "locket_ca_cert_file", writer.ca(),
                                        "locket_client_cert_file", writer.certificate("routing-api"),
                                        "locket_client_key_file", writer.key("routing-api"))));
    }

    private void tcpRouter() {
        writer.yaml(
                "tcp-router.yml",
                map(
                        "listen_address", writer.settings().routerIp(),
                        "health_check_address", writer.local(PlatformPort.TCP_ROUTER_HEALTH),
                        "haproxy_pid_file",
                                writer.folder("run").resolve("tcp-router.pid").toString(),
                        "drain_wait", "0s",
                        "oauth",
                                map(
                                        "token_endpoint", HOST,
                                        "port", writer.port(PlatformPort.UAA_TLS),
                                        "client_name", "tcp_router",
                                        "client_secret", writer.secret("tcp_router"),
                                        "ca_certs", writer.ca()),
                        "routing_api",
                                map(
                                        "uri", "https://" + HOST,
                                        "port", writer.port(PlatformPort.ROUTING_API_MTLS),
                                        "client_cert_path", writer.certificate("tcp-router"),
                                        "client_private_key_path", writer.key("tcp-router"),
                                        "ca_cert_path", writer.ca())));
    }

    private void routeEmitter() {
        Map<String, Object> config = map(
                "cell_id", DiegoConfigs.CELL,
                "bbs_address", writer.url("https", PlatformPort.BBS),
                "bbs_ca_cert_file", writer.ca(),
                "bbs_client_cert_file", writer.certificate("route-emitter"),
                "bbs_client_key_file", writer.key("route-emitter"),
                "communication_timeout", "10s",
                "sync_interval", "60s",
                "healthcheck_address", writer.local(PlatformPort.ROUTE_EMITTER_HEALTH),
                "nats_addresses", writer.local(PlatformPort.NATS),
                "nats_username", NATS_USER,
                "nats_password", writer.secret("nats"),
                "nats_tls_enabled", true,
                "nats_ca_cert_file", writer.ca(),
                "nats_client_cert_file", writer.certificate("route-emitter"),
                "nats_client_key_file", writer.key("route-emitter"),
                "jitter_factor", 0.0,
                "enable_tcp_emitter", true,
                "tcp_route_ttl", "2m");
        config.put(
                "routing_api",
                map(
                        "url", "https://" + HOST,
                        "port", writer.port(PlatformPort.ROUTING_API_MTLS),
                        "auth_enabled", true,
                        "ca_cert_file", writer.ca(),
                        "client_cert_file", writer.certificate("route-emitter"),
                        "client_key_file", writer.key("route-emitter")));
        config.put(
                "oauth",
                map(
                        "uaa_url", writer.url("https", PlatformPort.UAA_TLS),
                        "uaa_request_timeout", "10s",
                        "client_name", "tcp_emitter",
                        "client_secret", writer.secret("tcp_emitter"),
                        "ca_certs", writer.ca()));
        config.put("log_level", "info");
        config.put("time_format", "rfc3339");
        writer.json("route-emitter.json", config);
    }

    private void routeRegistrar() {
        String system = writer.settings().systemDomain();
        writer.json(
                "route-registrar.json",
                map(
                        "message_bus_servers",
                                List.of(map(
                                        "host", writer.local(PlatformPort.NATS),
                                        "user", NATS_USER,
                                        "password", writer.secret("nats"))),
                        "nats_mtls_config",
                                map(
                                        "enabled", true,
                                        "cert_path", writer.certificate("route-registrar"),
                                        "key_path", writer.key("route-registrar"),
                                        "ca_path", writer.ca()),
                        "host", HOST,
                        "routes",
                                List.of(
                                        route("api", writer.port(PlatformPort.API), "api." + system),
                                        route("uaa", writer.port(PlatformPort.UAA), "uaa." + system, "login." + system),
                                        route("log-cache", writer.port(PlatformPort.LOGS), "log-cache." + system),
                                        route("log-stream", writer.port(PlatformPort.LOGS), "log-stream." + system),
                                        route("doppler", writer.port(PlatformPort.LOGS), "doppler." + system))));
    }

    private static Map<String, Object> route(String name, int port, String... uris) {
        return map(
                "name",
                name,
                "port",
                port,
                "tags",
                map("component", name),
                "uris",
                List.of(uris),
                "registration_interval",
                "20s");
    }

    private void loadBalancer() {
        writer.yaml(
                "load-balancer.yml",
                map(
                        "http",
                                map(
                                        "listen", writer.local(PlatformPort.HTTP),
                                        "proxy_protocol", true,
                                        "backends",
                                                List.of(map(
                                                        "address",
                                                        writer.local(PlatformPort.GOROUTER),
                                                        "health",
                                                        writer.url("http", PlatformPort.GOROUTER_STATUS) + "/health"))),
                        "tcp",
                                map(
                                        "listen_address", HOST,
                                        "port_range",
                                                writer.settings()
                                                        .ports()
                                                        .tcpRoutes()
                                                        .toString(),
                                        "backends",
                                                List.of(map(
                                                        "address",
                                                        writer.settings().routerIp(),
                                                        "health",
                                                        writer.url("http", PlatformPort.TCP_ROUTER_HEALTH)
                                                                + "/health"))),
                        "dns",
                                map(
                                        "listen", writer.local(PlatformPort.DNS),
                                        "zones",
                                                List.of(map(
                                                        "domain",
                                                        writer.settings().domain(),
                                                        "address",
                                                        HOST)))));
    }
}
