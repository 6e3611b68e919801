package org.cupola.gorouter;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cupola.gorouter.protection.RouteLimits;
import org.cupola.gorouter.proxy.HeaderRules.ClientCert;
import org.cupola.gorouter.proxy.ProxySettings.ForwardedProto;
import org.cupola.gorouter.proxy.ProxySettings.QueryRedaction;
import org.cupola.gorouter.routes.Balancing;
import org.cupola.gorouter.routes.Sharding;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.net.Transport;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.NatsSettings;
import org.jspecify.annotations.Nullable;

/**
 * What {@code gorouter.yml} says. Immutable. Keys, defaults and rules are the original's; keys of our own are marked.
 */
public record GorouterConfig(
        Frontend frontend,
        Status status,
        NatsSettings nats,
        Registry registry,
        Backends backends,
        Headers headers,
        RouteServices routeServices,
        Logs logs,
        Tracing tracing,
        Prometheus prometheus,
        Metrics metrics,
        Optional<RoutingApi> routingApi,
        Drain drain,
        Beyond beyond) {

    /** How to log until it is known how to log: what the original does with problems of its configuration. */
    public static final LogSettings LOGS_OF_READING =
            new LogSettings(LogSettings.LogFormat.ZAP_EPOCH, LogSettings.LogLevel.INFO, "gorouter.stdout");

    /** Reads and checks a file; {@link ConfigException} names every problem. */
    public static GorouterConfig read(Path file) throws ConfigException {
        return new GorouterConfigReader(ConfigReader.yaml(file)).read();
    }

    /** What holds without a file. */
    public static GorouterConfig defaults() throws ConfigException {
        return parse("defaults", "");
    }

    /** As {@link #read}, from text; {@code source} is how problems name it. */
    public static GorouterConfig parse(String source, String yaml) throws ConfigException {
        return new GorouterConfigReader(ConfigReader.ofYaml(source, yaml)).read();
    }

    /**
     * Where clients come in.
     *
     * @param port         plain HTTP; 0 picks a free one
     * @param plain        whether there is a plain listener
     * @param tls          the HTTPS listener, if any
     * @param readHeader   zero for no limit
     * @param maxHeaders   header lines, 0 for no limit
     * @param hopByHopFilter names that a Connection header cannot strip
     */
    public record Frontend(
            int port,
            boolean plain,
            Optional<FrontendTls> tls,
            boolean http2,
            boolean proxyProtocol,
            Duration idleTimeout,
            Duration readHeader,
            int maxHeaderBytes,
            int maxHeaders,
            Set<String> hopByHopFilter) {}

    /** Whether clients of the HTTPS listener must show a certificate. */
    public enum ClientCertificate {
        NONE,
        REQUEST,
        REQUIRE
    }

    /**
     * The HTTPS listener.
     *
     * @param clientAuthorities PEM text, empty for none
     * @param onlyTheirs        whether the system's authorities do not count
     */
    public record FrontendTls(
            int port,
            List<TlsIdentity> identities,
            TlsLimits limits,
            ClientCertificate clientCertificate,
            String clientAuthorities,
            boolean onlyTheirs,
            List<CertificateRule> certificateRules) {
        public FrontendTls {
            identities = List.copyOf(identities);
            certificateRules = List.copyOf(certificateRules);
        }
    }

    /** @param ciphers IANA names, empty for the library's choice */
    public record TlsLimits(List<String> ciphers, String minVersion, String maxVersion) {
        public TlsLimits {
            ciphers = List.copyOf(ciphers);
        }
    }

    /** Which subjects certificates under one authority may have. */
    public record CertificateRule(Subject issuerInChain, List<Subject> validSubjects) {}

    /** A distinguished name as configured. */
    public record Subject(
            List<String> country,
            List<String> organization,
            List<String> organizationalUnit,
            String commonName,
            String serialNumber,
            List<String> locality,
            List<String> province,
            List<String> streetAddress,
            List<String> postalCode) {}

    /**
     * Where operators and load balancers look.
     *
     * @param host       of the deprecated listener only
     * @param plain      whether there is a plain listener on {@code port}
     * @param deprecated whether it also serves {@code /healthz}, {@code /varz} and {@code /routes}
     * @param tls        identity of the TLS listener, if there is one
     * @param debug      of the debug server, if there is one
     */
    public record Status(
            String host,
            int port,
            boolean plain,
            boolean deprecated,
            int tlsPort,
            @Nullable TlsIdentity tls,
            String user,
            Secret password,
            int routesPort,
            @Nullable InetSocketAddress debug) {}

    /** How routes are learnt and forgotten. */
    public record Registry(
            int index,
            Duration startDelay,
            Duration pruneInterval,
            Duration staleThreshold,
            boolean suspendPruning,
            Duration activeAppsInterval,
            Sharding sharding,
            String zone,
            boolean emptyPool503,
            Duration emptyPoolTimeout) {}

    /**
     * How backends are spoken to.
     *
     * @param maxConnections    requests in flight per backend, 0 for no limit
     * @param preferOwnZone     whether the first attempt goes to an endpoint of our zone
     * @param endpointTimeout   for the whole exchange; zero or less for none
     * @param http1Timeout      overrides it for clients of HTTP/1, {@code null} for no override
     * @param http2Timeout      overrides it for clients of HTTP/2
     * @param authorities       PEM text of more authorities to trust
     */
    public record Backends(
            long maxConnections,
            int maxAttempts,
            @Nullable TlsIdentity identity,
            Balancing balancing,
            boolean preferOwnZone,
            Duration endpointTimeout,
            @Nullable Duration http1Timeout,
            @Nullable Duration http2Timeout,
            Duration dialTimeout,
            Duration handshakeTimeout,
            Duration keepAliveProbe,
            boolean keepAlive,
            int maxIdle,
            int maxIdlePerHost,
            int maxResponseHeaderBytes,
            int maxResponseHeaders,
            boolean keepAliveAfterContinue,
            List<String> ciphers,
            List<String> authorities) {}

    /** A header to add to responses. */
    public record Header(String name, String value) {}

    /** What is changed about heads. */
    public record Headers(
            ClientCert clientCert,
            ForwardedProto forwardedProto,
            Set<String> stickyCookies,
            boolean stickyForNegotiate,
            boolean secureCookies,
            String traceKey,
            List<Header> added,
            List<String> removed,
            Optional<Path> errorTemplate,
            String healthCheckUserAgent) {}

    /** @param secret empty switches route services off */
    public record RouteServices(
            Secret secret,
            Secret previousSecret,
            Duration timeout,
            boolean recommendHttps,
            boolean hairpinning,
            List<String> hairpinningAllowlist,
            int internalPort,
            int maxAttempts,
            boolean strictSignature,
            boolean skipCertificateCheck,
            @Nullable TlsIdentity identity,
            TlsLimits limits) {}

    /**
     * @param accessFile   of the access log, if any
     * @param syslog       of the access log, if wanted
     */
    public record Logs(
            LogSettings settings,
            Optional<Path> accessFile,
            Optional<Syslog> syslog,
            boolean forwardedFor,
            boolean sourceAddress,
            QueryRedaction queryRedaction,
            List<String> extraFields,
            List<String> extraHeaders) {}

    /** @param truncate longest message in bytes, 0 for any */
    public record Syslog(String network, String address, String name, int truncate) {}

    /** Which trace headers are read and made. */
    public record Tracing(boolean zipkin, boolean w3c, String w3cTenant) {}

    /** @param port -1 for no endpoint */
    public record Prometheus(
            int port,
            Optional<Path> certificate,
            Optional<Path> key,
            Optional<Path> authorities,
            List<Double> lookupBuckets,
            List<Double> gorouterTimeBuckets,
            List<Double> registrationBuckets,
            List<Double> responseBuckets,
            List<Double> httpLatencyBuckets) {}

    /** What is measured and where Loggregator listens. */
    public record Metrics(
            String metronAddress,
            boolean loggregatorAccessLog,
            boolean envelopeV1,
            boolean serverEvents,
            boolean clientEvents,
            boolean perRequest,
            boolean perAppHttp,
            Duration registrationMuzzle) {}

    /** The Routing API as a second source of routes. */
    public record RoutingApi(
            String uri,
            int port,
            boolean authDisabled,
            String authorities,
            @Nullable TlsIdentity identity,
            OAuth oauth) {}

    /** How tokens for it are had. */
    public record OAuth(
            String endpoint,
            int port,
            boolean skipCertificateCheck,
            String client,
            Secret secret,
            Optional<Path> authorities,
            int maxRetries,
            Duration retryInterval,
            Duration expirationBuffer) {}

    /** @param before how long to go on serving after health checks have begun to fail */
    public record Drain(Duration before, Duration timeout) {}

    /**
     * Keys of our own, below {@code cupola} but for the first.
     *
     * @param host       address that the traffic and health listeners bind ({@code listen_address}, default all)
     * @param threads    event loops ({@code go_max_procs}, where the original has it too)
     * @param takeOver   whether the ports may still be held by a router that is about to drain ({@code cupola.take_over})
     * @param snapshot   file that keeps the routes over a restart ({@code cupola.snapshot_file})
     * @param transport  one that this machine has ({@code cupola.transport})
     * @param watchInterval how often files are looked at for changed certificates, zero for never
     *                   ({@code cupola.watch_interval})
     * @param dropMissing whether endpoints are dropped that their cell announces no more ({@code cupola.drop_missing})
     * @param routeDefaults limits of routes that do not say otherwise ({@code cupola.route_defaults})
     * @param metrics    what is measured one by one ({@code cupola.metrics})
     * @param http3      HTTP/3 beside HTTPS, if wanted ({@code cupola.enable_http3})
     */
    public record Beyond(
            String host,
            int threads,
            boolean takeOver,
            Optional<Path> snapshot,
            Transport transport,
            Duration watchInterval,
            boolean dropMissing,
            RouteLimits routeDefaults,
            SeriesKeys metrics,
            Optional<Http3> http3) {}

    /**
     * @param max            routes, backends and apps told apart, as many of each
     * @param latencyBuckets of the histograms of routes and backends, seconds
     */
    public record SeriesKeys(boolean perRoute, boolean perBackend, int max, List<Double> latencyBuckets) {
        public SeriesKeys {
            latencyBuckets = List.copyOf(latencyBuckets);
        }
    }

    /**
     * HTTP/3 on the UDP port with the number of the HTTPS port.
     *
     * @param advertisedPort by which clients reach it ({@code cupola.http3_advertised_port}); 0 for the same number
     */
    public record Http3(int advertisedPort) {}
}
