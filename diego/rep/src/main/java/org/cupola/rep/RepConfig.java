package org.cupola.rep;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogFormat;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.jspecify.annotations.Nullable;

/**
 * The cell's configuration, read from the original's JSON file. Immutable.
 *
 * @param admin            where {@code /ping} and {@code /evacuate} are
 * @param network          where auctioneer and BBS reach the rep
 * @param debug            where health and metrics are; none means nowhere
 * @param advertiseDomain  with the cell's id the host name in the rep's URL
 * @param advertiseAddress own key: the host in the rep's URL in the place of that name; empty means none
 * @param stacks           names of the preloaded root file systems
 * @param loggregator      the agent that applications' logs and metrics go to; none means nowhere
 * @param providers        URL schemes of root file systems that are fetched
 */
public record RepConfig(
        String cellId,
        int cellIndex,
        String zone,
        InetSocketAddress admin,
        InetSocketAddress network,
        @Nullable InetSocketAddress debug,
        String advertiseDomain,
        String advertiseAddress,
        Certificates certificates,
        URI bbsAddress,
        Duration communicationTimeout,
        Locket locket,
        Intervals intervals,
        List<String> stacks,
        List<String> providers,
        List<String> placementTags,
        List<String> optionalPlacementTags,
        boolean preferInstanceAddress,
        CellSettings cell,
        Optional<LoggregatorSettings> loggregator,
        LogSettings logs) {

    /** PEM files of the one identity the cell has towards everybody but Locket. */
    public record Certificates(Path authority, Path certificate, Path key) {}

    /** @param timeToLive of the presence; it is renewed every 5 s */
    public record Locket(String address, Certificates certificates, Duration timeToLive) {}

    /** How often and how long. */
    public record Intervals(
            Duration polling,
            Duration evacuationPolling,
            Duration evacuationTimeout,
            Duration shutdown,
            Duration metrics) {}

    /** @throws ConfigException with all problems of the file */
    public static RepConfig read(Path file) throws ConfigException {
        return read(ConfigReader.json(file));
    }

    static RepConfig read(ConfigReader file) throws ConfigException {
        for (String key : RepConfigKeys.WITHOUT_MEANING) {
            file.value(key);
        }
        file.required("listen_addr");
        file.required("listen_addr_securable");
        CellSettings cell = CellSettings.read(file);
        var nowhere = new InetSocketAddress(0);
        var config = new RepConfig(
                file.required("cell_id"),
                file.integer("cell_index", 0, 0, Integer.MAX_VALUE),
                file.string("zone", ""),
                file.address("listen_addr").orElse(nowhere),
                file.address("listen_addr_securable").orElse(nowhere),
                file.loopbackAddress("debug_address").orElse(null),
                file.string("advertise_domain", "cell.service.cf.internal"),
                file.string("advertise_address", ""),
                certificates(file, "ca_cert_file", "cert_file", "key_file"),
                file.requiredUrl("bbs_address", "https://host:8889"),
                file.duration("communication_timeout", Duration.ofSeconds(10)),
                new Locket(
                        file.required("locket_address"),
                        certificates(file, "locket_ca_cert_file", "locket_client_cert_file", "locket_client_key_file"),
                        file.duration("lock_ttl", Duration.ofSeconds(15))),
                intervals(file, cell),
                stacks(file),
                file.strings("supported_providers"),
                file.strings("placement_tags"),
                file.strings("optional_placement_tags"),
                file.bool("advertise_preference_for_instance_address", false),
                cell,
                LoggregatorSettings.read(file.object("loggregator")),
                logs(file));
        file.finish();
        return config;
    }

    /** The command line's zone, which overrides the file's. */
    public RepConfig withZone(String other) {
        return new RepConfig(
                cellId,
                cellIndex,
                other,
                admin,
                network,
                debug,
                advertiseDomain,
                advertiseAddress,
                certificates,
                bbsAddress,
                communicationTimeout,
                locket,
                intervals,
                stacks,
                providers,
                placementTags,
                optionalPlacementTags,
                preferInstanceAddress,
                cell,
                loggregator,
                logs);
    }

    private static Intervals intervals(ConfigReader file, CellSettings cell) {
        Duration proxyReload = file.duration("envoy_config_reload_duration", Duration.ofSeconds(5));
        return new Intervals(
                positive(file, "polling_interval", Duration.ofSeconds(30)),
                positive(file, "evacuation_polling_interval", Duration.ofSeconds(10)),
                positive(file, "evacuation_timeout", Duration.ofMinutes(10)),
                cell.gracePeriod().plus(proxyReload).plusSeconds(5),
                positive(file, "container_metrics_report_interval", Duration.ofSeconds(15)));
    }

    static Duration positive(ConfigReader file, String key, Duration otherwise) {
        Duration found = file.duration(key, otherwise);
        if (found.isNegative() || found.isZero()) {
            file.refuse(key, found, "more than 0s");
            return otherwise;
        }
        return found;
    }

    private static Certificates certificates(ConfigReader file, String authority, String certificate, String key) {
        return new Certificates(
                Path.of(file.required(authority)), Path.of(file.required(certificate)), Path.of(file.required(key)));
    }

    /** Entries are {@code name:path}; the path is the concern of a backend that has images. */
    private static List<String> stacks(ConfigReader file) {
        return file.strings("preloaded_root_fs").stream()
                .map(entry -> entry.contains(":") ? entry.substring(0, entry.indexOf(':')) : entry)
                .distinct()
                .toList();
    }

    private static LogSettings logs(ConfigReader file) {
        String level = file.choice("log_level", "info", List.of("debug", "info", "error", "fatal"));
        String format = file.choice("time_format", "unix-epoch", List.of("unix-epoch", "rfc3339"));
        return new LogSettings(
                format.equals("rfc3339") ? LogFormat.LAGER_RFC3339 : LogFormat.LAGER_EPOCH, LogLevel.parse(level));
    }
}
