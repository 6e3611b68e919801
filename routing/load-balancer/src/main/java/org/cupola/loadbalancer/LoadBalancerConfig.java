package org.cupola.loadbalancer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.RelaySettings;
import org.jspecify.annotations.Nullable;

/**
 * What is balanced, and how; the package describes the file. Immutable.
 *
 * @param http         none means that no HTTP load balancer runs
 * @param tcp          likewise
 * @param dns          likewise
 * @param drainTimeout how long {@code close} waits for open connections
 */
public record LoadBalancerConfig(
        @Nullable Http http, @Nullable Tcp tcp, @Nullable Dns dns, Health health, Duration drainTimeout) {

    /** How the next backend is chosen. */
    public enum Balance {
        ROUND_ROBIN,
        LEAST_CONNECTION
    }

    /**
     * How one kind of connections is relayed.
     *
     * @param proxyHeader    sent ahead of each connection; none means none
     * @param maxConnections open at once; the next one is closed at once and counted
     * @param connectTimeout for each backend
     */
    public record Relaying(
            Balance balance,
            ProxyHeader.@Nullable Version proxyHeader,
            int maxConnections,
            Duration connectTimeout,
            RelaySettings relay) {}

    /** An HTTP router. {@code health} none means that being connectable is health enough. */
    public record HttpBackend(
            InetSocketAddress address, @Nullable URI health) {}

    /** A TCP router, whose port is the one the client came to. */
    public record TcpBackend(InetAddress address, URI health) {}

    /** The HTTP load balancer. */
    public record Http(InetSocketAddress listen, List<HttpBackend> backends, Relaying relaying) {
        public Http {
            backends = List.copyOf(backends);
        }
    }

    /** The TCP load balancer; it listens on all ports from the first to the last. */
    public record Tcp(
            InetAddress listenAddress, int firstPort, int lastPort, List<TcpBackend> backends, Relaying relaying) {
        public Tcp {
            backends = List.copyOf(backends);
        }
    }

    /** The DNS server. */
    public record Dns(InetSocketAddress listen, Duration ttl, List<Zone> zones) {
        public Dns {
            zones = List.copyOf(zones);
        }
    }

    /** A domain, itself and everything below, that has these addresses. */
    public record Zone(String domain, List<InetAddress> addresses) {
        public Zone {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * How backends are watched.
     *
     * @param rise good answers in a row until a backend is used
     * @param fall bad answers in a row until it is not
     */
    public record Health(Duration interval, Duration timeout, int rise, int fall) {
        public static final Health DEFAULT = new Health(Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 2);
    }

    /** @throws ConfigException when the file cannot be read, or with every problem found in it */
    public static LoadBalancerConfig read(Path file) throws ConfigException {
        return LoadBalancerConfigReader.read(ConfigReader.yaml(file));
    }

    /** @param source named in problems */
    public static LoadBalancerConfig parse(String source, String yaml) throws ConfigException {
        return LoadBalancerConfigReader.read(ConfigReader.ofYaml(source, yaml));
    }
}
