package org.cupola.platform.sql;

import java.nio.file.Path;
import java.time.Duration;
import org.cupola.platform.config.Secret;

/**
 * Which database, and how many connections to it.
 *
 * @param url            {@code jdbc:sqlite:FILE}, {@code jdbc:postgresql://…} or {@code jdbc:mariadb://…}
 * @param maxConnections at once; for SQLite, of readers (there is one writer)
 * @param maxLifetime    a connection older than this is replaced; zero means never
 */
public record DatabaseConfig(String url, String user, Secret password, int maxConnections, Duration maxLifetime) {
    public DatabaseConfig {
        if (maxConnections < 1) {
            throw new IllegalArgumentException("max-connections: " + maxConnections + " (expected: > 0)");
        }
    }

    public static DatabaseConfig sqlite(Path file) {
        return new DatabaseConfig("jdbc:sqlite:" + file, "", Secret.NONE, 4, Duration.ZERO);
    }

    public static DatabaseConfig of(String url, String user, Secret password) {
        return new DatabaseConfig(url, user, password, 10, Duration.ofHours(1));
    }
}
