package org.cupola.gorouter.proxy;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.proxy.RouteServiceCrypto.Checked;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.Pool;
import org.cupola.gorouter.routes.RouteTable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests for routes that are bound to a route service there first, with a signature by which the service sends
 * them back to us, and lets those that come back through to their app. Any thread.
 */
public final class RouteServices {
    private static final Logger log = LoggerFactory.getLogger(LogSources.PROXY);
    private static final int MAX_TARGETS = 10_000;

    private final Settings settings;
    private final @Nullable RouteServiceCrypto crypto;
    private final RouteTable table;
    private final InstantSource clock;
    private final Map<String, Target> targets = new ConcurrentHashMap<>();
    private volatile int internalPort = -1;

    /**
     * @param recommendHttps scheme of the URL that services are told to send requests back to
     * @param strict         whether signatures on routes without a service are checked too
     * @param maxAttempts    at least 1
     * @param hairpinning    whether services that are behind this very router are reached without leaving it
     * @param allowlist      of hosts that may be; empty for any
     */
    public record Settings(
            boolean recommendHttps, boolean strict, int maxAttempts, boolean hairpinning, List<String> allowlist) {
        public Settings {
            allowlist = List.copyOf(allowlist);
        }
    }

    /** Where a service is: whom to connect to, what to ask for, under which name. */
    record Target(Endpoint endpoint, String host, String path) {}

    /** One request's way to its service. */
    record Call(Target target, String url, RouteServiceCrypto.Signed signed, String forwardedUrl) {}

    /** @param crypto {@code null} when route services are switched off */
    public RouteServices(
            Settings settings, @Nullable RouteServiceCrypto crypto, RouteTable table, InstantSource clock) {
        this.settings = settings;
        this.crypto = crypto;
        this.table = table;
        this.clock = clock;
    }

    /** The loopback port that takes requests to services behind this router. */
    public void internalPort(int port) {
        internalPort = port;
    }

    int maxAttempts() {
        return settings.maxAttempts();
    }

    /** Decides where the exchange goes; {@code null} unless it is refused. */
    @Nullable
    Answer direct(Exchange exchange, Pool pool) {
        RequestHead request = exchange.request();
        String url = pool.routeServiceUrl();
        boolean signed = request.has(Names.X_CF_PROXY_SIGNATURE);
        RouteServiceCrypto keys = crypto;
        if (url.isEmpty()) {
            return settings.strict() && signed && keys != null ? checkStray(request, keys) : null;
        }
        if (keys == null) {
            log.atInfo().log("route-service-unsupported");
            return Answer.error(502, "route_service_unsupported", "", "Support for route services is disabled.");
        }
        if (request.isWebSocket()) {
            return Answer.error(
                    503,
                    "route_service_unsupported",
                    "",
                    "Websocket requests are not supported for routes bound to Route Services.");
        }
        return signed ? comeBack(exchange, pool, keys) : goTo(exchange, url, keys);
    }

    private @Nullable Answer checkStray(RequestHead request, RouteServiceCrypto keys) {
        return switch (check(request, keys)) {
            case Checked.Valid _ -> null;
            case Checked.Expired _ ->
                Answer.error(
                        504,
                        "expired_route_service_signature",
                        "",
                        "Failed to validate Route Service Signature: route service request expired");
            case Checked.Invalid _ ->
                Answer.error(400, "invalid_route_service_signature", "", "invalid route service signature detected");
        };
    }

    private Checked check(RequestHead request, RouteServiceCrypto keys) {
        Instant now = clock.instant();
        return keys.check(request.value(Names.X_CF_PROXY_SIGNATURE), request.value(Names.X_CF_PROXY_METADATA), now);
    }

    private @Nullable Answer comeBack(Exchange exchange, Pool pool, RouteServiceCrypto keys) {
        RequestHead request = exchange.request();
        String failed = "Failed to validate Route Service Signature: ";
        switch (check(request, keys)) {
            case Checked.Expired _ -> {
                log.atInfo().log("proxy-route-service-timeout");
                return Answer.error(504, "", "", failed + "route service request expired");
            }
            case Checked.Invalid invalid -> {
                log.atInfo().addKeyValue("error", invalid.reason()).log("signature-validation-failed");
                return Answer.error(502, "", "", failed + invalid.reason());
            }
            case Checked.Valid valid -> {
                String mismatch = mismatch(valid.forwardedUrl(), pool);
                if (!mismatch.isEmpty()) {
                    log.atInfo().addKeyValue("error", mismatch).log("signature-validation-failed");
                    return Answer.error(502, "", "", failed + mismatch);
                }
                exchange.cameFromRouteService();
                return null;
            }
        }
    }

    private String mismatch(String forwardedUrl, Pool pool) {
        try {
            URI uri = new URI(forwardedUrl);
            String route = uri.getHost() + (uri.getRawPath() == null ? "" : uri.getRawPath());
            Pool original = table.lookup(route);
            if (original == null) {
                return "original request URL " + route + " does not exist in the routing table";
            }
            return original.host().equals(pool.host()) && original.contextPath().equals(pool.contextPath())
                    ? ""
                    : "route service forwarded URL " + pool.host() + pool.contextPath()
                            + " does not match the original request URL " + route;
        } catch (URISyntaxException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private @Nullable Answer goTo(Exchange exchange, String url, RouteServiceCrypto keys) {
        Target target = targets.get(url);
        if (target == null) {
            try {
                target = target(new URI(url));
            } catch (URISyntaxException e) {
                return Answer.error(500, "", "", "Route service request failed.");
            }
            if (targets.size() < MAX_TARGETS) {
                targets.put(url, target);
            }
        }
        RequestHead request = exchange.request();
        String host = new String(
                request.bytes(),
                request.hostStart(),
                request.hostNameEnd() - request.hostStart(),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        String rest = new String(
                request.bytes(),
                request.pathStart(),
                request.targetEnd() - request.pathStart(),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        String forwarded = (settings.recommendHttps() ? "https://" : "http://") + host + rest;
        exchange.goesToRouteService(new Call(target, url, keys.sign(forwarded, clock.instant()), forwarded));
        return null;
    }

    private Target target(URI url) throws URISyntaxException {
        if (url.getHost() == null) {
            throw new URISyntaxException(url.toString(), "a host is missing");
        }
        int port = url.getPort() < 0 ? 443 : url.getPort();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String host = url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
        boolean inside = settings.hairpinning() && internalPort > 0 && isBehindUs(url.getHost() + path);
        Endpoint endpoint = inside
                ? Endpoint.outside("127.0.0.1", internalPort, true)
                : Endpoint.outside(url.getHost(), port, false);
        return new Target(endpoint, host, path + query);
    }

    private boolean isBehindUs(String route) {
        Pool pool = table.lookup(route);
        if (pool == null) {
            return false;
        }
        String host = pool.host().toLowerCase(Locale.ROOT);
        int dot = host.indexOf('.');
        return settings.allowlist().isEmpty()
                || settings.allowlist().contains(host)
                || (dot > 0 && settings.allowlist().contains("*" + host.substring(dot)));
    }

    static void answered(Call call, int status) {
        if (status < 200 || status > 299) {
            log.atInfo()
                    .addKeyValue("route-service-endpoint", call.url())
                    .addKeyValue("status-code", status)
                    .log("route-service-response");
        }
    }
}
