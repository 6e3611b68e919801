package org.cupola.platform.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.DatabaseConfig;

/** A real MariaDB, one per test JVM, started at first use and stopped with the JVM; each caller gets its own database. */
public final class TestMariaDb {
    private static final String PLAIN = "?sslMode=disable";
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private TestMariaDb() {}

    private static final class Holder {
        private static final int PORT = startServer();
    }

    private static int startServer() {
        Path server = RealParts.require("mariadbd");
        Path installer = RealParts.require("mariadb-install-db");
        int port = FreePorts.next();
        try {
            Path home = Files.createTempDirectory("mariadb");
            Path data = home.resolve("data");
            String user = System.getProperty("user.name");
            run(
                    installer.toString(),
                    "--no-defaults",
                    "--datadir=" + data,
                    "--user=" + user,
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db");
            Process process = quiet(
                    server.toString(),
                    "--no-defaults",
                    "--datadir=" + data,
                    "--user=" + user,
                    "--bind-address=127.0.0.1",
                    "--port=" + port,
                    "--socket=" + home.resolve("socket"),
                    "--innodb-flush-log-at-trx-commit=2",
                    "--innodb-buffer-pool-size=32M");
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() -> process.destroyForcibly().onExit().join()));
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> accepts(port));
            return port;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(String... command) throws IOException {
        int code = quiet(command).onExit().join().exitValue();
        if (code != 0) {
            throw new IOException(command[0] + " ended with code " + code);
        }
    }

    private static Process quiet(String... command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** A fresh, empty database; aborts or fails the test when MariaDB is not installed. */
    public static DatabaseConfig freshDatabase() {
        String name = "test_" + COUNTER.incrementAndGet();
        String server = "jdbc:mariadb://127.0.0.1:" + Holder.PORT + "/";
        try (var connection = DriverManager.getConnection(server + PLAIN, "root", "");
                var statement = connection.createStatement()) {
            statement.execute("create database " + name + " character set utf8mb4");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create " + name, e);
        }
        return DatabaseConfig.of(server + name + PLAIN, "root", Secret.NONE);
    }
}
