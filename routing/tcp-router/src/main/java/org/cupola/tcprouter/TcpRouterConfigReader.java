package org.cupola.tcprouter;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.Secret;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.Transport;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.tcprouter.TcpRouterConfig.BackendTlsFiles;
import org.cupola.tcprouter.TcpRouterConfig.BalancingRules;
import org.cupola.tcprouter.TcpRouterConfig.HealthListener;
import org.cupola.tcprouter.TcpRouterConfig.OAuth;
import org.cupola.tcprouter.TcpRouterConfig.RoutingApi;
import org.jspecify.annotations.Nullable;

/** Reads a {@link TcpRouterConfig}, gathering all problems. Confined to one thread. */
final class TcpRouterConfigReader {
    private static final Duration DEFAULT_DRAIN_WAIT = Duration.ofSeconds(20);
    private static final Duration DEFAULT_WATCH_INTERVAL = Duration.ofSeconds(5);

    private final ConfigReader file;
    private final HaproxyHead head;
    private final Set<Path> files = new HashSet<>();

    TcpRouterConfigReader(ConfigReader file, HaproxyHead head) {
        this.file = file;
        this.head = head;
    }

    TcpRouterConfig read(TcpRouterFlags flags) throws ConfigException {
        file.required("haproxy_pid_file"); // of no use to us, but every original has it
        ConfigReader api = file.object("routing_api");
        boolean authDisabled = api.bool("auth_disabled", false);
        Duration drainWait = file.duration("drain_wait", Duration.ZERO);
        ConfigReader filter = file.object("serve_only");
        Path base = flags.baseConfig();
        if (base != null) {
            files.add(base);
        }
        var config = new TcpRouterConfig(
                oauth(file.object("oauth"), authDisabled),
                routingApi(api),
                file.strings("isolation_segments"),
                Set.copyOf(filter.strings("isolation_segments")),
                Set.copyOf(filter.strings("router_group_guids")),
                ports("reserved_system_component_ports"),
                drainWait.isNegative() ? DEFAULT_DRAIN_WAIT : drainWait,
                notNegative("drain_connections_timeout", Duration.ZERO),
                backendTls(file.object("backend_tls")),
                frontend(),
                dataPlane(),
                transport(),
                balancing(),
                health(),
                notNegative("watch_interval", DEFAULT_WATCH_INTERVAL),
                Stream.concat(files.stream(), file.files().stream()).collect(toUnmodifiableSet()),
                flags);
        file.finish();
        return config;
    }

    private @Nullable OAuth oauth(ConfigReader oauth, boolean authDisabled) {
        String endpoint = oauth.string("token_endpoint", "");
        int port = oauth.integer("port", 0, 0, 65_535);
        boolean skip = oauth.bool("skip_ssl_validation", false);
        String name = oauth.string("client_name", "");
        Secret secret = new Secret(oauth.string("client_secret", ""));
        Path ca = oauth.file("ca_certs").orElse(null);
        return authDisabled
                ? null
                : new OAuth(uri(oauth, "token_endpoint", "https://" + endpoint + ":" + port), skip, name, secret, ca);
    }

    private RoutingApi routingApi(ConfigReader api) {
        String uri = api.string("uri", "");
        int port = api.integer("port", 0, 0, 65_535);
        return new RoutingApi(
                uri(api, "uri", uri + ":" + port),
                api.file("client_cert_path").orElse(null),
                api.file("client_private_key_path").orElse(null),
                api.file("ca_cert_path").orElse(null));
    }

