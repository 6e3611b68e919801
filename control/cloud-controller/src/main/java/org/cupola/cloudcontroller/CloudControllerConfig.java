package org.cupola.cloudcontroller;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.sql.DatabaseConfig;

/**
 * The Cloud Controller's settings, read from {@code cloud_controller_ng.yml}. Immutable.
 *
 * <p>Beside the original's keys it knows a few of its own: {@code lifecycle}, {@code mutual_tls} and {@code external_tls} (the
 * original leaves TLS to a proxy in front).
 *
 * @param listen        where the API is served; port 0 picks a free one
 * @param externalTls   certificate and key of the API; empty means plain HTTP
 * @param internal      the mutual-TLS listener for cells; empty means that there is none
 * @param apiUrl        the API as clients reach it, without a slash at the end
 * @param systemDomain  whose well known hosts nobody may take; empty for none
 */
public record CloudControllerConfig(
        InetSocketAddress listen,
        Optional<KeyPairFiles> externalTls,
        Optional<Internal> internal,
        String apiUrl,
        String systemDomain,
        DatabaseConfig database,
        Uaa uaa,
        Optional<RoutingApi> routingApi,
        Optional<Bbs> bbs,
        Blobs blobs,
        AppLimits limits,
        Platform platform,
        Logging logging,
        InfoSettings info) {

    /**
     * @param logCache where instances' usage is read; none means that it is not known
     * @param agent    the Loggregator agent's UDP side, for apps' logs; none means that nothing is logged there
     */
    public record Logging(Optional<LogCache> logCache, Optional<InetSocketAddress> agent) {}

    /**
     * @param address {@code host:port}, gRPC with mutual TLS
     */
    public record LogCache(String address, KeyPairFiles identity, Path authority) {}

    /** PEM files. */
    public record KeyPairFiles(Path certificate, Path key) {}

    /**
     * What cells talk to.
     *
     * @param address    port 0 picks a free one
     * @param hostname   under which cells reach it
     * @param authority  who issued the cells' certificates
     */
    public record Internal(InetSocketAddress address, String hostname, KeyPairFiles identity, Path authority) {}

    /**
     * @param url         for people's browsers and clients
     * @param internalUrl for our own requests
     * @param loginUrl    where tokens are had
     * @param resourceIds one must be in a token's audience
     * @param authority   trusted beside the JDK's list
     * @param lookup      the client that may look up user names; empty means that names are not looked up
     */
    public record Uaa(
            String url,
            URI internalUrl,
            String loginUrl,
            List<String> resourceIds,
            Optional<Path> authority,
            Optional<Client> lookup) {}

    /** A client of the UAA. */
    public record Client(String name, Secret secret) {}

    /**
     * @param url      for our own requests
     * @param externalUrl what clients are told
     */
    public record RoutingApi(URI url, String externalUrl, Client client, Optional<Path> authority) {}

    /** The BBS and how we show who we are; no files means plain HTTP, as tests use it. */
    public record Bbs(URI url, Optional<Path> authority, Optional<KeyPairFiles> identity, Duration timeout) {}

    /**
     * Where packages, droplets and the files apps have in common are kept.
     *
     * @param minFileBytes smaller files are not kept for later uploads
     * @param keptPackages how many packages an app keeps beside the one it runs, and how many droplets
     */
    public record Blobs(
            BlobSetting packages,
            BlobSetting droplets,
            BlobSetting resources,
            Path temporary,
            long maxPackageBytes,
            long minFileBytes,
            long maxFileBytes,
            int keptPackages,
            int keptDroplets) {}

    /**
     * One store: a local directory, or a WebDAV server.
     *
     * @param directory its folder below the root, such as {@code cc-droplets}
     */
    public record BlobSetting(String directory, Optional<Path> localRoot, Optional<WebDav> webDav) {}

    /** A WebDAV blobstore; the endpoints are for ourselves and for users. */
    public record WebDav(
            URI privateEndpoint, URI publicEndpoint, String user, Secret password, Optional<Path> authority) {}

    /** Defaults and bounds of processes; sizes in MB, rates in bytes per second, times in seconds. */
    public record AppLimits(
            int defaultMemoryMb,
            int defaultDiskMb,
            int maxDiskMb,
            long defaultLogRate,
            int defaultHealthCheckTimeout,
            int maxHealthCheckTimeout,
            int stagingMemoryMb,
            int stagingDiskMb,
            Duration stagingTimeout,
            int fileDescriptors,
            int maxPids,
            int maxLabels,
            int maxAnnotations) {}

    /**
     * What the installation offers and how it runs apps.
     *
     * @param lifecycle   {@code buildpack}: cells have the original's lifecycle binaries; {@code process}: apps are started by
     *                    what cells without containers put in the launcher's place
     * @param fileServer  where cells get the lifecycle binaries from; empty for {@code process}
     * @param domains     made at the first start
     * @param defaultQuota limits of the default organization quota
     */
    public record Platform(
            String lifecycle,
            String fileServer,
            List<SharedDomain> domains,
            List<String> reservedHosts,
            List<StackSetting> stacks,
            String defaultStack,
            DefaultQuota defaultQuota,
            String systemOrganization,
            boolean sshAllowed,
            boolean sshByDefault,
            Duration syncInterval,
            Duration deploymentInterval) {}

    /** A shared domain; a router group makes it TCP. */
    public record SharedDomain(String name, boolean internal, Optional<String> routerGroup) {}

    public record StackSetting(String name, String description) {}

    /** Negative means unlimited. */
    public record DefaultQuota(
            String name, long memoryMb, long services, boolean paidServices, long routes, long reservedPorts) {}

    /** What {@code /v3/info} and {@code /v2/info} tell. */
    public record InfoSettings(
            String name,
            String build,
            int version,
            String supportAddress,
            String description,
            String minCliVersion,
            String minRecommendedCliVersion,
            String sshEndpoint,
            String sshFingerprint,
            String sshClient,
            String dopplerUrl,
            String logCacheUrl,
            String logStreamUrl) {}

    /** @throws ConfigException with everything that is wrong with the file */
    public static CloudControllerConfig read(Path file) throws ConfigException {
        return ConfigFile.read(ConfigReader.yaml(file));
    }

    /** As {@link #read(Path)}, from a text; {@code source} is what problems name. */
    public static CloudControllerConfig parse(String source, String yaml) throws ConfigException {
        return ConfigFile.read(ConfigReader.ofYaml(source, yaml));
    }
}
