package org.cupola.routeregistrar;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.config.GoDuration;
import org.jspecify.annotations.Nullable;

/**
 * Reads one route of the static JSON file or of a dynamic YAML file, and notes everything that is wrong with it in the
 * original's words. Confined to the thread that reads.
 */
final class RouteReader {
    private static final int MAX_PORT = 65_535;
    private static final List<String> ALGORITHMS = List.of("round-robin", "least-connection");

    private final ConfigReader route;
    private final Problems problems;
    private final String globalHost;

    /**
     * @param problems   those of this route
     * @param globalHost for routes without their own
     */
    RouteReader(ConfigReader route, Problems problems, String globalHost) {
        this.route = route;
        this.problems = problems;
        this.globalHost = globalHost;
    }

    /** The name of a route's part of an error report: its name in quotes, else its number. */
    static String title(ConfigReader route, int index) {
        String name = route.string("name", "");
        return "'route " + (name.isEmpty() ? Integer.toString(index) : "\"" + name + "\"") + "'";
    }

    /** The route; meaningless when problems were noted. */
    RegistrarRoute read() {
        String type = route.string("type", "");
        boolean tcp = type.equals("tcp") || type.equals("sni");
        String name = route.string("name", "");
        if (!tcp && name.isEmpty()) {
            problems.add("no name");
        }
        String host = route.string("host", "").isEmpty() ? globalHost : route.string("host", "");
        if (host.isEmpty()) {
            problems.add("no host");
        }
        Optional<Duration> interval = interval();
        int port = port("port");
        int tlsPort = port("tls_port");
        int sniPort = port("sni_port");
        if (!route.has("port") && !route.has("tls_port") && !route.has("sni_port")) {
            problems.add("no port");
        }
        RegistrarRoute.Destination destination = tcp ? tcp(type, port, sniPort) : http(port, tlsPort);
        return new RegistrarRoute(
                name, host, interval.orElse(Duration.ofSeconds(1)), healthCheck(interval.orElse(null)), destination);
    }

    private int port(String key) {
        if (!route.has(key)) {
            return 0;
        }
        int port = route.integer(key, 1, 0, MAX_PORT);
        if (port == 0) {
            problems.add("invalid " + (key.equals("tls_port") ? "tls_port" : "port") + ": 0");
        }
        return port;
    }

    private RegistrarRoute.Http http(int port, int tlsPort) {
        List<String> uris = route.strings("uris");
        if (uris.isEmpty()) {
            problems.add("no URIs");
        } else if (uris.contains("")) {
            problems.add("empty URIs");
        }
        String protocol = route.string("protocol", "");
        if (!List.of("", "http1", "http2").contains(protocol)) {
            problems.add("unknown protocol: " + protocol);
        }
        String routeService = route.string("route_service_url", "");
        try {
            new URI(routeService).parseServerAuthority();
        } catch (URISyntaxException e) {
            problems.add("invalid route_service_url: " + e.getMessage());
        }
        return new RegistrarRoute.Http(
                port,
                tlsPort,
                protocol,
                tags(),
                uris,
                routeService,
                route.string("server_cert_domain_san", ""),
                algorithm());
    }

    private @Nullable Map<String, String> tags() {
        return route.has("tags") ? new LinkedHashMap<>(route.stringMap("tags")) : null;
    }

    /** {@code lb_algo} is what releases of 2024 called it. */
    private String algorithm() {
        ConfigReader options = route.object("options");
        String newer = options.string("loadbalancing", "");
        String older = options.string("lb_algo", "");
        String algorithm = newer.isEmpty() ? older : newer;
        if (!algorithm.isEmpty() && !ALGORITHMS.contains(algorithm)) {
            problems.add("unknown load balancing algorithm: " + algorithm + ". Allowed values: ["
                    + String.join(" ", ALGORITHMS) + "]");
        }
        return algorithm;
    }

    private RegistrarRoute.Tcp tcp(String type, int port, int sniPort) {
        boolean sni = type.equals("sni");
        String routerGroup = route.string("router_group", "");
        if (routerGroup.isEmpty()) {
            problems.add("missing router_group");
        }
        int externalPort = port("external_port");
        if (!route.has("external_port")) {
            problems.add("missing external_port");
        }
        if (sni && !route.has("sni_port") && (route.has("port") || route.has("tls_port"))) {
            problems.add("missing sni_port");
        }
        if (!sni && !route.has("port") && (route.has("sni_port") || route.has("tls_port"))) {
            problems.add("missing port");
        }
        return new RegistrarRoute.Tcp(
                sni ? sniPort : port,
                routerGroup,
                externalPort,
                route.string(sni ? "sni_routable_san" : "server_cert_domain_san", ""),
                route.string("sni_rewrite_san", ""),
                route.bool("terminate_frontend_tls", false),
                route.bool("enable_backend_tls", false),
                String.join(",", route.strings("alpns").stream().sorted().toList()));
    }

    private Optional<Duration> interval() {
        String text = route.string("registration_interval", "");
        if (text.isEmpty()) {
            problems.add("no registration_interval");
            return Optional.empty();
        }
        try {
            Duration interval = GoDuration.parse(text);
            if (interval.isPositive()) {
                return Optional.of(interval);
            }
            problems.add("invalid registration_interval: interval must be greater than 0");
        } catch (IllegalArgumentException e) {
            problems.add("invalid registration_interval: " + e.getMessage());
        }
        return Optional.empty();
    }

    private @Nullable HealthCheck healthCheck(@Nullable Duration interval) {
        if (!route.has("health_check")) {
            return null;
        }
        ConfigReader check = route.object("health_check");
        check.value("unrestricted_volumes"); // what BOSH's container may see is no concern of this program
        check.value("privileged");
        var mine = new Problems("'healthcheck'");
        String name = check.string("name", "");
        if (name.isEmpty()) {
            mine.add("no name");
        }
        String script = check.string("script_path", "");
        if (script.isEmpty()) {
            mine.add("no script_path");
        }
        Duration timeout = timeout(check.string("timeout", ""), interval, mine);
        problems.add(mine);
        return new HealthCheck(name, script, timeout);
    }

    private static Duration timeout(String text, @Nullable Duration interval, Problems problems) {
        Duration half = interval == null ? Duration.ofSeconds(1) : interval.dividedBy(2);
        if (text.isEmpty()) {
            return half;
        }
        try {
            Duration timeout = GoDuration.parse(text);
            if (!timeout.isPositive()) {
                problems.add("invalid healthcheck timeout: " + text);
            } else if (interval != null && timeout.compareTo(interval) >= 0) {
                problems.add("invalid healthcheck timeout: " + GoDuration.format(timeout)
                        + " must be less than the registration interval: " + GoDuration.format(interval));
            }
            return timeout;
        } catch (IllegalArgumentException e) {
            problems.add("invalid healthcheck timeout: " + e.getMessage());
            return half;
        }
    }
}
