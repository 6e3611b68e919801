package org.cupola.platform.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.DatabaseConfig;

/** A real PostgreSQL, one per test JVM, started at first use and stopped with the JVM; each caller gets its own database. */
public final class TestPostgres {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private TestPostgres() {}

    private static final class Holder {
        private static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A fresh, empty database. */
    public static DatabaseConfig freshDatabase() {
        String name = "test_" + COUNTER.incrementAndGet();
        try (var connection = Holder.SERVER.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create " + name, e);
        }
        return DatabaseConfig.of(
                "jdbc:postgresql://127.0.0.1:" + Holder.SERVER.getPort() + "/" + name,
                "postgres",
                new Secret("postgres"));
    }
}
