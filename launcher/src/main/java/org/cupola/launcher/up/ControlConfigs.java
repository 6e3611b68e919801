package org.cupola.launcher.up;

import static org.cupola.launcher.up.ConfigWriter.map;
import static org.cupola.launcher.up.PlatformSettings.HOST;

import java.util.List;
import java.util.Map;

/** Writes the configuration files of the UAA, the blobstore and the Cloud Controller. */
final class ControlConfigs {
    private static final String ADMIN_GROUPS = String.join(
            ",",
            "clients.read",
            "cloud_controller.admin",
            "doppler.firehose",
            "network.admin",
            "openid",
            "routing.router_groups.read",
            "routing.router_groups.write",
            "scim.read",
            "scim.write");
    private static final String CF_SCOPES = String.join(
            ",",
            "network.admin",
            "network.write",
            "cloud_controller.read",
            "cloud_controller.write",
            "openid",
            "password.write",
            "cloud_controller.admin",
            "scim.read",
            "scim.write",
            "doppler.firehose",
            "uaa.user",
            "routing.router_groups.read",
            "routing.router_groups.write",
            "cloud_controller.admin_read_only",
            "cloud_controller.global_auditor",
            "clients.read");

    private static final String BLOBSTORE_USER = "blobstore-user";

    private final ConfigWriter writer;

    ControlConfigs(ConfigWriter writer) {
        this.writer = writer;
    }

    void write() {
        uaa();
        blobstore();
        cloudController();
    }

    private void blobstore() {
        writer.yaml(
                "blobstore.yml",
                map(
                        "temporary_disable_non_tls_endpoints",
                        true,
                        "blobstore",
                        map(
                                "address", HOST,
                                "directory",
                                        writer.folder("state").resolve("blobs").toString(),
                                "tls",
                                        map(
                                                "port", writer.port(PlatformPort.BLOBSTORE),
                                                "cert_file", writer.certificate("blobstore"),
                                                "private_key_file", writer.key("blobstore")),
                                "internal_access_rules", List.of("allow 127.0.0.0/8;"),
                                "admin_users",
                                        List.of(map(
                                                "username", BLOBSTORE_USER, "password", writer.secret(BLOBSTORE_USER))),
                                "secure_link", map("secret", writer.secret("blobstore-links")))));
    }

    private void cloudController() {
        PlatformSettings settings = writer.settings();
        String blobs = writer.folder("state").resolve("blobs").toString();
        writer.yaml(
                "cloud_controller.yml",
                map(
                        "external_protocol", "http",
                        "external_domain", "localhost:" + writer.port(PlatformPort.API),
                        "local_route", HOST,
                        "external_port", writer.port(PlatformPort.API),
                        "tls_port", writer.port(PlatformPort.CLOUD_CONTROLLER_INTERNAL),
                        "internal_service_hostname", "localhost",
                        "mutual_tls",
                                map(
                                        "ca_file", writer.ca(),
                                        "cert_file", writer.certificate("cloud-controller"),
                                        "key_file", writer.key("cloud-controller")),
                        "system_domain", settings.systemDomain(),
                        "db",
                                map(
                                        "database",
                                        map("adapter", "sqlite", "database", writer.database("cloud-controller"))),
                        "uaa", map("url", "http://localhost:" + writer.port(PlatformPort.UAA)),
                        "cloud_controller_username_lookup_client_name", "cloud_controller_username_lookup",
                        "cloud_controller_username_lookup_client_secret",
                                writer.secret("cloud_controller_username_lookup"),
                        "routing_api",
                                map(
                                        "url",
                                        writer.url("http", PlatformPort.ROUTING_API) + "/routing",
                                        "routing_client_name",
                                        "cc_routing",
                                        "routing_client_secret",
                                        writer.secret("cc_routing")),
                        "diego",
                                map(
                                        "bbs",
                                        map(
                                                "url", writer.url("https", PlatformPort.BBS),
                                                "ca_file", writer.ca(),
                                                "cert_file", writer.certificate("cloud-controller"),
                                                "key_file", writer.key("cloud-controller"))),
                        "logcache",
                                map(
                                        "host", HOST,
                                        "port", writer.port(PlatformPort.LOGGREGATOR),
                                        "external_url", logs("http")),
                        "logcache_tls",
                                map(
                                        "ca_file", writer.ca(),
                                        "cert_file", writer.certificate("cloud-controller"),
                                        "key_file", writer.key("cloud-controller")),
                        "loggregator", map("router", writer.local(PlatformPort.LOGGREGATOR_UDP)),
                        "doppler", map("url", logs("ws")),
                        "log_stream", map("url", logs("http")),
                        "packages", directory(blobs),
                        "droplets", directory(blobs),
                        "resource_pool", directory(blobs),
                        "directories", map("tmpdir", writer.folder("tmp").toString()),
                        "lifecycle", "process",
                        "default_app_memory", 256,
                        "app_domains",
                                List.of(
                                        settings.domain(),
                                        map(
                                                "name",
                                                settings.tcpDomain(),
                                                "router_group_name",
                                                RoutingConfigs.ROUTER_GROUP)),
                        "info", map("name", "Cupola", "description", "Cloud Foundry in Java")));
    }

