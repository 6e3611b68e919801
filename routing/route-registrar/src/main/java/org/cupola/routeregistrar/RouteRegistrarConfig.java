package org.cupola.routeregistrar;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.GoDuration;
import org.cupola.platform.config.Secret;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What to register and where, from the original's JSON file. Immutable.
 *
 * @param availabilityZone    empty for none
 * @param unregistrationLimit how often in a row an unhealthy route is unregistered
 * @param dynamicConfigGlobs  which files are looked at for more routes
 * @param nats                absent when no HTTP route is configured
 * @param routingApi          absent when it is not configured completely and nothing needs it
 */
public record RouteRegistrarConfig(
        String host,
        String availabilityZone,
        int unregistrationLimit,
        List<String> dynamicConfigGlobs,
        @Nullable Nats nats,
        @Nullable RoutingApi routingApi,
        List<RegistrarRoute> routes) {
    static final int DEFAULT_UNREGISTRATION_LIMIT = 5;
    private static final Duration DEFAULT_MAX_TTL = Duration.ofMinutes(2);

    public RouteRegistrarConfig {
        dynamicConfigGlobs = List.copyOf(dynamicConfigGlobs);
        routes = List.copyOf(routes);
    }

    /**
     * @param servers each host:port; all with the same credentials
     * @param tls     absent for plain text
     */
    record Nats(
            List<String> servers,
            String user,
            Secret password,
            @Nullable Tls tls) {
        Nats {
            servers = List.copyOf(servers);
        }
    }

    /** @param identity absent shows no certificate */
    record Tls(@Nullable TlsIdentity identity, List<X509Certificate> authorities) {
        Tls {
            authorities = List.copyOf(authorities);
        }

        /** Of PEM texts. */
        static Tls of(@Nullable String certificate, @Nullable String key, @Nullable String authorities) {
            return new Tls(
                    certificate == null || key == null ? null : TlsIdentity.parse(certificate, key),
                    authorities == null ? List.of() : Pem.certificates(authorities));
        }
    }

    /**
     * @param api     to an https URL with {@code apiTls}
     * @param uaaTls  authorities of the UAA
     * @param maxTtl  longest time to live of a route
     */
    record RoutingApi(
            URI api,
            URI uaa,
            String clientId,
            Secret clientSecret,
            Tls uaaTls,
            Tls apiTls,
            boolean skipSslValidation,
            Duration maxTtl) {}

    /** @throws ConfigException with every problem of the file */
    public static RouteRegistrarConfig read(Path file) throws ConfigException {
        return read(ConfigReader.json(file), file.toString());
    }

    /**
     * From a BOSH manifest instead: the properties of a {@code route_registrar} job, or a deployment that has such jobs.
     *
     * @throws ConfigException with every problem of the file
     */
    public static RouteRegistrarConfig readManifest(Path file) throws ConfigException {
        return read(ConfigReader.ofJson(file.toString(), Manifest.toJson(file)), file.toString());
    }

    static RouteRegistrarConfig read(ConfigReader json, String source) throws ConfigException {
        var problems = new Problems("'config'");
        String host = json.string("host", "");
        int limit = json.integer(
                "unregistration_message_limit", DEFAULT_UNREGISTRATION_LIMIT, Integer.MIN_VALUE, Integer.MAX_VALUE);
        if (limit <= 0) {
            problems.add("unregistration_message_limit must be a positive integer");
        }
        List<RegistrarRoute> routes = routes(json.objects("routes"), host, problems);
        boolean anyHttp = routes.stream().anyMatch(route -> route.destination() instanceof RegistrarRoute.Http);
        boolean anyTcp = routes.stream().anyMatch(route -> route.destination() instanceof RegistrarRoute.Tcp);
        var config = new RouteRegistrarConfig(
                host,
                json.string("availability_zone", ""),
                limit,
                json.strings("dynamic_config_globs"),
                nats(json, anyHttp, problems),
                routingApi(json.object("routing_api"), anyTcp, problems),
                routes);
        json.finish();
        if (!problems.isEmpty()) {
            throw new ConfigException(source, List.of(problems.toString()));
        }
        return config;
    }

    static List<RegistrarRoute> routes(List<ConfigReader> readers, String host, Problems problems) {
        List<RegistrarRoute> routes = new ArrayList<>();
        for (int i = 0; i < readers.size(); i++) {
            var mine = new Problems(RouteReader.title(readers.get(i), i));
            routes.add(new RouteReader(readers.get(i), mine, host).read());
            problems.add(mine);
        }
        return routes;
    }

    private static @Nullable Nats nats(ConfigReader json, boolean needed, Problems problems) {
        List<String> servers = new ArrayList<>();
        String user = "";
        var password = Secret.NONE;
        for (ConfigReader server : json.objects("message_bus_servers")) {
            servers.add(server.string("host", ""));
            // Credentials are the cluster's; the first server that names some speaks for all.
            user = user.isEmpty() ? server.string("user", "") : user;
            password = password.isEmpty() ? new Secret(server.string("password", "")) : password;
            server.value("user");
            server.value("password");
        }
        ConfigReader tls = json.object("nats_mtls_config");
        boolean enabled = tls.bool("enabled", false);
        String certificate = pem(tls, "cert_path", "cert", problems);
        String key = pem(tls, "key_path", "key", problems);
        String authorities = pem(tls, "ca_path", "ca", problems);
        if (servers.isEmpty()) {
            if (needed) {
                problems.add("message_bus_servers must have at least one entry");
            }
            return null;
        }
        return new Nats(
                servers,
                user,
                password,
                enabled ? tls(certificate, key, authorities, "nats_mtls_config", problems) : null);
    }

    /** A PEM file's text, or the text itself as a manifest has it. */
    private static @Nullable String pem(ConfigReader reader, String pathKey, String textKey, Problems problems) {
        String text = reader.string(textKey, "");
        Path file = reader.file(pathKey).orElse(null);
        if (file == null) {
            return text.isEmpty() ? null : text;
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            problems.add(
                    pathKey + ": " + file + " cannot be read: " + e.getClass().getSimpleName());
            return null;
        }
    }

    private static Tls tls(
            @Nullable String certificate,
            @Nullable String key,
            @Nullable String authorities,
            String what,
            Problems problems) {
        try {
            return Tls.of(certificate, key, authorities);
        } catch (IllegalArgumentException e) {
            problems.add(what + ": " + e.getMessage());
            return new Tls(null, List.of());
        }
    }

    /** Completeness matters only where it is needed, and only the first thing missing is told, as in the original. */
    private static @Nullable RoutingApi routingApi(ConfigReader api, boolean needed, Problems problems) {
        String apiUrl = api.string("api_url", "");
        String oauthUrl = api.string("oauth_url", "");
        String clientId = api.string("client_id", "");
        String clientSecret = api.string("client_secret", "");
        boolean certified = api.has("client_cert_path") || api.has("client_cert");
        boolean keyed = api.has("client_private_key_path") || api.has("client_private_key");
        boolean trusting = api.has("server_ca_cert_path") || api.has("server_ca_cert");
        boolean skipSslValidation = api.bool("skip_ssl_validation", false);
        Duration maxTtl = maxTtl(api.string("max_ttl", ""));
        String missing = firstMissing(apiUrl, oauthUrl, clientId, clientSecret, certified, keyed, trusting);
        var unused = new Problems("'routing_api'");
        Problems mine =
                missing.isEmpty() ? problems : unused; // a part that is not used may name files that are not there
        String caCerts = pem(api, "ca_certs", "uaa_ca_certs", mine);
        String certificate = pem(api, "client_cert_path", "client_cert", mine);
        String key = pem(api, "client_private_key_path", "client_private_key", mine);
        String serverCa = pem(api, "server_ca_cert_path", "server_ca_cert", mine);
        if (!missing.isEmpty()) {
            if (needed) {
                problems.add(missing);
            }
            return null;
        }
        URI uaa = url(oauthUrl);
        if (uaa == null || uaa.getPort() < 0) {
            problems.add("routing_api.oauth_url: " + oauthUrl + " (expected: a URL with a port)");
            return null;
        }
        return new RoutingApi(
                URI.create(apiUrl),
                uaa,
                clientId,
                new Secret(clientSecret),
                tls(null, null, caCerts, "routing_api", problems),
                apiUrl.startsWith("https")
                        ? tls(certificate, key, serverCa, "routing_api", problems)
                        : new Tls(null, List.of()),
                skipSslValidation,
                maxTtl);
    }

    private static String firstMissing(
            String apiUrl,
            String oauthUrl,
            String clientId,
            String clientSecret,
            boolean certified,
            boolean keyed,
            boolean trusting) {
        if (apiUrl.isEmpty()) {
            return "routing_api must have an api_url";
        }
        if (oauthUrl.isEmpty()) {
            return "routing_api must have an oauth_url";
        }
        if (clientId.isEmpty()) {
            return "routing_api must have a client_id";
        }
        if (clientSecret.isEmpty()) {
            return "routing_api must have a client_secret";
        }
        URI api = url(apiUrl);
        if (api == null || api.getHost() == null) {
            return "routing_api must a vaid URL";
        }
        if ("https".equals(api.getScheme())) {
            if (!certified) {
                return "routing_api must have a client_certificate_path";
            }
            if (!keyed) {
                return "routing_api must have a client_private_key_path";
            }
            if (!trusting) {
                return "routing_api must have a server_ca_cert_path";
            }
        }
        return "";
    }

    private static @Nullable URI url(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Whatever is no positive duration means two minutes, as in the original. */
    private static Duration maxTtl(String text) {
        try {
            Duration found = GoDuration.parse(text);
            return found.isPositive() ? found : DEFAULT_MAX_TTL;
        } catch (IllegalArgumentException e) {
            return DEFAULT_MAX_TTL;
        }
    }
}
