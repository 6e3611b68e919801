package org.cupola.gorouter;

import static java.util.Map.entry;
import static org.cupola.gorouter.Exposition.label;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.cupola.gorouter.proxy.Counter;
import org.cupola.gorouter.proxy.DataPlane;
import org.cupola.gorouter.proxy.Histogram;
import org.cupola.gorouter.proxy.LoopMetrics;
import org.cupola.gorouter.routes.Pool;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.NatsBus;

/** The router's metrics for Prometheus, under the original's names; summed over the loops when asked for. Any thread. */
final class MetricsPage {
    private record Total(Counter counter, String help) {}

    private static final Map<String, Total> TOTALS = new TreeMap<>(Map.ofEntries(
            entry(
                    "rejected_requests",
                    new Total(Counter.REJECTED_REQUESTS, "Requests for no route, or for no instance of it.")),
            entry("bad_gateways", new Total(Counter.BAD_GATEWAYS, "Requests that failed at their backend, 502.")),
            entry("backend_invalid_id", new Total(Counter.BACKEND_INVALID_ID, "Backends that were another instance.")),
            entry(
                    "backend_invalid_tls_cert",
                    new Total(Counter.BACKEND_INVALID_TLS_CERT, "Backends whose certificate nobody we know signed.")),
            entry(
                    "backend_tls_handshake_failed",
                    new Total(Counter.BACKEND_TLS_HANDSHAKE_FAILED, "TLS handshakes with backends that failed.")),
            entry(
                    "backend_exhausted_conns",
                    new Total(Counter.BACKEND_EXHAUSTED_CONNS, "Requests for routes whose backends were all busy.")),
            entry("websocket_upgrades", new Total(Counter.WEBSOCKET_UPGRADES, "Connections upgraded.")),
            entry("websocket_failures", new Total(Counter.WEBSOCKET_FAILURES, "Upgrades that failed.")),
            entry("retries", new Total(Counter.RETRIES, "Attempts after the first of a request.")),
            entry(
                    "rate_limited_requests",
                    new Total(Counter.RATE_LIMITED, "Requests above what their route takes in a second.")),
            entry(
                    "concurrency_limited_requests",
                    new Total(Counter.CONCURRENCY_LIMITED, "Requests above what their route takes at once.")),
            entry(
                    "body_limited_requests",
                    new Total(Counter.BODY_TOO_LARGE, "Requests with more of a body than their route takes.")),
            entry("endpoints_ejected", new Total(Counter.ENDPOINTS_EJECTED, "Endpoints passed over for failures.")),
            entry("malformed_requests", new Total(Counter.MALFORMED_REQUESTS, "Requests that are not HTTP.")),
            entry("connections_accepted", new Total(Counter.CONNECTIONS_ACCEPTED, "Clients' connections.")),
            entry(
                    "access_log_lines_dropped",
                    new Total(Counter.ACCESS_LOG_DROPPED, "Access log lines that a slow writer cost."))));
    private static final Map<String, Counter> RESPONSES = new TreeMap<>(Map.of(
            "2xx", Counter.RESPONSES_2XX,
            "3xx", Counter.RESPONSES_3XX,
            "4xx", Counter.RESPONSES_4XX,
            "5xx", Counter.RESPONSES_5XX,
            "xxx", Counter.RESPONSES_XXX));
    private static final Map<String, Counter> SERVICE_RESPONSES = new TreeMap<>(Map.of(
            "2xx", Counter.SERVICE_RESPONSES_2XX,
            "3xx", Counter.SERVICE_RESPONSES_3XX,
            "4xx", Counter.SERVICE_RESPONSES_4XX,
            "5xx", Counter.SERVICE_RESPONSES_5XX,
            "xxx", Counter.SERVICE_RESPONSES_XXX));

    private final DataPlane plane;
    private final RouteTable table;
    private final RegistryMetrics registry;
    private final RegistrationLatency registrationLatency;
    private final NatsBus bus;
    private final LoggregatorLink loggregator;
    private final GorouterConfig config;

    MetricsPage(
            GorouterConfig config,
            DataPlane plane,
            RouteTable table,
            RegistryMetrics registry,
            RegistrationLatency registrationLatency,
            NatsBus bus,
            LoggregatorLink loggregator) {
        this.config = config;
        this.plane = plane;
        this.table = table;
        this.registry = registry;
        this.registrationLatency = registrationLatency;
        this.bus = bus;
        this.loggregator = loggregator;
    }

