package org.cupola.gorouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.gorouter.proxy.LogSources;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;
import org.cupola.gorouter.routes.RouteChanges;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs and counts what changes in the routing table, a line per change; in a burst (a router that has just started learns
 * everything at once) only so many lines a second, and then how many there were. Called under the table's lock.
 */
final class RouteLog implements RouteChanges {
    private static final Logger log = LoggerFactory.getLogger(LogSources.REGISTRY);
    private static final int LINES_PER_SECOND = 200;

    private final RegistryMetrics metrics;

    @GuardedBy("this")
    private long second;

    @GuardedBy("this")
    private int lines;

    @GuardedBy("this")
    private long withheld;

    RouteLog(RegistryMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void routeRegistered(String uri) {
        if (mayLog(Level.INFO)) {
            registered(uri);
        }
    }

    private static void registered(String uri) {
        log.atInfo().addKeyValue("uri", uri).log("route-registered");
        log.atDebug().addKeyValue("uri", uri).log("uri-added");
    }

    @Override
    public void endpointRegistered(String uri, Endpoint endpoint) {
        endpoint(Level.INFO, uri, endpoint.info(), "endpoint-registered");
    }

    @Override
    public void endpointUpdated(String uri, Endpoint endpoint) {
        endpoint(Level.DEBUG, uri, endpoint.info(), "endpoint-registered");
    }

    @Override
    public void endpointNotRegistered(String uri, EndpointInfo refused) {
        endpoint(Level.DEBUG, uri, refused, "endpoint-not-registered");
    }

    @Override
    public void endpointUnregistered(String uri, Endpoint endpoint) {
        endpoint(Level.INFO, uri, endpoint.info(), "endpoint-unregistered");
    }

    @Override
    public void endpointNotUnregistered(String uri, EndpointInfo unknown) {
        endpoint(Level.INFO, uri, unknown, "endpoint-not-unregistered");
    }

    @Override
    public void routeUnregistered(String uri) {
        if (mayLog(Level.INFO)) {
            log.atInfo().addKeyValue("uri", uri).log("route-unregistered");
        }
    }

    @Override
    public void optionIgnored(String uri, String problem) {
        if (mayLog(Level.WARN)) {
            log.atWarn().addKeyValue("uri", uri).addKeyValue("error", problem).log("route-option-ignored");
        }
    }

    @Override
    public void endpointMissing(String uri, Endpoint endpoint) {
        metrics.missing.increment();
        endpoint(Level.INFO, uri, endpoint.info(), "endpoint-missing");
    }

    @Override
    public void endpointWithdrawn(String uri, Endpoint endpoint) {
        metrics.withdrawn.increment();
        endpoint(Level.INFO, uri, endpoint.info(), "missing-endpoint-dropped");
    }

    @Override
    public void balancingIgnored(String uri, String asked, String kept) {
        if (mayLog(Level.ERROR)) {
            log.atError()
                    .addKeyValue("uri", uri)
                    .addKeyValue("endpointLBAlgorithm", asked)
                    .addKeyValue("poolLBAlgorithm", kept)
                    .log("invalid-endpoint-load-balancing-algorithm-provided-keeping-pool-lb-algo");
        }
    }

    @Override
    public void pruned(String uri, List<Endpoint> endpoints) {
        if (mayLog(Level.INFO)) {
            log.atInfo()
                    .addKeyValue("uri", uri)
                    .addKeyValue(
                            "endpoints",
                            endpoints.stream().map(Endpoint::toString).toList())
                    .addKeyValue(
                            "isolation_segment",
                            dashed(endpoints.getFirst().info().isolationSegment()))
                    .log("pruned-route");
        }
    }

    private void endpoint(Level level, String uri, EndpointInfo info, String message) {
        if (mayLog(level)) {
            write(level, uri, info, message);
        }
    }

    /**
     * Apart, here as for routes: in a burst most lines are withheld, but enough are not for the compiler to take all of the
     * logging into its code for a registration, on which it then spends a third of a second and more.
     */
    private static void write(Level level, String uri, EndpointInfo info, String message) {
        LoggingEventBuilder line = log.atLevel(level);
        line.addKeyValue("uri", uri)
                .addKeyValue("route_service_url", info.routeServiceUrl())
                .addKeyValue("backend", info.address())
                .addKeyValue("application_id", info.app())
                .addKeyValue("instance_id", info.instanceId())
                .addKeyValue("server_cert_domain_san", info.serverCertDomainSan())
                .addKeyValue("protocol", info.protocol())
                .addKeyValue("modification_tag", tag(info))
                .addKeyValue("isolation_segment", dashed(info.isolationSegment()))
                .addKeyValue("isTLS", info.tls())
                .log(message);
    }

    /** In the original's order. */
    private static Map<String, Object> tag(EndpointInfo info) {
        Map<String, Object> tag = new LinkedHashMap<>();
        tag.put("guid", info.modificationTag().guid());
        tag.put("index", info.modificationTag().index());
        return tag;
    }

    private static String dashed(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private synchronized boolean mayLog(Level level) {
        if (!log.isEnabledForLevel(level)) {
            return false;
        }
        long now = System.nanoTime() / 1_000_000_000L;
        if (now != second) {
            if (withheld > 0) {
                log.atInfo().addKeyValue("count", withheld).log("route-changes-not-logged");
            }
            second = now;
            lines = 0;
            withheld = 0;
        }
        if (lines == LINES_PER_SECOND) {
            withheld++;
            return false;
        }
        lines++;
        return true;
    }
}
