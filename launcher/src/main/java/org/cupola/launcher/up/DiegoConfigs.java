package org.cupola.launcher.up;

import static org.cupola.launcher.up.ConfigWriter.map;
import static org.cupola.launcher.up.PlatformSettings.HOST;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes the configuration files of Diego: Locket, BBS, auctioneer and the one cell. */
final class DiegoConfigs {
    static final String CELL = "cell-0";

    private final ConfigWriter writer;

    DiegoConfigs(ConfigWriter writer) {
        this.writer = writer;
    }

    void write() {
        locket();
        bbs();
        auctioneer();
        rep();
    }

    private void locket() {
        Map<String, Object> config = map("listen_address", writer.local(PlatformPort.LOCKET));
        serverTls(config, "locket");
        database(config, "locket");
        logs(config);
        writer.json("locket.json", config);
    }

    private void bbs() {
        Map<String, Object> config = map(
                "listen_address", writer.local(PlatformPort.BBS),
                "health_address", writer.local(PlatformPort.BBS_HEALTH),
                "advertise_url", writer.url("https", PlatformPort.BBS),
                "uuid", "bbs-0",
                "communication_timeout", "10s",
                "auctioneer_address", writer.url("https", PlatformPort.AUCTIONEER),
                "auctioneer_ca_cert", writer.ca(),
                "auctioneer_client_cert", writer.certificate("bbs"),
                "auctioneer_client_key", writer.key("bbs"),
                "auctioneer_require_tls", true,
                "rep_ca_cert", writer.ca(),
                "rep_client_cert", writer.certificate("bbs"),
                "rep_client_key", writer.key("bbs"),
                "active_key_label", "key-0",
                "encryption_keys", map("key-0", writer.secret("bbs-encryption")),
                "converge_repeat_interval", "30s",
                "kick_task_duration", "30s",
                "expire_completed_task_duration", "120s",
                "expire_pending_task_duration", "1800s",
                "max_task_retries", 3);
        serverTls(config, "bbs");
        database(config, "bbs");
        locketClient(config, "bbs");
        logs(config);
        writer.json("bbs.json", config);
    }

    private void auctioneer() {
        Map<String, Object> config = map(
                "listen_address", writer.local(PlatformPort.AUCTIONEER),
                "uuid", "auctioneer-0",
                "communication_timeout", "10s",
                "cell_state_timeout", "10s",
                "starting_container_weight", 0.25,
                "auction_runner_workers", 16,
                "ca_cert_file", writer.ca(),
                "server_cert_file", writer.certificate("auctioneer"),
                "server_key_file", writer.key("auctioneer"),
                "rep_ca_cert", writer.ca(),
                "rep_client_cert", writer.certificate("auctioneer"),
                "rep_client_key", writer.key("auctioneer"));
        bbsClient(config, "auctioneer");
        locketClient(config, "auctioneer");
        logs(config);
        writer.json("auctioneer.json", config);
    }

    private void rep() {
        Map<String, Object> config = map(
                "cell_id", CELL,
                "cell_index", 0,
                "zone", "z1",
                "listen_addr", writer.local(PlatformPort.REP),
                "listen_addr_securable", writer.local(PlatformPort.REP_SECURABLE),
                "advertise_address", HOST,
                "bbs_address", writer.url("https", PlatformPort.BBS),
                "communication_timeout", "10s",
                "polling_interval", "30s",
                "evacuation_polling_interval", "10s",
                "evacuation_timeout", "600s",
                "preloaded_root_fs", List.of("cflinuxfs4:" + writer.folder("cell")),
                "memory_mb", "auto",
                "disk_mb", "auto",
                "graceful_shutdown_interval", "10s",
                "healthy_monitoring_interval", "30s",
                "unhealthy_monitoring_interval", "2s");
        config.put("ca_cert_file", writer.ca());
        config.put("cert_file", writer.certificate("rep"));
        config.put("key_file", writer.key("rep"));
        locketClient(config, "rep");
        config.put("container_backend", "process");
        config.put("container_dir", writer.folder("cell").toString());
        config.put("container_host_ip", HOST);
        // Above the kernel's ephemeral ports and clear of the ports of TCP routes.
        config.put("container_port_range_start", 62_000);
        config.put("container_port_range_size", 3_500);
        config.put("container_environment", containerEnvironment());
        config.put("container_log_dir", writer.folder("logs").resolve("apps").toString());
        config.put("path_to_tls_cert", writer.certificate("rep"));
        config.put("path_to_tls_key", writer.key("rep"));
        config.put("path_to_ca_certs_for_downloads", writer.ca());
        // The sooner an instance is measured, the sooner `cf app` shows more than zeros.
        config.put("container_metrics_report_interval", "5s");
        config.put(
                "loggregator",
                map(
                        "loggregator_use_v2_api",
                        true,
                        "loggregator_api_port",
                        writer.port(PlatformPort.LOGGREGATOR),
                        "loggregator_ca_path",
                        writer.ca(),
                        "loggregator_cert_path",
                        writer.certificate("rep"),
                        "loggregator_key_path",
                        writer.key("rep"),
                        "loggregator_job_name",
                        "rep",
                        "loggregator_job_index",
                        "0",
                        "loggregator_job_ip",
                        HOST,
                        "loggregator_job_origin",
                        "rep"));
        logs(config);
        writer.json("rep.json", config);
    }

    /** Apps find the JDK that the platform itself runs on, so that a Java app needs nothing else on the machine. */
    private static Map<String, Object> containerEnvironment() {
        String javaHome = System.getProperty("java.home");
        String path = String.join(
                File.pathSeparator,
                Path.of(javaHome, "bin").toString(),
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return map("PATH", path, "JAVA_HOME", javaHome, "LANG", "en_US.UTF-8");
    }

    private void serverTls(Map<String, Object> config, String component) {
        config.put("ca_file", writer.ca());
        config.put("cert_file", writer.certificate(component));
        config.put("key_file", writer.key(component));
    }

    private void database(Map<String, Object> config, String component) {
        config.put("database_driver", "sqlite");
        config.put("database_connection_string", writer.database(component));
    }

    private void bbsClient(Map<String, Object> config, String component) {
        config.put("bbs_address", writer.url("https", PlatformPort.BBS));
        config.put("bbs_ca_cert_file", writer.ca());
        config.put("bbs_client_cert_file", writer.certificate(component));
        config.put("bbs_client_key_file", writer.key(component));
    }

    private void locketClient(Map<String, Object> config, String component) {
        config.put("locket_address", writer.local(PlatformPort.LOCKET));
        config.put("locket_ca_cert_file", writer.ca());
        config.put("locket_client_cert_file", writer.certificate(component));
        config.put("locket_client_key_file", writer.key(component));
    }

    private static void logs(Map<String, Object> config) {
        config.put("log_level", "info");
        config.put("time_format", "rfc3339");
    }
}
