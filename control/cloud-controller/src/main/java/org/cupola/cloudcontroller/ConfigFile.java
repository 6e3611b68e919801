package org.cupola.cloudcontroller;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.cupola.cloudcontroller.CloudControllerConfig.AppLimits;
import org.cupola.cloudcontroller.CloudControllerConfig.Bbs;
import org.cupola.cloudcontroller.CloudControllerConfig.BlobSetting;
import org.cupola.cloudcontroller.CloudControllerConfig.Blobs;
import org.cupola.cloudcontroller.CloudControllerConfig.Client;
import org.cupola.cloudcontroller.CloudControllerConfig.DefaultQuota;
import org.cupola.cloudcontroller.CloudControllerConfig.InfoSettings;
import org.cupola.cloudcontroller.CloudControllerConfig.Internal;
import org.cupola.cloudcontroller.CloudControllerConfig.KeyPairFiles;
import org.cupola.cloudcontroller.CloudControllerConfig.LogCache;
import org.cupola.cloudcontroller.CloudControllerConfig.Logging;
import org.cupola.cloudcontroller.CloudControllerConfig.Platform;
import org.cupola.cloudcontroller.CloudControllerConfig.RoutingApi;
import org.cupola.cloudcontroller.CloudControllerConfig.SharedDomain;
import org.cupola.cloudcontroller.CloudControllerConfig.StackSetting;
import org.cupola.cloudcontroller.CloudControllerConfig.Uaa;
import org.cupola.cloudcontroller.CloudControllerConfig.WebDav;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.DatabaseConfig;

/** The keys of {@code cloud_controller_ng.yml}. */
final class ConfigFile {
    private static final List<String> RESERVED_HOSTS = List.of(
            "api", "proxy", "uaa", "login", "blobstore", "log-cache", "doppler", "log-stream", "credhub", "ssh");
    private static final int MAX_PORT = 65_535;

    private final ConfigReader file;
    private final ConfigReader diego;
    private final ConfigReader staging;

    private ConfigFile(ConfigReader file) {
        this.file = file;
        this.diego = file.object("diego");
        this.staging = file.object("staging");
    }

    static CloudControllerConfig read(ConfigReader reader) throws ConfigException {
        CloudControllerConfig config = new ConfigFile(reader).config();
        reader.finish();
        return config;
    }

    private CloudControllerConfig config() {
        String protocol = file.choice("external_protocol", "https", List.of("http", "https"));
        String domain = file.required("external_domain");
        String apiUrl = protocol + "://" + domain;
        return new CloudControllerConfig(
                new InetSocketAddress(
                        file.string("local_route", "127.0.0.1"), file.integer("external_port", 9022, 0, MAX_PORT)),
                keyPair("external_tls", file.object("external_tls")),
                internal(),
                apiUrl,
                file.string("system_domain", ""),
                database(file.object("db")),
                uaa(),
                routingApi(file.object("routing_api"), apiUrl),
                bbs(diego),
                blobs(),
                limits(),
                platform(),
                logging(),
                info(file.object("info")));
    }

    private Optional<Internal> internal() {
        ConfigReader tls = file.object("mutual_tls");
        int port = file.integer("tls_port", 9023, 0, MAX_PORT);
        String host = file.string("internal_service_hostname", "cloud-controller-ng.service.cf.internal");
        Optional<KeyPairFiles> identity = keyPair("mutual_tls", tls);
        Optional<Path> authority = tls.file("ca_file");
        if (identity.isPresent() && authority.isEmpty()) {
            tls.refuse("ca_file", "missing", "the authority of the cells' certificates");
        }
        return identity.flatMap(pair -> authority.map(ca ->
                new Internal(new InetSocketAddress(file.string("local_route", "127.0.0.1"), port), host, pair, ca)));
    }

