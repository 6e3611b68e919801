package org.cupola.gorouter;

import java.time.Duration;
import java.util.List;
import org.cupola.gorouter.GorouterConfig.Metrics;
import org.cupola.gorouter.GorouterConfig.Prometheus;
import org.cupola.gorouter.GorouterConfig.SeriesKeys;
import org.cupola.platform.config.ConfigReader;

/** Reads what {@code gorouter.yml} says about metrics. */
final class MetricsReader {
    private static final int MAX_PORT = 65535;
    private static final int MOST_SERIES = 1_000_000;

    private MetricsReader() {}

    static Prometheus prometheus(ConfigReader section) {
        ConfigReader meters = section.object("meters");
        int port = section.integer("port", 0, 0, MAX_PORT);
        // Before there was the switch, a port switched it on.
        boolean enabled = section.has("enabled") ? section.bool("enabled", false) : port != 0;
        return new Prometheus(
                enabled ? port : -1,
                section.file("cert_path"),
                section.file("key_path"),
                section.file("ca_path"),
                buckets(meters, "route_lookup_time_histogram_buckets", Buckets.LOOKUP),
                buckets(meters, "gorouter_time_histogram_buckets", Buckets.MILLIS),
                buckets(meters, "route_registration_latency_histogram_buckets", Buckets.REGISTRATION),
                buckets(meters, "routing_response_latency_histogram_buckets", Buckets.MILLIS),
                buckets(meters, "http_latency_histogram_buckets", Buckets.HTTP));
    }

    static Metrics metrics(ConfigReader root, ConfigReader logging) {
        return new Metrics(
                logging.string("metron_address", "localhost:3457"),
                logging.bool("loggregator_enabled", false),
                root.bool("enable_envelope_v1_metrics", true),
                root.bool("send_http_start_stop_server_event", true),
                root.bool("send_http_start_stop_client_event", true),
                root.bool("per_request_metrics_reporting", true),
                root.bool("per_app_prometheus_http_metrics_reporting", false),
                root.duration("route_latency_metric_muzzle_duration", Duration.ofSeconds(20)));
    }

    static SeriesKeys series(ConfigReader section) {
        return new SeriesKeys(
                section.bool("per_route", false),
                section.bool("per_backend", false),
                section.integer("max_series", 1000, 0, MOST_SERIES),
                buckets(section, "latency_buckets", Buckets.LATENCY));
    }

    private static List<Double> buckets(ConfigReader section, String key, List<Double> otherwise) {
        List<Double> bounds = section.decimals(key, otherwise);
        for (int i = 1; i < bounds.size(); i++) {
            if (bounds.get(i) <= bounds.get(i - 1)) {
                section.refuse(key, bounds, "bounds in ascending order");
                return otherwise;
            }
        }
        return bounds;
    }
}
