package org.cupola.routingapi;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.DatabaseConfig;
import org.jspecify.annotations.Nullable;

/**
 * Which database. Immutable.
 *
 * @param host                   not used by SQLite, nor are the following but {@code schema}
 * @param schema                 the database's name; for SQLite the file
 * @param caCertificate          PEM text; empty for none
 * @param skipHostnameValidation MySQL only: check the certificate's chain, not its name
 * @param maxOpenConnections     0 leaves it to us
 * @param maxLifetime            zero means for ever
 */
record SqlSettings(
        Type type,
        String host,
        int port,
        String schema,
        String username,
        Secret password,
        String caCertificate,
        boolean skipSslValidation,
        boolean skipHostnameValidation,
        int maxOpenConnections,
        Duration maxLifetime) {
    private static final int DEFAULT_CONNECTIONS = 10;
    private static final int CONNECT_SECONDS = 5;
    private static final int ANSWER_SECONDS = 30;

    /** Kinds of databases, by the original's names where it has them. */
    enum Type {
        MYSQL,
        POSTGRES,
        SQLITE
    }

    static SqlSettings sqlite(Path file) {
        return new SqlSettings(
                Type.SQLITE, "", 0, file.toString(), "", Secret.NONE, "", false, false, 0, Duration.ZERO);
    }

    /** Whether opening the database needs the CA certificate in a file: PostgreSQL's driver reads no text. */
    boolean needsCaFile() {
        return type == Type.POSTGRES && !caCertificate.isEmpty();
    }

    /** @param caFile holds the CA certificate, where {@link #needsCaFile} */
    DatabaseConfig toDatabaseConfig(@Nullable Path caFile) {
        int connections = maxOpenConnections == 0 ? DEFAULT_CONNECTIONS : Math.max(2, maxOpenConnections);
        return new DatabaseConfig(url(caFile), username, password, connections, maxLifetime);
    }

    private String url(@Nullable Path caFile) {
        return switch (type) {
            case SQLITE -> "jdbc:sqlite:" + schema;
            case POSTGRES ->
                "jdbc:postgresql://" + hostAndPort() + "/" + encoded(schema) + "?connectTimeout=" + CONNECT_SECONDS
                        + "&socketTimeout=" + ANSWER_SECONDS + postgresTls(caFile);
            case MYSQL ->
                "jdbc:mariadb://" + hostAndPort() + "/" + encoded(schema) + "?connectTimeout=" + CONNECT_SECONDS * 1000
                        + "&socketTimeout=" + ANSWER_SECONDS * 1000 + mysqlTls();
        };
    }

    private String hostAndPort() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private String postgresTls(@Nullable Path caFile) {
        if (caFile == null) {
            return "&sslmode=disable";
        }
        return skipSslValidation
                ? "&sslmode=require"
                : "&sslmode=verify-full&sslrootcert=" + encoded(caFile.toString());
    }

    private String mysqlTls() {
        if (skipSslValidation) {
            return "&sslMode=trust";
        }
        if (caCertificate.isEmpty()) {
            return "&sslMode=disable";
        }
        return "&sslMode=" + (skipHostnameValidation ? "verify-ca" : "verify-full") + "&serverSslCert="
                + encoded(caCertificate);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
