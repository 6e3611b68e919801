package org.cupola.platform.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.RenderQuotedNames;
import org.jooq.conf.Settings;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;

/**
 * One database. Blocking; any thread.
 *
 * <p>A write is one transaction, durable when it returns. SQLite has a single writer, so writes queue at a fair lock instead of
 * failing as busy; on the servers a write that lost against another (serialization failure, deadlock) is run again.
 */
public final class Database implements AutoCloseable {
    private static final int MAX_ATTEMPTS = 5;

    private final DatabaseConfig config;
    private final SQLDialect dialect;
    private final HikariDataSource readers;
    private final HikariDataSource writers;
    private final DSLContext readContext;
    private final DSLContext writeContext;
    private final ReentrantLock writeLock = new ReentrantLock(true);

    private Database(DatabaseConfig config, SQLDialect dialect, HikariDataSource readers, HikariDataSource writers) {
        this.config = config;
        this.dialect = dialect;
        this.readers = readers;
        this.writers = writers;
        Settings settings = new Settings()
                .withRenderQuotedNames(RenderQuotedNames.EXPLICIT_DEFAULT_UNQUOTED)
                .withExecuteLogging(false);
        this.readContext = DSL.using(readers, dialect, settings);
        this.writeContext = DSL.using(writers, dialect, settings);
    }

    /** @throws IllegalArgumentException for an unknown kind of URL, or when the database cannot be reached */
    public static Database open(DatabaseConfig config) {
        if (config.url().startsWith("jdbc:sqlite:")) {
            return new Database(
                    config, SQLDialect.SQLITE, pool(sqlite(config, config.maxConnections())), pool(sqlite(config, 1)));
        }
        SQLDialect dialect = serverDialect(config.url());
        HikariDataSource pool = pool(server(config));
        return new Database(config, dialect, pool, pool);
    }

    public SQLDialect dialect() {
        return dialect;
    }

    /** Runs one or more queries; each sees what was committed before it. */
    public <T> T read(Function<DSLContext, T> query) {
        return query.apply(readContext);
    }

    /** Runs the block as one transaction and returns once it is durable. It may run more than once. */
    public <T> T write(Function<DSLContext, T> block) {
        if (dialect != SQLDialect.SQLITE) {
            return transactionWithRetries(block);
        }
        writeLock.lock();
        try {
            return writeContext.transactionResult(transaction -> block.apply(transaction.dsl()));
        } finally {
            writeLock.unlock();
        }
    }

    public void writeVoid(Consumer<DSLContext> block) {
        write(dsl -> {
            block.accept(dsl);
            return true;
        });
    }

    /**
     * Runs the action while no other process or instance runs one of this name on the same database; waits for its turn.
     * Meant for changes of the schema, which are more than one transaction. SQLite needs no more than its single writer as
     * long as each transaction looks again at what it found.
     *
     * @throws RuntimeException when the turn did not come within ten minutes
     */
    public void exclusively(String name, Runnable action) {
        if (dialect == SQLDialect.SQLITE) {
            action.run();
            return;
        }
        // A connection of its own: the action may need every connection of the pool. The lock ends with it.
        try (Connection connection = DriverManager.getConnection(
                config.url(), config.user(), config.password().value())) {
            DSLContext dsl = DSL.using(connection, dialect);
            if (dialect == SQLDialect.POSTGRES) {
                dsl.execute("set lock_timeout = '10min'");
                dsl.fetch("select pg_advisory_lock(hashtext(?))", name);
            } else if (!Integer.valueOf(1)
                    .equals(dsl.fetchOne("select get_lock(concat(database(), '.', ?), 600)", name)
                            .get(0, Integer.class))) {
                throw new IllegalStateException("no turn to change the database of " + name + " within ten minutes");
            }
            action.run();
        } catch (SQLException e) {
            throw new IllegalStateException("database " + config.url() + " cannot be reached: " + e.getMessage(), e);
        }
    }

    private <T> T transactionWithRetries(Function<DSLContext, T> block) {
        for (int attempt = 1; ; attempt++) {
            try {
                return writeContext.transactionResult(transaction -> block.apply(transaction.dsl()));
            } catch (DataAccessException e) {
                if (attempt == MAX_ATTEMPTS || !lostAgainstAnother(e)) {
                    throw e;
                }
            }
        }
    }

    private static boolean lostAgainstAnother(DataAccessException e) {
        SQLException cause = e.getCause(SQLException.class);
        return cause != null
                && ("40001".equals(cause.getSQLState())
                        || "40P01".equals(cause.getSQLState())
                        || cause.getErrorCode() == 1213);
    }

    @Override
    public void close() {
        writers.close();
        readers.close();
    }

    private static SQLDialect serverDialect(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return SQLDialect.POSTGRES;
        }
        if (url.startsWith("jdbc:mariadb:") || url.startsWith("jdbc:mysql:")) {
            return SQLDialect.MARIADB;
        }
        throw new IllegalArgumentException(
                "database url: " + url + " (expected: jdbc:sqlite:FILE, jdbc:postgresql://… or jdbc:mariadb://…)");
    }

    private static HikariConfig sqlite(DatabaseConfig config, int connections) {
        var properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("foreign_keys", "true");
        properties.setProperty("busy_timeout", "10000");
        properties.setProperty("transaction_mode", "IMMEDIATE");
        HikariConfig hikari = common(config, connections);
        hikari.setDataSourceProperties(properties);
        hikari.setMaxLifetime(0);
        return hikari;
    }

    private static HikariConfig server(DatabaseConfig config) {
        HikariConfig hikari = common(config, config.maxConnections());
        hikari.setUsername(config.user());
        hikari.setPassword(config.password().value());
        hikari.setMaxLifetime(config.maxLifetime().toMillis());
        hikari.setMinimumIdle(1);
        return hikari;
    }

    private static HikariConfig common(DatabaseConfig config, int connections) {
        var hikari = new HikariConfig();
        hikari.setJdbcUrl(config.url());
        hikari.setMaximumPoolSize(connections);
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(10_000);
        hikari.setPoolName("sql");
        return hikari;
    }

    private static HikariDataSource pool(HikariConfig config) {
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "database " + config.getJdbcUrl() + " cannot be opened: " + e.getMessage(), e);
        }
    }
}
