package org.cupola.tcprouter;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.net.Transport;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The TCP router's configuration: the original's YAML file and flags, and keys of ours. Immutable.
 *
 * @param isolationSegments       only logged, as the original does
 * @param servedSegments          ours: serve only routes of these isolation segments, the empty text standing for
 *                                none; an empty set serves all
 * @param servedRouterGroups      ours: serve only routes of these router group guids; an empty set serves all
 * @param reservedPorts           of system components; compared with the router groups at start
 * @param drainWait               how long a draining router goes on accepting
 * @param connectionDrain         ours: how long open connections are waited for after that
 * @param backendTls              absent when off
 * @param frontendIdentities      for routes that end TLS here
 * @param transport              ours: how external connections are carried
 * @param healthListeners         where {@code /health} is answered
 * @param watchInterval           ours: between two looks for changed certificates; zero means never
 * @param files                   that were read besides the configuration, and those named for later
 */
public record TcpRouterConfig(
        @Nullable OAuth oauth,
        RoutingApi routingApi,
        List<String> isolationSegments,
        Set<String> servedSegments,
        Set<String> servedRouterGroups,
        List<Integer> reservedPorts,
        Duration drainWait,
        Duration connectionDrain,
        @Nullable BackendTlsFiles backendTls,
        List<TlsIdentity> frontendIdentities,
        DataPlaneSettings dataPlane,
        Transport transport,
        BalancingRules balancing,
        List<HealthListener> healthListeners,
        Duration watchInterval,
        Set<Path> files,
        TcpRouterFlags flags) {
    public TcpRouterConfig {
        isolationSegments = List.copyOf(isolationSegments);
        servedSegments = Set.copyOf(servedSegments);
        servedRouterGroups = Set.copyOf(servedRouterGroups);
        reservedPorts = List.copyOf(reservedPorts);
        frontendIdentities = List.copyOf(frontendIdentities);
        healthListeners = List.copyOf(healthListeners);
        files = Set.copyOf(files);
    }

    /** The UAA that issues our tokens. */
    public record OAuth(
            URI uaa,
            boolean skipSslValidation,
            String clientName,
            Secret clientSecret,
            @Nullable Path caCerts) {}

    /** The Routing API, over mutual TLS when the scheme is https. */
    public record RoutingApi(
            URI uri,
            @Nullable Path clientCert,
            @Nullable Path clientPrivateKey,
            @Nullable Path caCert) {

        /** What we show it, if anything; {@link IllegalArgumentException} when the files cannot be used. */
        @Nullable
        TlsIdentity identity() {
            return clientCert == null || clientPrivateKey == null
                    ? null
                    : TlsIdentity.read(clientCert, clientPrivateKey);
        }

        /** Whom it is checked against; none means the JDK's list. */
        List<X509Certificate> authorities() {
            return caCert == null ? List.of() : Pem.certificates(caCert);
        }
    }

    /** What TLS backends are checked against, and what they are shown. */
    public record BackendTlsFiles(
            List<X509Certificate> authorities, @Nullable TlsIdentity identity) {
        public BackendTlsFiles {
            authorities = List.copyOf(authorities);
        }
    }

    /** How backends are chosen, on all ports but the given ones. */
    record BalancingRules(Balancing otherwise, Map<Integer, Balancing> byPort) {}

    /** A plain listener, or one with a certificate. */
    record HealthListener(
            InetSocketAddress address, @Nullable TlsIdentity identity) {}

    /** @throws ConfigException with every problem of the file and the flags */
    public static TcpRouterConfig read(Path file, TcpRouterFlags flags) throws ConfigException {
        return read(ConfigReader.yaml(file), flags);
    }

    /** With the original's default flags. */
    public static TcpRouterConfig read(Path file) throws ConfigException {
        return read(file, TcpRouterFlags.DEFAULT);
    }

    static TcpRouterConfig read(ConfigReader file, TcpRouterFlags flags) throws ConfigException {
        Path base = flags.baseConfig();
        return new TcpRouterConfigReader(file, base == null ? HaproxyHead.NONE : HaproxyHead.read(base))
                .read(flags.validated());
    }
}
