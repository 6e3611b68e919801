package org.cupola.rep;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.rep.container.ProcessBackendSettings;
import org.cupola.rep.executor.ExecutorSettings;
import org.cupola.rep.executor.InstanceIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The part of the cell's configuration that concerns containers. Keys that begin with {@code container_} and are not the original's
 * tell how processes stand in for containers.
 *
 * @param memoryMb       to hand out; 0 means what the host has
 * @param diskMb         to hand out; 0 means what the host has
 * @param folder         {@code container_dir}: where containers and downloads are
 * @param hostAddress    {@code container_host_ip}: where applications are reached; empty means the host's first address
 * @param environment    {@code container_environment}: base variables of every process
 * @param logFolder      {@code container_log_dir}: applications' logs as files; none means that they are not kept
 * @param gracePeriod    between asking a process to end and killing it
 * @param trustedCertificates folder with authorities for containers
 * @param maxLogLinesPerSecond of one instance; 0 means unlimited
 * @param cacheFolder    {@code cache_path}: of downloads; none means below {@code folder}
 * @param identity       authority that issues instances their certificates; none means that they have none
 * @param identityValidity of those certificates
 * @param downloadIdentity  certificate and key shown to servers of artifacts
 * @param downloadAuthorities PEM files of authorities trusted for artifacts
 */
public record CellSettings(
        int memoryMb,
        int diskMb,
        Path folder,
        String hostAddress,
        int firstPort,
        int portCount,
        int maxContainers,
        Map<String, String> environment,
        @Nullable Path logFolder,
        Duration gracePeriod,
        Duration healthyInterval,
        Duration unhealthyInterval,
        Duration reservedExpiration,
        Duration selfCheckInterval,
        int maxLogLinesPerSecond,
        int createWorkers,
        int deleteWorkers,
        int maxDownloads,
        long maxCacheBytes,
        @Nullable Path cacheFolder,
        @Nullable Path trustedCertificates,
        RepConfig.@Nullable Certificates identity,
        Duration identityValidity,
        RepConfig.@Nullable Certificates downloadIdentity,
        List<Path> downloadAuthorities,
        boolean skipCertificateVerification) {
    private static final Duration MEMORY_INTERVAL = Duration.ofMillis(250);
    private static final Duration DISK_INTERVAL = Duration.ofSeconds(10);
    private static final int MAX_UPLOADS = 5;

    static CellSettings read(ConfigReader file) {
        file.choice("container_backend", "process", List.of("process"));
        int firstPort = file.integer("container_port_range_start", ProcessBackendSettings.FIRST_PORT, 1, 65535);
        return new CellSettings(
                capacity(file, "memory_mb"),
                capacity(file, "disk_mb"),
                file.file("container_dir").orElse(Path.of("/var/vcap/data/rep/containers")),
                file.string("container_host_ip", ""),
                firstPort,
                file.integer(
                        "container_port_range_size",
                        Math.min(ProcessBackendSettings.PORT_COUNT, 65536 - firstPort),
                        1,
                        65536 - firstPort),
                file.integer("container_max", 250, 2, 100_000),
                file.stringMap("container_environment"),
                file.file("container_log_dir").orElse(null),
                file.duration("graceful_shutdown_interval", Duration.ofSeconds(10)),
                RepConfig.positive(file, "healthy_monitoring_interval", Duration.ofSeconds(30)),
                RepConfig.positive(file, "unhealthy_monitoring_interval", Duration.ofSeconds(2)),
                RepConfig.positive(file, "reserved_expiration_time", Duration.ofMinutes(1)),
                RepConfig.positive(file, "garden_healthcheck_interval", Duration.ofMinutes(10)),
                file.integer("max_log_lines_per_second", 0, 0, Integer.MAX_VALUE),
                file.integer("create_work_pool_size", 32, 1, 10_000),
                file.integer("delete_work_pool_size", 32, 1, 10_000),
                file.integer("max_concurrent_downloads", 5, 1, 10_000),
                file.number("max_cache_size_in_bytes", 10_000_000_000L, 0, Long.MAX_VALUE),
                file.file("cache_path").orElse(null),
                file.file("trusted_system_certificates_path").orElse(null),
                pair(file, "instance_identity_ca_path", "instance_identity_private_key_path"),
                RepConfig.positive(file, "instance_identity_validity_period", Duration.ofHours(24)),
                pair(file, "path_to_tls_cert", "path_to_tls_key"),
                downloadAuthorities(file),
                file.bool("skip_cert_verify", false));
    }

    /** A number of MiB, or {@code auto}. */
    private static int capacity(ConfigReader file, String key) {
        return file.string(key, "auto").equals("auto") ? 0 : file.integer(key, 0, 1, Integer.MAX_VALUE);
    }

    /** Both or neither. */
    private static RepConfig.@Nullable Certificates pair(ConfigReader file, String certificateKey, String keyKey) {
        var certificate = file.file(certificateKey);
        var key = file.file(keyKey);
        if (certificate.isPresent() != key.isPresent()) {
            file.refuse(certificate.isPresent() ? keyKey : certificateKey, "missing", "both or neither");
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            return null;
        }
        return new RepConfig.Certificates(certificate.get(), certificate.get(), key.get());
    }

    private static List<Path> downloadAuthorities(ConfigReader file) {
        return List.of("path_to_ca_certs_for_downloads", "path_to_tls_ca_cert").stream()
                .flatMap(key -> file.file(key).stream())
                .distinct()
                .toList();
    }

    /** @throws IllegalArgumentException when a certificate cannot be read */
    ExecutorSettings executor(String cellId, Duration metricsInterval) {
        return new ExecutorSettings(
                cellId,
                memoryMb,
                diskMb,
                createWorkers,
                deleteWorkers,
                maxDownloads,
                MAX_UPLOADS,
                gracePeriod,
                healthyInterval,
                unhealthyInterval,
                reservedExpiration,
                metricsInterval,
                selfCheckInterval,
                maxLogLinesPerSecond,
                cacheFolder == null ? folder.resolve("downloads") : cacheFolder,
                maxCacheBytes,
                trustedCertificates,
                downloadIdentity == null
                        ? null
                        : TlsIdentity.read(downloadIdentity.certificate(), downloadIdentity.key()),
                downloadAuthorities.stream()
                        .flatMap(path -> Pem.certificates(path).stream())
                        .toList(),
                skipCertificateVerification);
    }

    /** @throws IllegalArgumentException when the authority cannot be read */
    Optional<InstanceIdentity> instanceIdentity(Clock clock) {
        return Optional.ofNullable(identity)
                .map(files -> new InstanceIdentity(
                        new CertificateAuthority(TlsIdentity.read(files.certificate(), files.key()), clock),
                        identityValidity));
    }

    ProcessBackendSettings processes(String address) {
        return new ProcessBackendSettings(
                folder,
                address,
                firstPort,
                portCount,
                environment,
                HostResources.memoryBytes(),
                HostResources.diskBytes(folder),
                maxContainers,
                MEMORY_INTERVAL,
                DISK_INTERVAL);
    }
}