    byte[] render(long nowNanos) {
        var page = new Exposition();
        TOTALS.forEach((name, total) -> page.counter(name, total.help(), plane.count(total.counter())));
        byStatus(page, "responses", "Answers to requests that had an endpoint.", RESPONSES);
        byStatus(page, "responses_route_services", "Answers of route services.", SERVICE_RESPONSES);
        // The lax treatment that the original counts does not exist here: such requests are refused.
        page.counter("empty_content_length_header", "Requests with an empty Content-Length that were let through.", 0);
        page.begin("promhttp_metric_handler_errors_total", "counter", "Failures to make this page.");
        page.sample("promhttp_metric_handler_errors_total", label("cause", "encoding"), 0);
        page.sample("promhttp_metric_handler_errors_total", label("cause", "gathering"), 0);
        registry(page, nowNanos);
        page.gauge("file_descriptors", "Files and sockets open.", fileDescriptors());
        page.gauge("buffered_messages", "NATS messages that wait.", bus.pendingMessages());
        page.gauge("total_dropped_messages", "NATS messages lost because too many waited.", bus.droppedMessages());
        page.counter("loggregator_envelopes_dropped", "Envelopes that could not be sent.", loggregator.dropped());
        perRequest(page);
        new SeriesPage(plane.series()).render(page);
        return page.bytes();
    }

    private void byStatus(Exposition page, String name, String help, Map<String, Counter> groups) {
        page.begin(name, "counter", help);
        groups.forEach((group, counter) -> page.sample(name, label("status_group", group), plane.count(counter)));
    }

    private void registry(Exposition page, long nowNanos) {
        page.begin("registry_message", "counter", "Registrations, by route.");
        for (RouteTable.Outcome outcome : RouteTable.Outcome.values()) {
            String action = label("action", outcome.name().toLowerCase(Locale.ROOT));
            registry.registrations(outcome)
                    .forEach((component, count) ->
                            page.sample("registry_message", label("component", component) + "," + action, count));
        }
        byComponent(page, "unregistry_message", "Unregistrations, by route.", registry.unregistrations());
        page.counter("routes_pruned", "Endpoints dropped because nobody refreshed them.", registry.pruned.sum());
        page.counter("endpoints_missing", "Endpoints that their cell left out.", registry.missing.sum());
        page.counter("missing_endpoints_dropped", "Those of them that were dropped.", registry.withdrawn.sum());
        page.gauge("total_routes", "Routes in force.", table.routeCount());
        page.gauge(
                "ms_since_last_registry_update",
                "Milliseconds since the latest registration or unregistration.",
                table.millisSinceUpdate(nowNanos));
        page.begin("route_registration_latency", "histogram", "Milliseconds from a change to its arrival.");
        histogram(page, "route_registration_latency", "", List.of(registrationLatency.histogram()));
        List<Pool> hashed = table.hashed();
        if (!hashed.isEmpty()) {
            page.begin("endpoints_per_pool", "gauge", "Endpoints of routes that are balanced by hash.");
            hashed.stream()
                    .limit(config.beyond().metrics().max())
                    .forEach(pool -> page.sample(
                            "endpoints_per_pool",
                            label("lb_algorithm", "hash") + "," + label("route", pool.uri()),
                            pool.size()));
        }
    }

    private void perRequest(Exposition page) {
        Map<String, Long> requests = new TreeMap<>();
        Map<String, List<Histogram>> latency = new TreeMap<>();
        for (LoopMetrics loop : plane.metrics()) {
            loop.requests().forEach((component, count) -> requests.merge(component, count, Long::sum));
            loop.latency()
                    .forEach((component, histogram) -> latency.computeIfAbsent(component, _ -> new ArrayList<>())
                            .add(histogram));
        }
        byComponent(page, "total_requests", "Attempts to send a request to a backend.", requests);
        if (!config.metrics().perRequest()) {
            return;
        }
        page.begin("route_lookup_time", "histogram", "Nanoseconds to find a route.");
        histogram(page, "route_lookup_time", "", parts(LoopMetrics::lookup));
        page.begin("gorouter_time", "histogram", "Seconds of a request that the backend had no part in.");
        histogram(page, "gorouter_time", "", parts(LoopMetrics::gorouterTime));
        page.begin("latency", "histogram", "Milliseconds from a request's head to the end of its answer.");
        latency.forEach((component, parts) -> histogram(page, "latency", label("component", component), parts));
    }

    private static void byComponent(Exposition page, String name, String help, Map<String, Long> counts) {
        page.begin(name, "counter", help);
        counts.forEach((component, count) -> page.sample(name, label("component", component), count));
    }

    private static long fileDescriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    private List<Histogram> parts(Function<LoopMetrics, Histogram> which) {
        return plane.metrics().stream().map(which).toList();
    }

    private static void histogram(Exposition page, String name, String labels, List<Histogram> parts) {
        Histogram first = parts.getFirst();
        page.histogram(
                name,
                labels,
                IntStream.range(0, first.buckets() - 1).mapToObj(first::bound).toList(),
                bucket -> parts.stream().mapToLong(part -> part.count(bucket)).sum(),
                parts.stream().mapToDouble(Histogram::sum).sum());
    }
}
