package org.cupola.tcprouter;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.cupola.tcprouter.RouteTable.Details;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes snapshots for the data plane of what the table says, leaving out what cannot be served and saying so. Stateless but
 * for its settings; any thread.
 */
final class RouteCompiler {
    private static final Logger log = LoggerFactory.getLogger(RouteCompiler.class);

    private static final Pattern NAME =
            Pattern.compile("(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,62})(?:\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*[._]?");
    private static final int MAX_NAME_CHARACTERS = 255;

    private final boolean backendTls;
    private final Balancing balancing;
    private final Map<Integer, Balancing> balancingByPort;

    RouteCompiler(boolean backendTls, Balancing balancing, Map<Integer, Balancing> balancingByPort) {
        this.backendTls = backendTls;
        this.balancing = balancing;
        this.balancingByPort = Map.copyOf(balancingByPort);
    }

    /**
     * @param before what is in force for the port, whose backends live on; may be absent
     * @return absent when nothing of the port can be served
     */
    @Nullable
    PortRoutes compile(int port, Map<String, Map<BackendKey, Details>> hosts, @Nullable PortRoutes before) {
        if (port == 0) {
            invalid("frontend_configuration.port", port, "");
            return null;
        }
        Map<BackendKey, Backend> known = before == null ? Map.of() : before.backends();
        Pool plain = null;
        Map<String, Pool> bySni = new HashMap<>();
        for (var host : new TreeMap<>(hosts).entrySet()) {
            if (!host.getKey().isEmpty() && !isSniHost(host.getKey())) {
                invalid("frontend_configuration.sni_hostname", port, host.getKey());
                continue;
            }
            List<Backend> backends = backends(port, host.getValue(), known);
            if (backends == null) {
                invalid("backend_configuration.servers", port, host.getKey());
                continue;
            }
            var pool = new Pool(backends, balancingByPort.getOrDefault(port, balancing));
            if (host.getKey().isEmpty()) {
                plain = pool;
            } else {
                bySni.put(normal(host.getKey()), pool);
            }
        }
        var routes = new PortRoutes(plain, bySni);
        return routes.isEmpty() ? null : routes;
    }

    /** Null when none is valid; an empty list when all that are need TLS, which is off: then clients are let in and closed. */
    private @Nullable List<Backend> backends(
            int port, Map<BackendKey, Details> entries, Map<BackendKey, Backend> known) {
        Map<String, BackendKey> byAddress = new LinkedHashMap<>();
        boolean anyValid = false;
        for (BackendKey key : newestLast(entries)) {
            String problem = problem(key);
            if (problem != null) {
                invalid(problem, port, key.address());
                continue;
            }
            anyValid = true;
            if (key.tls() && !backendTls) {
                log.atError()
                        .addKeyValue("port", port)
                        .addKeyValue("backend", key.address())
                        .log("backend-tls-not-enabled");
                continue;
            }
            if (key.tlsPort() == 0 && backendTls) {
                log.atWarn()
                        .addKeyValue("port", port)
                        .addKeyValue("backend", key.address())
                        .log("route-missing-tls-information");
            }
            // Attributes that changed make a second entry for an address until the first expires: the newest counts.
            byAddress.put(key.address() + " " + key.usedPort(), key);
        }
        return anyValid ? backends(byAddress.values(), known) : null;
    }

    private static List<BackendKey> newestLast(Map<BackendKey, Details> entries) {
        return entries.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<BackendKey, Details> entry) ->
                                entry.getValue().receivedAt())
                        .thenComparing(entry -> entry.getKey().toString()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<Backend> backends(Collection<BackendKey> keys, Map<BackendKey, Backend> known) {
        List<Backend> backends = new ArrayList<>();
        keys.stream()
                .sorted(Comparator.comparing(BackendKey::address).thenComparingInt(BackendKey::port))
                .forEach(key -> {
                    Backend there = known.get(key);
                    backends.add(there == null ? new Backend(key, address(key)) : there);
                });
        return backends;
    }

    private static InetSocketAddress address(BackendKey key) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(key.address());
        if (literal == null) {
            return InetSocketAddress.createUnresolved(key.address(), key.usedPort());
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(literal), key.usedPort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }

    private static @Nullable String problem(BackendKey key) {
        if (key.port() == 0 && key.tlsPort() <= 0) {
            return "backend_configuration.port";
        }
        if (!isName(key.address()) && NetUtil.createByteArrayFromIpAddressString(key.address()) == null) {
            return "backend_configuration.address";
        }
        return key.tlsPort() > 65_535 ? "backend_configuration.port" : null;
    }

    private static boolean isSniHost(String host) {
        return isName(host.startsWith("*.") ? host.substring(2) : host);
    }

    private static boolean isName(String text) {
        return text.length() <= 2 * MAX_NAME_CHARACTERS
                && text.replace(".", "").length() <= MAX_NAME_CHARACTERS
                && NAME.matcher(text).matches();
    }

    private static String normal(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static void invalid(String field, int port, String value) {
        log.atError()
                .addKeyValue("field", field)
                .addKeyValue("port", port)
                .addKeyValue("value", value)
                .log("skipping-invalid-routing-table-entry");
    }
}