    private String logs(String scheme) {
        return scheme + "://localhost:" + writer.port(PlatformPort.LOGS);
    }

    private static Map<String, Object> directory(String root) {
        return map("fog_connection", map("provider", "Local", "local_root", root));
    }

    private void uaa() {
        String url = "http://localhost:" + writer.port(PlatformPort.UAA);
        Map<String, Object> clients = map(
                "cf",
                map(
                        "authorized-grant-types",
                        "password,refresh_token",
                        "scope",
                        CF_SCOPES,
                        "authorities",
                        "uaa.none",
                        "secret",
                        "",
                        "access-token-validity",
                        1200,
                        "refresh-token-validity",
                        2592000,
                        "override",
                        true));
        client(
                clients,
                "admin",
                "clients.admin,clients.read,clients.secret,clients.write,password.write,scim.read,scim.write,uaa.admin");
        client(clients, "cc_routing", "routing.router_groups.read");
        client(clients, "cloud_controller_username_lookup", "scim.userids,scim.read");
        client(clients, "gorouter", "routing.routes.read");
        client(clients, "routing_api_client", "routing.routes.write,routing.routes.read,routing.router_groups.read");
        client(clients, "tcp_emitter", "routing.routes.write,routing.routes.read");
        client(clients, "tcp_router", "routing.routes.read,routing.router_groups.read");
        writer.yaml(
                "uaa.yml",
                map(
                        "server",
                                map(
                                        "http", map("address", HOST, "port", writer.port(PlatformPort.UAA)),
                                        "address", HOST,
                                        "port", writer.port(PlatformPort.UAA_TLS),
                                        "ssl",
                                                map(
                                                        "certificate", writer.certificate("uaa"),
                                                        "certificate-private-key", writer.key("uaa"))),
                        "uaa", map("url", url),
                        "login", map("url", url),
                        "issuer", map("uri", url),
                        "zones",
                                map(
                                        "internal",
                                        map(
                                                "hostnames",
                                                List.of(
                                                        "localhost",
                                                        HOST,
                                                        "uaa."
                                                                + writer.settings()
                                                                        .systemDomain(),
                                                        "login."
                                                                + writer.settings()
                                                                        .systemDomain()))),
                        "database", map("url", "jdbc:sqlite:" + writer.database("uaa")),
                        "scim",
                                map(
                                        "users",
                                                List.of("admin|" + writer.secret("admin") + "|admin|||" + ADMIN_GROUPS),
                                        "user", map("override", true)),
                        "oauth", map("clients", clients)));
    }

    private void client(Map<String, Object> clients, String id, String authorities) {
        clients.put(
                id,
                map(
                        "authorized-grant-types",
                        "client_credentials",
                        "authorities",
                        authorities,
                        "secret",
                        writer.secret(id.equals("admin") ? "admin-client" : id),
                        "override",
                        true));
    }
}
