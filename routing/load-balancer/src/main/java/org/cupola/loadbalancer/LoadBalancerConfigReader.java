package org.cupola.loadbalancer;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.cupola.loadbalancer.LoadBalancerConfig.Balance;
import org.cupola.loadbalancer.LoadBalancerConfig.Dns;
import org.cupola.loadbalancer.LoadBalancerConfig.Health;
import org.cupola.loadbalancer.LoadBalancerConfig.Http;
import org.cupola.loadbalancer.LoadBalancerConfig.HttpBackend;
import org.cupola.loadbalancer.LoadBalancerConfig.Relaying;
import org.cupola.loadbalancer.LoadBalancerConfig.Tcp;
import org.cupola.loadbalancer.LoadBalancerConfig.TcpBackend;
import org.cupola.loadbalancer.LoadBalancerConfig.Zone;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.RelaySettings;
import org.jspecify.annotations.Nullable;

/** Reads the file; problems are noted with their path and reported together. */
final class LoadBalancerConfigReader {
    private static final Pattern DOMAIN = Pattern.compile("[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*");
    private static final int RELAY_BUFFER_BYTES = 64 * 1024;
    private static final InetSocketAddress NOWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private LoadBalancerConfigReader() {}

    static LoadBalancerConfig read(ConfigReader root) throws ConfigException {
        Http http = root.has("http") ? http(root.object("http")) : null;
        Tcp tcp = root.has("tcp") ? tcp(root.object("tcp")) : null;
        Dns dns = root.has("dns") ? dns(root.object("dns")) : null;
        if (http == null && tcp == null && dns == null) {
            root.refuse("http", "missing", "at least one of http, tcp and dns");
        }
        var config = new LoadBalancerConfig(
                http,
                tcp,
                dns,
                health(root.object("health")),
                atLeastZero(root, "drain_timeout", Duration.ofSeconds(10)));
        root.finish();
        return config;
    }

    private static Http http(ConfigReader section) {
        InetSocketAddress listen = resolved(section, "listen", address(section, "listen"));
        List<HttpBackend> backends = new ArrayList<>();
        for (ConfigReader backend : backends(section)) {
            backends.add(new HttpBackend(
                    resolved(backend, "address", address(backend, "address")),
                    url(backend).orElse(null)));
        }
        return new Http(listen, backends, relaying(section));
    }

    private static Tcp tcp(ConfigReader section) {
        InetAddress listen = ip(section, "listen_address", section.string("listen_address", "0.0.0.0"));
        int[] range = range(section);
        List<TcpBackend> backends = new ArrayList<>();
        for (ConfigReader backend : backends(section)) {
            Optional<URI> health = url(backend);
            if (health.isEmpty() && !backend.has("health")) {
                backend.refuse("health", "missing", "a URL, for a router without routes has no port to try");
            }
            backends.add(new TcpBackend(
                    ip(backend, "address", backend.required("address")), health.orElse(URI.create("http://nowhere"))));
        }
        return new Tcp(listen, range[0], range[1], backends, relaying(section));
    }

    private static List<ConfigReader> backends(ConfigReader section) {
        List<ConfigReader> backends = section.objects("backends");
        if (backends.isEmpty()) {
            section.refuse("backends", "none", "at least one");
        }
        return backends;
    }

    private static Relaying relaying(ConfigReader section) {
        String balance = section.choice("balance", "round-robin", List.of("round-robin", "least-connection"));
        return new Relaying(
                balance.equals("round-robin") ? Balance.ROUND_ROBIN : Balance.LEAST_CONNECTION,
                proxyHeader(section),
                section.integer("max_connections", 10_000, 1, Integer.MAX_VALUE),
                aboveZero(section, "connect_timeout", Duration.ofSeconds(2)),
                new RelaySettings(
                        RELAY_BUFFER_BYTES,
                        atLeastZero(section, "idle_timeout", Duration.ofMinutes(15)),
                        atLeastZero(section, "half_closed_timeout", Duration.ofMinutes(1))));
    }