    private static URI uri(ConfigReader reader, String key, String text) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && uri.getPort() > 0) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        reader.refuse(key, text, "a host, and a port above 0");
        return URI.create("https://localhost:1");
    }

    private @Nullable BackendTlsFiles backendTls(ConfigReader tls) {
        boolean enabled = tls.bool("enabled", false);
        Path ca = tls.file("ca_cert_path").orElse(null);
        Path client = tls.file("client_cert_and_key_path").orElse(null);
        if (!enabled) {
            return null;
        }
        if (ca == null) {
            tls.refuse("ca_cert_path", "missing", "Backend TLS was enabled but no CA certificates were specified");
            return null;
        }
        return new BackendTlsFiles(
                read(tls, "ca_cert_path", () -> authorities(ca)).orElse(List.of()),
                client == null
                        ? null
                        : read(tls, "client_cert_and_key_path", () -> TlsIdentity.read(client, client))
                                .orElse(null));
    }

    /** An empty file trusts nobody in the original; we then trust what the JDK trusts. */
    private static List<X509Certificate> authorities(Path file) {
        try {
            return Files.readString(file).isBlank() ? List.of() : Pem.certificates(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read: " + e, e);
        }
    }

    private List<TlsIdentity> frontend() {
        List<TlsIdentity> identities = new ArrayList<>();
        for (ConfigReader inline : file.objects("frontend_tls")) {
            String name = inline.required("name");
            if (!name.isEmpty() && !name.matches("[a-zA-Z0-9_-]+")) {
                inline.refuse("name", name, "letters, digits, _ and -");
            }
            String chain = inline.required("cert_chain");
            String key = inline.required("private_key");
            if (!chain.isEmpty() && !key.isEmpty()) {
                TlsIdentity identity = read(inline, "cert_chain", () -> TlsIdentity.parse(chain, key))
                        .orElse(null);
                if (identity != null
                        && FrontendTls.names(identity.certificate()).isEmpty()) {
                    inline.refuse("cert_chain", name, "a certificate with DNS names");
                } else if (identity != null) {
                    identities.add(identity);
                }
            }
        }
        for (ConfigReader folder : file.objects("frontend_tls_pem")) {
            boolean enabled = folder.bool("enabled", false);
            Path path = folder.file("cert_path").orElse(null);
            if (enabled && path != null) {
                identities.addAll(read(folder, "cert_path", () -> folder(path)).orElse(List.of()));
            }
        }
        return identities;
    }

    /** HAProxy reads {@code x.pem} with the key inside, or beside it in {@code x.pem.key}; in the order of names. */
    private static List<TlsIdentity> folder(Path path) {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> !file.toString().endsWith(".key") && Files.isRegularFile(file))
                    .sorted()
                    .map(file -> {
                        Path key = Path.of(file + ".key");
                        return TlsIdentity.read(file, Files.exists(key) ? key : file);
                    })
                    .toList();
        } catch (IOException e) {
            throw new IllegalArgumentException(path + ": cannot be read: " + e, e);
        }
    }

    private DataPlaneSettings dataPlane() {
        Duration headConnect = head.connectTimeout();
        Duration headIdle = head.idleTimeout();
        Integer headMax = head.maxConnections();
        int max = headMax == null ? DataPlaneSettings.DEFAULT_MAX_CONNECTIONS : headMax;
        return new DataPlaneSettings(
                listenAddress(),
                file.integer("event_loops", 0, 0, 1024),
                positive(
                        "connect_timeout",
                        headConnect == null ? DataPlaneSettings.DEFAULT_CONNECT_TIMEOUT : headConnect),
                notNegative("idle_timeout", headIdle == null ? DataPlaneSettings.DEFAULT_IDLE_TIMEOUT : headIdle),
                positive("client_hello_timeout", DataPlaneSettings.DEFAULT_CLIENT_HELLO_TIMEOUT),
                file.integer("max_connections", max, 1, Integer.MAX_VALUE),
                file.integer("max_connections_per_port", max, 1, Integer.MAX_VALUE),
                file.bool("accept_proxy_protocol", false),
                switch (file.choice("send_proxy_protocol", "off", List.of("off", "v1", "v2"))) {
                    case "v1" -> ProxyHeader.Version.V1;
                    case "v2" -> ProxyHeader.Version.V2;
                    default -> null;
                },
                notNegative("removed_backend_timeout", Duration.ZERO),
                udp());
    }

    private Transport transport() {
        Transport preferred = Transport.preferred();
        String wanted = file.choice("transport", preferred.key(), Transport.keys());
        Transport transport = Transport.ofKey(wanted);
        if (!transport.isAvailable()) {
            file.refuse("transport", wanted, "one that this machine has, such as " + preferred.key());
            return preferred;
        }
        return transport;
    }

    private @Nullable Duration udp() {
        Duration idle = positive("udp_idle_timeout", DataPlaneSettings.DEFAULT_UDP_IDLE_TIMEOUT);
        return file.bool("udp_routes", false) ? idle : null;
    }

    private InetAddress listenAddress() {
        String text = file.string("listen_address", "0.0.0.0");
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            if (literal != null) {
                return InetAddress.getByAddress(literal);
            }
        } catch (UnknownHostException e) {
            // told below
        }
        file.refuse("listen_address", text, "an IP address");
        return InetAddress.getLoopbackAddress();
    }

    private BalancingRules balancing() {
        List<String> names =
                Arrays.stream(Balancing.values()).map(Balancing::configName).toList();
        Map<Integer, Balancing> byPort = new HashMap<>();
        ConfigReader ports = file.object("balancing_by_port");
        ports.keys().forEach(port -> {
            Balancing balancing = balancing(ports.choice(port, "round-robin", names));
            if (port.matches("\\d{1,5}")) {
                byPort.put(Integer.valueOf(port), balancing);
            } else {
                ports.refuse(port, port, "a port");
            }
        });
        return new BalancingRules(balancing(file.choice("balancing", "round-robin", names)), byPort);
    }

    private static Balancing balancing(String name) {
        return Arrays.stream(Balancing.values())
                .filter(balancing -> balancing.configName().equals(name))
                .findFirst()
                .orElse(Balancing.ROUND_ROBIN);
    }

    private List<HealthListener> health() {
        List<HealthListener> listeners = new ArrayList<>();
        for (HaproxyHead.HealthListener found : head.healthListeners()) {
            Path pem = found.certificateAndKey();
            if (pem != null) {
                files.add(pem);
            }
            TlsIdentity identity = pem == null
                    ? null
                    : read(file, "tcpLoadBalancerBaseConfig", () -> TlsIdentity.read(pem, pem))
                            .orElse(null);
            listeners.add(new HealthListener(new InetSocketAddress(found.host(), found.port()), identity));
        }
        file.string("health_check_address").ifPresent(text -> {
            int colon = text.lastIndexOf(':');
            String port = text.substring(colon + 1);
            if (colon > 0 && port.matches("\\d{1,5}") && Integer.parseInt(port) <= 65_535) {
                listeners.add(new HealthListener(
                        new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port)), null));
            } else {
                file.refuse("health_check_address", text, "host:port");
            }
        });
        return listeners;
    }

    private List<Integer> ports(String key) {
        List<Integer> ports = new ArrayList<>();
        for (String text : file.strings(key)) {
            if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65_535) {
                ports.add(Integer.valueOf(text));
            } else {
                file.refuse(key, text, "ports from 0 to 65535");
            }
        }
        return ports;
    }

    private Duration positive(String key, Duration otherwise) {
        Duration found = file.duration(key, otherwise);
        if (found.toMillis() < 1) {
            file.refuse(key, found, "at least 1ms");
            return otherwise;
        }
        return found;
    }

    private Duration notNegative(String key, Duration otherwise) {
        Duration found = file.duration(key, otherwise);
        if (found.isNegative()) {
            file.refuse(key, found, "not negative");
            return otherwise;
        }
        return found;
    }

    private static <T> Optional<T> read(ConfigReader reader, String key, Supplier<T> reading) {
        try {
            return Optional.of(reading.get());
        } catch (IllegalArgumentException e) {
            reader.refuse(key, String.valueOf(e.getMessage()), "usable PEM files");
            return Optional.empty();
        }
    }
}
