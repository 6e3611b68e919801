package org.cupola.bbs;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.bbs.TaskConvergence.Durations;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.platform.sql.GoDatabase;

/**
 * How the BBS runs; the keys are those of the original's JSON file. {@code database_driver} may also be {@code sqlite}.
 *
 * @param listenAddress         the API
 * @param healthAddress         plain HTTP; any path answers 200 from the start, also while waiting for the lock
 * @param debugAddress          the debug server, with {@code /metrics}; none means none
 * @param uuid                  the owner of the lock; another process needs another
 * @param tls                   the API's identity, whose clients it trusts; also the identity for task callbacks
 * @param communicationTimeout  of a request to auctioneer, rep or callback
 * @param taskCallbackWorkers   callbacks at once
 * @param updateWorkers         requests to auctioneer and reps at once
 * @param maxTaskRetries        rejections after which the next one fails a task
 * @param databaseHealthCheck   whether a database that cannot be written and read ends this component
 */
public record BbsConfig(
        InetSocketAddress listenAddress,
        InetSocketAddress healthAddress,
        Optional<InetSocketAddress> debugAddress,
        String uuid,
        TlsFiles tls,
        Duration communicationTimeout,
        Locket locket,
        URI auctioneerAddress,
        TlsFiles auctioneerTls,
        TlsFiles repTls,
        DatabaseConfig database,
        Encryption encryption,
        Duration convergeRepeatInterval,
        Durations taskDurations,
        int convergenceWorkers,
        int updateWorkers,
        int taskCallbackWorkers,
        int maxTaskRetries,
        Optional<Path> accessLogPath,
        Optional<HealthCheck> databaseHealthCheck,
        String logLevel,
        String timeFormat) {
    private static final int MANY = 1_000_000;

    /** @param callTimeout of a single call that reads cells */
    record Locket(String address, TlsFiles tls, Duration lockTtl, Duration lockRetryInterval, Duration callTimeout) {}

    record Encryption(String activeLabel, Map<String, Secret> keys) {}

    record HealthCheck(Duration interval, Duration timeout, int failureThreshold) {}

    /** @throws ConfigException with every problem of the file */
    public static BbsConfig read(Path file) throws ConfigException {
        return read(ConfigReader.json(file));
    }

    static BbsConfig read(ConfigReader reader) throws ConfigException {
        var nowhere = new InetSocketAddress(0);
        var config = new BbsConfig(
                address(reader, "listen_address").orElse(nowhere),
                address(reader, "health_address").orElse(nowhere),
                reader.loopbackAddress("debug_address"),
                reader.required("uuid"),
                TlsFiles.read(reader, "ca_file", "cert_file", "key_file"),
                reader.duration("communication_timeout", Duration.ofSeconds(10)),
                locket(reader),
                uri(reader, "auctioneer_address"),
                TlsFiles.read(reader, "auctioneer_ca_cert", "auctioneer_client_cert", "auctioneer_client_key"),
                TlsFiles.read(reader, "rep_ca_cert", "rep_client_cert", "rep_client_key"),
                GoDatabase.read(reader),
                encryption(reader),
                reader.duration("converge_repeat_interval", Duration.ofSeconds(30)),
                new Durations(
                        reader.duration("expire_pending_task_duration", Duration.ofMinutes(30)),
                        reader.duration("kick_task_duration", Duration.ofSeconds(30)),
                        reader.duration("expire_completed_task_duration", Duration.ofMinutes(2))),
                reader.integer("convergence_workers", 20, 1, MANY),
                reader.integer("update_workers", 1000, 1, MANY),
                reader.integer("task_callback_workers", 1000, 1, MANY),
                reader.integer("max_task_retries", 3, 0, MANY),
                reader.file("access_log_path"),
                healthCheck(reader),
                reader.choice("log_level", "info", List.of("debug", "info", "error", "fatal")),
                reader.choice("time_format", "unix-epoch", List.of("unix-epoch", "rfc3339")));
        ignored().forEach(reader::has);
        reader.finish();
        return config;
    }

    /** Keys of the original that have no meaning here: agents we do not send to, and tunings of Go's libraries. */
    private static List<String> ignored() {
        return List.of(
                "advertise_url",
                "session_name",
                "require_ssl",
                "desired_lrp_creation_timeout",
                "report_interval",
                "locket_client_keepalive_time",
                "locket_client_keepalive_timeout",
                "auctioneer_require_tls",
                "rep_client_session_cache_size",
                "rep_require_tls",
                "locks_locket_enabled",
                "cell_registrations_locket_enabled",
                "db_read_timeout",
                "db_write_timeout",
                "debug_lrp_start_heartbeats",
                "advanced_metrics",
                "redact_secrets",
                "redact_patterns",
                "max_data_string_length",
                "loggregator");
    }

    private static Locket locket(ConfigReader reader) {
        return new Locket(
                reader.required("locket_address"),
                TlsFiles.read(reader, "locket_ca_cert_file", "locket_client_cert_file", "locket_client_key_file"),
                reader.duration("lock_ttl", Duration.ofSeconds(15)),
                reader.duration("lock_retry_interval", Duration.ofSeconds(5)),
                TlsFiles.orDefault(reader.duration("db_connection_timeout", Duration.ZERO), Duration.ofSeconds(10)));
    }

    private static Encryption encryption(ConfigReader reader) {
        String active = reader.required("active_key_label");
        Map<String, Secret> keys = new HashMap<>();
        reader.stringMap("encryption_keys").forEach((label, passphrase) -> keys.put(label, new Secret(passphrase)));
        try {
            if (!active.isEmpty()) {
                new Encryptor(active, keys).activeLabel();
            }
        } catch (IllegalArgumentException e) {
            reader.refuse("encryption_keys", keys.keySet(), String.valueOf(e.getMessage()));
        }
        return new Encryption(active, Map.copyOf(keys));
    }

    private static Optional<HealthCheck> healthCheck(ConfigReader reader) {
        var check = new HealthCheck(
                reader.duration("health_check_interval", Duration.ofSeconds(10)),
                reader.duration("health_check_timeout", Duration.ofSeconds(5)),
                reader.integer("health_check_failure_threshold", 3, 1, MANY));
        return reader.bool("enable_db_health_check", false) ? Optional.of(check) : Optional.empty();
    }

    private static URI uri(ConfigReader reader, String key) {
        String text = reader.required(key);
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            reader.refuse(key, text, "a URL");
            return URI.create("");
        }
    }

    private static Optional<InetSocketAddress> address(ConfigReader reader, String key) {
        String text = reader.required(key);
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return Optional.of(new InetSocketAddress(colon <= 0 ? "0.0.0.0" : text.substring(0, colon), port));
        } catch (IllegalArgumentException e) {
            if (!text.isEmpty()) {
                reader.refuse(key, text, "host:port");
            }
            return Optional.empty();
        }
    }
}
