package org.cupola.uaa;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/** Reads {@code uaa.yml}; what it seeds is read by {@link SeedReader}. */
final class UaaConfigReader {
    private static final URI DEFAULT_URL = URI.create("http://localhost:8080");
    private static final long MAX_SECONDS = Integer.MAX_VALUE;
    private final Path file;
    private final ConfigReader root;

    private UaaConfigReader(Path file, ConfigReader root) {
        this.file = file;
        this.root = root;
    }

    static UaaConfig read(Path file) throws ConfigException {
        ConfigReader root = ConfigReader.yaml(file);
        Path beside = file.resolveSibling("application.yml");
        ConfigReader serverFile = !root.has("server") && Files.exists(beside) ? ConfigReader.yaml(beside) : root;
        var reader = new UaaConfigReader(file, root);
        UaaConfig config = new UaaConfig(
                reader.server(serverFile),
                reader.urls(),
                reader.database(),
                reader.tokens(),
                reader.lockout(),
                reader.passwords(),
                reader.login(),
                new SeedReader(root).read(),
                root.object("scim").bool("userids_enabled", true),
                root.object("authentication").bool("enableUriEncodingCompatibilityMode", false));
        reader.ignoreWhatIsNotOurs();
        if (serverFile != root) {
            serverFile.finish();
        }
        root.finish();
        return config;
    }

    private UaaConfig.Server server(ConfigReader source) {
        ConfigReader server = source.object("server");
        ConfigReader http = server.object("http");
        ConfigReader ssl = server.object("ssl");
        int plainPort = http.integer("port", server.has("port") ? -1 : 8080, -1, 65535);
        String plainAddress = http.string("address", "127.0.0.1");
        int port = server.integer("port", -1, -1, 65535);
        String address = server.string("address", "0.0.0.0");
        TlsIdentity identity = ssl.bool("enabled", true) ? identity(ssl) : null;
        int strength = root.object("password").integer("bcrypt_strength", 10, 4, 31);
        if (plainPort < 0 && port < 0) {
            server.refuse("port", port, "a port here or in server.http.port");
        }
        if (port >= 0 && identity == null) {
            return new UaaConfig.Server(new InetSocketAddress(address, port), null, null, strength);
        }
        return new UaaConfig.Server(
                plainPort < 0 ? null : new InetSocketAddress(plainAddress, plainPort),
                port < 0 ? null : new InetSocketAddress(address, port),
                identity,
                strength);
    }

    private static @Nullable TlsIdentity identity(ConfigReader ssl) {
        Optional<Path> certificate = ssl.file("certificate");
        Optional<Path> key = ssl.file("certificate-private-key");
        Optional<Path> store = ssl.file("key-store");
        String password = ssl.string("key-store-password", "");
        String alias = ssl.string("key-alias", "");
        try {
            if (certificate.isPresent() && key.isPresent()) {
                return TlsIdentity.read(certificate.get(), key.get());
            }
            return store.isPresent() ? KeyStores.read(store.get(), password, alias) : null;
        } catch (IllegalArgumentException e) {
            ssl.refuse(
                    store.isPresent() ? "key-store" : "certificate",
                    String.valueOf(e.getMessage()),
                    "a certificate and its key");
            return null;
        }
    }

    private UaaConfig.Urls urls() {
        ConfigReader uaa = root.object("uaa");
        URI url = url(uaa, "url", DEFAULT_URL);
        ConfigReader login = root.object("login");
        URI loginUrl = url(login, "url", url(login, "entityBaseURL", url));
        String issuer = stripSlash(root.object("issuer").string("uri", url.toString()));
        String entityId = login.string("entityID", loginUrl.getAuthority());
        List<String> hostnames = root.object("zones").object("internal").strings("hostnames");
        boolean legacy = uaa.object("oauth").object("redirect_uri").bool("allow_unsafe_matching", true);
        return new UaaConfig.Urls(url, loginUrl, issuer, entityId, hostnames, legacy);
    }

    private static URI url(ConfigReader reader, String key, URI otherwise) {
        return reader.string(key)
                .flatMap(text -> {
                    try {
                        URI uri = new URI(stripSlash(text));
                        if (uri.getHost() != null) {
                            return Optional.of(uri);
                        }
                    } catch (URISyntaxException e) {
                        // reported like any other text that is no URL
                    }
                    reader.refuse(key, text, "a URL such as https://uaa.example.com");
                    return Optional.empty();
                })
                .orElse(otherwise);
    }

    private static String stripSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    private DatabaseConfig database() {
        ConfigReader database = root.object("database");
        Path own = file.toAbsolutePath().resolveSibling("uaa.db");
        String url = database.string("url", "jdbc:sqlite:" + own).replaceFirst("^jdbc:mysql:", "jdbc:mariadb:");
        if (!url.matches("jdbc:(sqlite|postgresql|mariadb):.*")) {
            database.refuse("url", url, "jdbc:sqlite:FILE, jdbc:postgresql://… or jdbc:mysql://…");
        }
        String user = database.string("username", "");
        Secret password = new Secret(database.string("password", ""));
        boolean sqlite = url.startsWith("jdbc:sqlite:");
        int connections = database.integer("maxactive", sqlite ? 4 : 20, 1, 10_000);
        for (String key : List.of(
                "driverClassName",
                "maxidle",
                "minidle",
                "removeabandoned",
                "logabandoned",
                "abandonedtimeout",
                "testwhileidle",
                "caseinsensitive",
                "platform")) {
            database.value(key); // of another connection pool
        }
        return new DatabaseConfig(url, user, password, connections, sqlite ? Duration.ZERO : Duration.ofHours(1));
    }

