package org.cupola.auctioneer;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.jspecify.annotations.Nullable;

/**
 * The auctioneer's configuration, read from the original's JSON file. Immutable.
 *
 * @param listen        where work is accepted; port 0 picks a free one
 * @param debug         where the debug server is, with health and metrics; none means nowhere
 * @param server        own certificate and the clients' authority; none means plain HTTP
 * @param bbs           whom to tell what could not be placed
 * @param rep           certificates towards the cells
 * @param locketAddress {@code host:port}
 * @param lockOwner     the configuration's {@code uuid}
 */
public record AuctioneerConfig(
        InetSocketAddress listen,
        @Nullable InetSocketAddress debug,
        @Nullable CertificateFiles server,
        URI bbsAddress,
        CertificateFiles bbs,
        CertificateFiles rep,
        String locketAddress,
        CertificateFiles locket,
        String lockOwner,
        int workers,
        Duration communicationTimeout,
        Duration cellStateTimeout,
        double startingContainerWeight,
        double binPackFirstFitWeight,
        int startingContainerCountMaximum,
        LogSettings logs) {

    /** PEM files of one mutual TLS connection. */
    public record CertificateFiles(Path authority, Path certificate, Path key) {}

    /** @throws ConfigException with all problems of the file */
    public static AuctioneerConfig read(Path file) throws ConfigException {
        return read(ConfigReader.json(file));
    }

    static AuctioneerConfig read(ConfigReader file) throws ConfigException {
        for (String ignored : List.of(
                "bbs_client_session_cache_size",
                "bbs_max_idle_conns_per_host",
                "rep_client_session_cache_size",
                "rep_require_tls",
                "lock_ttl",
                "lock_retry_interval",
                "report_interval",
                "loggregator",
                "locket_client_keepalive_time",
                "locket_client_keepalive_timeout",
                "locks_locket_enabled")) {
            file.value(ignored);
        }
        file.required("listen_address");
        InetSocketAddress listen = file.address("listen_address").orElseGet(() -> new InetSocketAddress(0));
        var config = new AuctioneerConfig(
                listen,
                file.loopbackAddress("debug_address").orElse(null),
                server(file),
                file.requiredUrl("bbs_address", "https://host:8889"),
                files(file, "bbs_ca_cert_file", "bbs_client_cert_file", "bbs_client_key_file"),
                files(file, "rep_ca_cert", "rep_client_cert", "rep_client_key"),
                file.required("locket_address"),
                files(file, "locket_ca_cert_file", "locket_client_cert_file", "locket_client_key_file"),
                file.required("uuid"),
                file.integer("auction_runner_workers", 1000, 1, 100_000),
                positive(file, "communication_timeout", Duration.ofSeconds(10)),
                positive(file, "cell_state_timeout", Duration.ofSeconds(10)),
                file.decimal("starting_container_weight", 0.25, 0, 1000),
                file.decimal("bin_pack_first_fit_weight", 0, 0, 1000),
                file.integer("starting_container_count_maximum", 0, Integer.MIN_VALUE, Integer.MAX_VALUE),
                logs(file));
        file.finish();
        return config;
    }

    private static @Nullable CertificateFiles server(ConfigReader file) {
        String[] keys = {"ca_cert_file", "server_cert_file", "server_key_file"};
        boolean none =
                List.of(keys).stream().allMatch(key -> file.string(key, "").isEmpty());
        return none ? null : files(file, keys[0], keys[1], keys[2]);
    }

    private static CertificateFiles files(ConfigReader file, String authority, String certificate, String key) {
        return new CertificateFiles(
                Path.of(file.required(authority)), Path.of(file.required(certificate)), Path.of(file.required(key)));
    }

    private static Duration positive(ConfigReader file, String key, Duration otherwise) {
        Duration found = file.duration(key, otherwise);
        if (found.isNegative() || found.isZero()) {
            file.refuse(key, found, "more than 0s");
            return otherwise;
        }
        return found;
    }

    private static LogSettings logs(ConfigReader file) {
        String level = file.choice("log_level", "info", List.of("debug", "info", "error", "fatal"));
        String format = file.choice("time_format", "unix-epoch", List.of("unix-epoch", "rfc3339"));
        return new LogSettings(
                format.equals("rfc3339") ? LogFormat.LAGER_RFC3339 : LogFormat.LAGER_EPOCH, LogLevel.parse(level));
    }
}
