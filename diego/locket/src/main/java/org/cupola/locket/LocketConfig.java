package org.cupola.locket;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.sql.GoDatabase;

/**
 * How Locket runs; the keys are those of the original's JSON file.
 *
 * @param listenAddress       gRPC
 * @param debugAddress        the debug server, with {@code /metrics} and {@code /health}; none means none
 * @param caFile              who issues the certificates of clients
 * @param database            {@code database_driver} may also be {@code sqlite}
 * @param databaseHealthCheck whether a database that cannot be written and read ends this component
 * @param logLevel            debug, info, error or fatal
 * @param timeFormat          {@code unix-epoch} or {@code rfc3339}
 */
public record LocketConfig(
        InetSocketAddress listenAddress,
        Optional<InetSocketAddress> debugAddress,
        Path caFile,
        Path certFile,
        Path keyFile,
        DatabaseConfig database,
        Optional<HealthCheck> databaseHealthCheck,
        String logLevel,
        String timeFormat) {
    /** How often the database is tried, for how long, and how often it may fail in a row. */
    public record HealthCheck(Duration interval, Duration timeout, int failureThreshold) {}

    /** @throws ConfigException with every problem of the file */
    public static LocketConfig read(Path file) throws ConfigException {
        return read(ConfigReader.json(file));
    }

    static LocketConfig read(ConfigReader reader) throws ConfigException {
        var config = new LocketConfig(
                address(reader, "listen_address").orElse(new InetSocketAddress(0)),
                reader.loopbackAddress("debug_address"),
                Path.of(reader.required("ca_file")),
                Path.of(reader.required("cert_file")),
                Path.of(reader.required("key_file")),
                GoDatabase.read(reader),
                healthCheck(reader),
                reader.choice("log_level", "info", List.of("debug", "info", "error", "fatal")),
                reader.choice("time_format", "unix-epoch", List.of("unix-epoch", "rfc3339")));
        // Known, and without a meaning here: there is no metrics agent to send to, and drivers bound their own calls.
        List.of(
                        "report_interval",
                        "loggregator",
                        "db_connection_timeout",
                        "db_read_timeout",
                        "db_write_timeout",
                        "db_operation_timeout",
                        "redact_secrets",
                        "redact_patterns",
                        "max_data_string_length")
                .forEach(reader::has);
        reader.finish();
        return config;
    }

    private static Optional<HealthCheck> healthCheck(ConfigReader reader) {
        var check = new HealthCheck(
                reader.duration("health_check_interval", Duration.ofSeconds(10)),
                reader.duration("health_check_timeout", Duration.ofSeconds(5)),
                reader.integer("health_check_failure_threshold", 3, 1, 1000));
        return reader.bool("enable_db_health_check", false) ? Optional.of(check) : Optional.empty();
    }

    private static Optional<InetSocketAddress> address(ConfigReader reader, String key) {
        String text = reader.required(key);
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = colon <= 0 ? "0.0.0.0" : text.substring(0, colon);
            return Optional.of(new InetSocketAddress(host, port));
        } catch (IllegalArgumentException e) {
            if (!text.isEmpty()) {
                reader.refuse(key, text, "host:port");
            }
            return Optional.empty();
        }
    }
}