    private TokenPolicy tokens() {
        ConfigReader token = root.object("jwt").object("token");
        ConfigReader policy = token.object("policy");
        ConfigReader global = policy.object("global");
        long access = global.number("accessTokenValiditySeconds", 43_200, 1, MAX_SECONDS);
        long refresh = global.number("refreshTokenValiditySeconds", 2_592_000, 1, MAX_SECONDS);
        Map<String, Secret> keys = keys(token, policy);
        String active = policy.string("activeKeyId")
                .orElse(keys.size() == 1 ? keys.keySet().iterator().next() : null);
        if (active != null && !keys.isEmpty() && !keys.containsKey(active)) {
            policy.refuse("activeKeyId", active, "one of " + String.join(", ", keys.keySet()));
        } else if (active == null && keys.size() > 1) {
            policy.refuse("activeKeyId", "missing", "one of " + String.join(", ", keys.keySet()));
        }
        ConfigReader refreshing = token.object("refresh");
        return new TokenPolicy(
                Duration.ofSeconds(policy.number("accessTokenValiditySeconds", access, 1, MAX_SECONDS)),
                Duration.ofSeconds(policy.number("refreshTokenValiditySeconds", refresh, 1, MAX_SECONDS)),
                keys,
                active,
                refreshing.choice("format", "opaque", List.of("opaque", "jwt")).equals("opaque"),
                refreshing.bool("rotate", false),
                refreshing.bool("unique", false),
                refreshing.bool("restrict_grant", false),
                token.bool("revocable", false),
                token.object("queryString").bool("enabled", true));
    }

    private static Map<String, Secret> keys(ConfigReader token, ConfigReader policy) {
        Map<String, Secret> keys = new LinkedHashMap<>();
        token.string("signing-key").ifPresent(text -> addKey(keys, token, "signing-key", "legacy-token-key", text));
        token.value("verification-key"); // follows from the signing key
        ConfigReader named = policy.object("keys");
        named.keys().forEach(id -> {
            ConfigReader key = named.object(id);
            addKey(keys, key, "signingKey", id, key.required("signingKey"));
        });
        return keys;
    }

    private static void addKey(Map<String, Secret> keys, ConfigReader reader, String key, String id, String text) {
        try {
            if (!text.isEmpty()) {
                SigningKey.of(id, text);
                keys.put(id, new Secret(text));
            }
        } catch (IllegalArgumentException e) {
            reader.refuse(key, String.valueOf(e.getMessage()), "an RSA private key in PEM, or a shared secret");
        }
    }

    private LockoutPolicy lockout() {
        ConfigReader policy = root.object("authentication").object("policy");
        ConfigReader global = policy.object("global");
        long failures = global.number("lockoutAfterFailures", 5, 0, 1_000_000);
        long window = global.number("countFailuresWithinSeconds", 1_200, 1, MAX_SECONDS);
        long period = global.number("lockoutPeriodSeconds", 300, 1, MAX_SECONDS);
        return new LockoutPolicy(
                (int) policy.number("lockoutAfterFailures", failures, 0, 1_000_000),
                Duration.ofSeconds(policy.number("countFailuresWithinSeconds", window, 1, MAX_SECONDS)),
                Duration.ofSeconds(policy.number("lockoutPeriodSeconds", period, 1, MAX_SECONDS)));
    }

    private PasswordPolicy passwords() {
        ConfigReader policy = root.object("password").object("policy");
        ConfigReader global = policy.object("global");
        List<Integer> values = new ArrayList<>();
        for (String key : List.of(
                "minLength",
                "maxLength",
                "requireUpperCaseCharacter",
                "requireLowerCaseCharacter",
                "requireDigit",
                "requireSpecialCharacter")) {
            int otherwise = global.integer(key, key.equals("maxLength") ? 255 : 0, 0, 255);
            values.add(policy.integer(key, otherwise, 0, 255));
        }
        policy.value("expirePasswordInMonths");
        global.value("expirePasswordInMonths");
        return new PasswordPolicy(
                values.get(0), values.get(1), values.get(2), values.get(3), values.get(4), values.get(5));
    }

    private UaaConfig.Login login() {
        ConfigReader login = root.object("login");
        ConfigReader prompt = login.object("prompt");
        ConfigReader redirect = root.object("logout").object("redirect");
        ConfigReader parameter = redirect.object("parameter");
        parameter.value("disable");
        return new UaaConfig.Login(
                prompt.object("username").string("text", "Email"),
                prompt.object("password").string("text", "Password"),
                login.bool("selfServiceLinksEnabled", true),
                redirect.string("url", "/login"),
                parameter.strings("whitelist"));
    }

    /** Sections of the original's file that concern what it does and this server does not, or does by itself. */
    private void ignoreWhatIsNotOurs() {
        for (String key :
                List.of("name", "spring_profiles", "logging", "encryption", "require_https", "https_port", "servlet")) {
            root.value(key);
        }
    }
}