    private static Optional<KeyPairFiles> keyPair(String name, ConfigReader tls) {
        Optional<Path> certificate = tls.file("cert_file");
        Optional<Path> key = tls.file("key_file");
        if (certificate.isPresent() != key.isPresent()) {
            tls.refuse(
                    certificate.isPresent() ? "key_file" : "cert_file",
                    "missing",
                    "both files of " + name + " or none");
        }
        return certificate.flatMap(found -> key.map(other -> new KeyPairFiles(found, other)));
    }

    private static DatabaseConfig database(ConfigReader db) {
        int connections = db.integer("max_connections", 25, 1, 1000);
        if (db.value("database").filter(value -> value.isObject()).isEmpty()) {
            String url = db.required("database");
            return new DatabaseConfig(url, "", Secret.NONE, connections, Duration.ZERO);
        }
        ConfigReader database = db.object("database");
        String adapter =
                database.choice("adapter", "postgres", List.of("postgres", "postgresql", "mysql2", "mysql", "sqlite"));
        String name = database.required("database");
        String host = database.string("host", "127.0.0.1");
        String user = database.string("user", "");
        Secret password = new Secret(database.string("password", ""));
        return switch (adapter) {
            case "sqlite" -> new DatabaseConfig("jdbc:sqlite:" + name, "", Secret.NONE, connections, Duration.ZERO);
            case "mysql2", "mysql" ->
                new DatabaseConfig(
                        "jdbc:mariadb://" + host + ":" + database.integer("port", 3306, 1, MAX_PORT) + "/" + name,
                        user,
                        password,
                        connections,
                        Duration.ofHours(1));
            default ->
                new DatabaseConfig(
                        "jdbc:postgresql://" + host + ":" + database.integer("port", 5432, 1, MAX_PORT) + "/" + name,
                        user,
                        password,
                        connections,
                        Duration.ofHours(1));
        };
    }

    private Uaa uaa() {
        ConfigReader uaa = file.object("uaa");
        String url = uaa.required("url");
        String internalUrl = uaa.string("internal_url", url);
        ConfigReader login = file.object("login");
        login.bool("enabled", true);
        Optional<Client> lookup = file.string("cloud_controller_username_lookup_client_name")
                .map(name -> new Client(
                        name, new Secret(file.string("cloud_controller_username_lookup_client_secret", ""))));
        return new Uaa(
                url,
                uri(uaa, "internal_url", internalUrl),
                login.string("url", url),
                Arrays.asList(uaa.string("resource_id", "cloud_controller,cloud_controller_service_permissions")
                        .split(",")),
                uaa.file("ca_file"),
                lookup);
    }

    private static Optional<RoutingApi> routingApi(ConfigReader api, String apiUrl) {
        return api.string("url")
                .filter(url -> !url.isEmpty())
                .map(url -> new RoutingApi(
                        uri(api, "internal_url", api.string("internal_url", url)),
                        api.string("external_url", url),
                        new Client(
                                api.string("routing_client_name", "cc_routing"),
                                new Secret(api.string("routing_client_secret", ""))),
                        api.file("ca_file")))
                .or(() -> {
                    if (api.keys().findAny().isPresent()) {
                        api.refuse("url", "missing", "the address of the Routing API, beside " + apiUrl);
                    }
                    return Optional.empty();
                });
    }

    private static Optional<Bbs> bbs(ConfigReader diego) {
        ConfigReader bbs = diego.object("bbs");
        return bbs.string("url")
                .map(url -> new Bbs(
                        uri(bbs, "url", url),
                        bbs.file("ca_file"),
                        keyPair("diego.bbs", bbs),
                        Duration.ofSeconds(bbs.integer("connect_timeout", 10, 1, 600))));
    }

