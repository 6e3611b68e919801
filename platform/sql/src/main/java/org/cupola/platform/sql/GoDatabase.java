package org.cupola.platform.sql;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;

/**
 * Databases as the configuration files of Diego's components name them: a driver, and a connection string in the form
 * of Go's drivers. The driver {@code sqlite} with a file name is ours.
 */
public final class GoDatabase {
    private static final Pattern MYSQL =
            Pattern.compile("(?<user>[^:@]*)(:(?<password>.*))?@tcp\\((?<host>[^)]+)\\)/(?<schema>[^?]*)(\\?.*)?");
    private static final int MANY = 100_000;

    private GoDatabase() {}

    /**
     * Reads {@code database_driver}, {@code database_connection_string}, {@code sql_ca_cert_file}, {@code
     * sql_enable_identity_verification} and the limits of the pool; problems are noted in the reader.
     */
    public static DatabaseConfig read(ConfigReader reader) {
        String driver = reader.required("database_driver");
        String connection = reader.required("database_connection_string");
        Optional<Path> authority = reader.file("sql_ca_cert_file");
        boolean verifyIdentity = reader.bool("sql_enable_identity_verification", false);
        int open = reader.integer("max_open_database_connections", 0, 0, MANY);
        reader.integer("max_idle_database_connections", 0, 0, MANY);
        Duration lifetime = reader.duration("max_database_connection_lifetime", Duration.ZERO);
        DatabaseConfig parsed = DatabaseConfig.of("jdbc:sqlite::memory:", "", Secret.NONE);
        if (!driver.isEmpty() && !connection.isEmpty()) {
            try {
                parsed = parse(driver, connection, authority, verifyIdentity);
            } catch (IllegalArgumentException e) {
                reader.refuse("database_connection_string", "not usable", String.valueOf(e.getMessage()));
            }
        }
        return new DatabaseConfig(
                parsed.url(), parsed.user(), parsed.password(), open == 0 ? parsed.maxConnections() : open, lifetime);
    }

    /** @throws IllegalArgumentException saying what form is expected; the message never shows the password */
    public static DatabaseConfig parse(
            String driver, String connection, Optional<Path> authority, boolean verifyIdentity) {
        return switch (driver) {
            case "sqlite" -> DatabaseConfig.sqlite(Path.of(connection));
            case "mysql" -> mysql(connection, authority, verifyIdentity);
            case "postgres" -> postgres(connection, authority, verifyIdentity);
            default -> throw new IllegalArgumentException("database_driver mysql, postgres or sqlite, not " + driver);
        };
    }

    private static DatabaseConfig mysql(String connection, Optional<Path> authority, boolean verifyIdentity) {
        Matcher matcher = MYSQL.matcher(connection);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("user:password@tcp(host:port)/schema");
        }
        String tls = authority
                .map(file -> "?sslMode=" + (verifyIdentity ? "verify-full" : "verify-ca") + "&serverSslCert="
                        + encoded(file))
                .orElse("?sslMode=disable"); // as Go's driver; this one would insist on TLS
        String password = matcher.group("password");
        return DatabaseConfig.of(
                "jdbc:mariadb://" + matcher.group("host") + "/" + matcher.group("schema") + tls,
                matcher.group("user"),
                new Secret(password == null ? "" : password));
    }

    private static DatabaseConfig postgres(String connection, Optional<Path> authority, boolean verifyIdentity) {
        URI uri;
        try {
            uri = new URI(connection);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("postgres://user:password@host:port/schema", e);
        }
        boolean known = "postgres".equals(uri.getScheme()) || "postgresql".equals(uri.getScheme());
        if (!known
                || uri.getHost() == null
                || uri.getPath() == null
                || uri.getPath().length() < 2) {
            throw new IllegalArgumentException("postgres://user:password@host:port/schema");
        }
        String userInfo = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
        int colon = userInfo.indexOf(':');
        String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
        String password = colon < 0 ? "" : userInfo.substring(colon + 1);
        String tls = authority
                .map(file ->
                        "?sslmode=" + (verifyIdentity ? "verify-full" : "verify-ca") + "&sslrootcert=" + encoded(file))
                .orElse(uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        int port = uri.getPort() < 0 ? 5432 : uri.getPort();
        return DatabaseConfig.of(
                "jdbc:postgresql://" + uri.getHost() + ":" + port + uri.getPath() + tls,
                decoded(user),
                new Secret(decoded(password)));
    }

    private static String encoded(Path file) {
        return URLEncoder.encode(file.toString(), StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
