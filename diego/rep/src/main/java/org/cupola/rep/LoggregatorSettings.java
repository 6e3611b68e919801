package org.cupola.rep;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.config.ConfigReader;

/**
 * The original's object {@code loggregator}: which agent, and what stands on every envelope.
 *
 * @param address {@code host:port}
 * @param tags    deployment, job, index, ip and origin, as far as given
 */
record LoggregatorSettings(String address, RepConfig.Certificates certificates, Map<String, String> tags) {
    private static final Map<String, String> TAGS = Map.of(
            "loggregator_job_deployment", "deployment",
            "loggregator_job_name", "job",
            "loggregator_job_index", "index",
            "loggregator_job_ip", "ip",
            "loggregator_job_origin", "origin");

    LoggregatorSettings {
        tags = Map.copyOf(tags);
    }

    /** None unless {@code loggregator_use_v2_api} or, in newer files without that key, {@code loggregator_api_host} is given. */
    static Optional<LoggregatorSettings> read(ConfigReader object) {
        // Known, and without a meaning here: metrics of the cell itself are not sent, and batches have their size.
        List.of(
                        "loggregator_source_id",
                        "loggregator_instance_id",
                        "loggregator_batch_max_size",
                        "loggregator_batch_flush_interval",
                        "loggregator_app_metric_exclusion_filter")
                .forEach(object::has);
        String host = object.string("loggregator_api_host", "");
        int port = object.integer("loggregator_api_port", 3458, 1, 65535);
        String authority = object.string("loggregator_ca_path", "");
        String certificate = object.string("loggregator_cert_path", "");
        String key = object.string("loggregator_key_path", "");
        Map<String, String> tags = new LinkedHashMap<>();
        TAGS.forEach((name, tag) ->
                object.string(name).filter(text -> !text.isEmpty()).ifPresent(text -> tags.put(tag, text)));
        if (!object.bool("loggregator_use_v2_api", !host.isEmpty())) {
            return Optional.empty();
        }
        for (String name : List.of("loggregator_ca_path", "loggregator_cert_path", "loggregator_key_path")) {
            object.required(name);
        }
        return Optional.of(new LoggregatorSettings(
                (host.isEmpty() ? "127.0.0.1" : host) + ":" + port,
                new RepConfig.Certificates(Path.of(authority), Path.of(certificate), Path.of(key)),
                tags));
    }
}