    private static URI uri(ConfigReader reader, String key, String text) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null) {
                return uri;
            }
            reader.refuse(key, text, "an address such as https://host:port");
        } catch (IllegalArgumentException e) {
            reader.refuse(key, text, "an address such as https://host:port: " + e.getMessage());
        }
        return URI.create("http://invalid.invalid");
    }

    private Blobs blobs() {
        ConfigReader packages = file.object("packages");
        ConfigReader droplets = file.object("droplets");
        ConfigReader resources = file.object("resource_pool");
        // A folder of our own: what a killed run left in it is deleted at the next start.
        Path temporary = file.object("directories")
                .file("tmpdir")
                .orElse(Path.of(System.getProperty("java.io.tmpdir")))
                .resolve("cloud_controller_uploads");
        return new Blobs(
                store(packages, "app_package_directory_key", "cc-packages"),
                store(droplets, "droplet_directory_key", "cc-droplets"),
                store(resources, "resource_directory_key", "cc-resources"),
                temporary,
                packages.number("max_package_size", 1L << 30, 1, Long.MAX_VALUE),
                resources.number("minimum_size", 65_536, 0, Long.MAX_VALUE),
                resources.number("maximum_size", 536_870_912, 0, Long.MAX_VALUE),
                packages.integer("max_valid_packages_stored", 5, 0, Integer.MAX_VALUE),
                droplets.integer("max_staged_droplets_stored", 5, 0, Integer.MAX_VALUE));
    }

    private static BlobSetting store(ConfigReader store, String key, String otherwise) {
        String directory = store.string(key, otherwise);
        String type = store.choice("blobstore_type", "fog", List.of("fog", "local", "webdav"));
        if (type.equals("webdav")) {
            ConfigReader webdav = store.object("webdav_config");
            URI privateEndpoint = uri(webdav, "private_endpoint", webdav.required("private_endpoint"));
            return new BlobSetting(
                    directory,
                    Optional.empty(),
                    Optional.of(new WebDav(
                            privateEndpoint,
                            webdav.string("public_endpoint")
                                    .map(url -> uri(webdav, "public_endpoint", url))
                                    .orElse(privateEndpoint),
                            webdav.string("username", ""),
                            new Secret(webdav.string("password", "")),
                            webdav.file("ca_cert_path"))));
        }
        if (store.has("local_blobstore_path")) {
            return new BlobSetting(directory, store.file("local_blobstore_path"), Optional.empty());
        }
        ConfigReader connection = store.object("fog_connection");
        connection.choice("provider", "Local", List.of("Local", "local"));
        return new BlobSetting(directory, Optional.of(Path.of(connection.required("local_root"))), Optional.empty());
    }

    private AppLimits limits() {
        return new AppLimits(
                file.integer("default_app_memory", 1024, 1, Integer.MAX_VALUE),
                file.integer("default_app_disk_in_mb", 1024, 1, Integer.MAX_VALUE),
                file.integer("maximum_app_disk_in_mb", 2048, 1, Integer.MAX_VALUE),
                file.number("default_app_log_rate_limit_in_bytes_per_second", -1, -1, Long.MAX_VALUE),
                file.integer("default_health_check_timeout", 60, 1, Integer.MAX_VALUE),
                file.integer("maximum_health_check_timeout", 180, 1, Integer.MAX_VALUE),
                staging.integer("minimum_staging_memory_mb", 1024, 1, Integer.MAX_VALUE),
                staging.integer("minimum_staging_disk_mb", 4096, 1, Integer.MAX_VALUE),
                Duration.ofSeconds(staging.integer("timeout_in_seconds", 900, 1, Integer.MAX_VALUE)),
                file.integer("instance_file_descriptor_limit", 16_384, 1, Integer.MAX_VALUE),
                diego.integer("pid_limit", 1024, 0, Integer.MAX_VALUE),
                file.integer("max_labels_per_resource", 50, 0, Integer.MAX_VALUE),
                file.integer("max_annotations_per_resource", 200, 0, Integer.MAX_VALUE));
    }

    private Platform platform() {
        ConfigReader quota = file.object("quota_definitions").object("default");
        List<StackSetting> stacks = new ArrayList<>();
        for (ConfigReader stack : file.objects("stacks")) {
            stacks.add(new StackSetting(stack.required("name"), stack.string("description", "")));
        }
        String defaultStack = file.string("default_stack", "cflinuxfs4");
        if (stacks.isEmpty()) {
            stacks.add(new StackSetting(defaultStack, "Cloud Foundry Linux-based filesystem"));
        }
        List<String> reserved = file.strings("system_hostnames");
        String lifecycle = file.choice("lifecycle", "buildpack", List.of("buildpack", "process"));
        String fileServer = diego.string("file_server_url", "http://file-server.service.cf.internal:8080");
        return new Platform(
                lifecycle,
                lifecycle.equals("process") ? "" : fileServer,
                domains(),
                reserved.isEmpty() ? RESERVED_HOSTS : reserved,
                List.copyOf(stacks),
                defaultStack,
                new DefaultQuota(
                        file.string("default_quota_definition", "default"),
                        quota.number("memory_limit", 102_400, -1, Long.MAX_VALUE),
                        quota.number("total_services", -1, -1, Long.MAX_VALUE),
                        quota.bool("non_basic_services_allowed", true),
                        quota.number("total_routes", 1000, -1, Long.MAX_VALUE),
                        quota.number("total_reserved_route_ports", 100, -1, Long.MAX_VALUE)),
                file.string("system_domain_organization", ""),
                file.bool("allow_app_ssh_access", true),
                file.bool("default_app_ssh_access", true),
                Duration.ofSeconds(file.object("diego_sync").integer("frequency_in_seconds", 30, 1, 3600)),
                Duration.ofSeconds(
                        file.object("deployment_updater").integer("update_frequency_in_seconds", 5, 1, 3600)));
    }

    private List<SharedDomain> domains() {
        List<SharedDomain> domains = new ArrayList<>();
        file.value("app_domains")
                .ifPresent(list -> list.forEach(item -> {
                    if (item.isString()) {
                        domains.add(new SharedDomain(item.asString(), false, Optional.empty()));
                    } else if (item.path("name").isString()) {
                        domains.add(new SharedDomain(
                                item.path("name").asString(),
                                item.path("internal").asBoolean(false),
                                item.path("router_group_name").isString()
                                        ? Optional.of(
                                                item.path("router_group_name").asString())
                                        : Optional.empty()));
                    } else {
                        file.refuse(
                                "app_domains[" + domains.size() + "]", item, "a name, or a mapping with the key name");
                    }
                }));
        return List.copyOf(domains);
    }

    private Logging logging() {
        ConfigReader cache = file.object("logcache");
        ConfigReader tls = file.object("logcache_tls");
        file.has("temporary_use_logcache");
        tls.has("subject_name"); // the server's name is the host's here
        Optional<KeyPairFiles> identity = keyPair("logcache_tls", tls);
        Optional<Path> authority = tls.file("ca_file");
        int port = cache.integer("port", 8080, 1, MAX_PORT);
        Optional<LogCache> logCache = cache.string("host")
                .filter(host -> !host.isEmpty())
                .flatMap(host ->
                        identity.flatMap(pair -> authority.map(ca -> new LogCache(host + ":" + port, pair, ca))));
        if (logCache.isEmpty() && cache.has("host")) {
            tls.refuse("ca_file, cert_file and key_file", "missing", "files for mutual TLS with logcache.host");
        }
        return new Logging(logCache, file.object("loggregator").address("router"));
    }

    private InfoSettings info(ConfigReader info) {
        return new InfoSettings(
                info.string("name", ""),
                info.string("build", ""),
                info.integer("version", 0, 0, Integer.MAX_VALUE),
                info.string("support_address", ""),
                info.string("description", ""),
                info.string("min_cli_version", ""),
                info.string("min_recommended_cli_version", ""),
                info.string("app_ssh_endpoint", ""),
                info.string("app_ssh_host_key_fingerprint", ""),
                info.string("app_ssh_oauth_client", ""),
                file.object("doppler").string("url", ""),
                file.object("logcache").string("external_url", ""),
                file.object("log_stream").string("url", ""));
    }
}