    private static ProxyHeader.@Nullable Version proxyHeader(ConfigReader section) {
        String found = section.choice("proxy_protocol", "false", List.of("false", "true", "v1", "v2"));
        return switch (found) {
            case "true", "v1" -> ProxyHeader.Version.V1;
            case "v2" -> ProxyHeader.Version.V2;
            default -> null;
        };
    }

    private static Dns dns(ConfigReader section) {
        InetSocketAddress listen = resolved(section, "listen", address(section, "listen"));
        Duration ttl = atLeastZero(section, "ttl", Duration.ofSeconds(60));
        List<Zone> zones = new ArrayList<>();
        for (ConfigReader zone : section.objects("zones")) {
            String domain = zone.required("domain").toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
            if (!domain.isEmpty() && !DOMAIN.matcher(domain).matches()) {
                zone.refuse("domain", domain, "a domain name");
            }
            List<String> texts = zone.has("addresses") ? zone.strings("addresses") : List.of(zone.required("address"));
            String key = zone.has("addresses") ? "addresses" : "address";
            zones.add(new Zone(
                    domain, texts.stream().map(text -> ip(zone, key, text)).toList()));
        }
        if (zones.isEmpty()) {
            section.refuse("zones", "none", "at least one");
        }
        return new Dns(listen, ttl, zones);
    }

    private static Health health(ConfigReader section) {
        Health standard = Health.DEFAULT;
        return new Health(
                aboveZero(section, "interval", standard.interval()),
                aboveZero(section, "timeout", standard.timeout()),
                section.integer("rise", standard.rise(), 1, 100),
                section.integer("fall", standard.fall(), 1, 100));
    }

    private static Optional<InetSocketAddress> address(ConfigReader section, String key) {
        if (!section.has(key)) {
            section.refuse(key, "missing", "host:port");
        }
        return section.address(key);
    }

    /** Looked up once, here: a load balancer must not wait for a name server between client and router. */
    private static InetSocketAddress resolved(ConfigReader section, String key, Optional<InetSocketAddress> found) {
        if (found.isPresent() && found.get().isUnresolved()) {
            section.refuse(key, found.get().getHostString(), "a host that can be resolved");
        }
        return found.orElse(NOWHERE);
    }

    private static InetAddress ip(ConfigReader section, String key, String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            if (!text.isEmpty()) {
                section.refuse(key, text, "an IP address");
            }
            return InetAddress.getLoopbackAddress();
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IP address has 4 or 16 bytes", e);
        }
    }

    private static Optional<URI> url(ConfigReader backend) {
        Optional<String> text = backend.string("health");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI url = URI.create(text.get());
            if (url.getHost() != null && List.of("http", "https").contains(String.valueOf(url.getScheme()))) {
                return Optional.of(url);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        backend.refuse("health", text.get(), "an http or https URL");
        return Optional.empty();
    }

    /** {@code FIRST-LAST}, or one port. */
    private static int[] range(ConfigReader section) {
        String text = section.required("port_range");
        String[] ends = text.split("-", 2);
        try {
            int first = Integer.parseInt(ends[0].strip());
            int last = ends.length == 1 ? first : Integer.parseInt(ends[1].strip());
            if (first >= 1 && last <= 65535 && first <= last) {
                return new int[] {first, last};
            }
        } catch (NumberFormatException e) {
            // told below
        }
        if (!text.isEmpty()) {
            section.refuse("port_range", text, "FIRST-LAST within 1-65535");
        }
        return new int[] {1, 1};
    }

    private static Duration atLeastZero(ConfigReader section, String key, Duration otherwise) {
        Duration found = section.duration(key, otherwise);
        if (found.isNegative()) {
            section.refuse(key, found, ">= 0s");
            return otherwise;
        }
        return found;
    }

    private static Duration aboveZero(ConfigReader section, String key, Duration otherwise) {
        Duration found = section.duration(key, otherwise);
        if (found.toMillis() < 1) {
            section.refuse(key, found, ">= 1ms");
            return otherwise;
        }
        return found;
    }
}
