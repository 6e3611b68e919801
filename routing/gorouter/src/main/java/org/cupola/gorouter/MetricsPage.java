package org.cupola.gorouter;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.cupola.gorouter.proxy.Counter;
import org.cupola.gorouter.proxy.DataPlane;
import org.cupola.gorouter.proxy.Histogram;
import org.cupola.gorouter.proxy.LoopMetrics;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.NatsBus;

/** The router's metrics in Prometheus' text format, under the original's names; summed over the loops when asked for. */
final class MetricsPage {
    private static final Map<String, Counter> COUNTERS = new TreeMap<>(Map.ofEntries(
            Map.entry("rejected_requests", Counter.REJECTED_REQUESTS),
            Map.entry("bad_gateways", Counter.BAD_GATEWAYS),
            Map.entry("backend_invalid_id", Counter.BACKEND_INVALID_ID),
            Map.entry("backend_invalid_tls_cert", Counter.BACKEND_INVALID_TLS_CERT),
            Map.entry("backend_tls_handshake_failed", Counter.BACKEND_TLS_HANDSHAKE_FAILED),
            Map.entry("backend_exhausted_conns", Counter.BACKEND_EXHAUSTED_CONNS),
            Map.entry("websocket_upgrades", Counter.WEBSOCKET_UPGRADES),
            Map.entry("websocket_failures", Counter.WEBSOCKET_FAILURES),
            Map.entry("retries", Counter.RETRIES),
            Map.entry("rate_limited_requests", Counter.RATE_LIMITED),
            Map.entry("concurrency_limited_requests", Counter.CONCURRENCY_LIMITED),
            Map.entry("body_limited_requests", Counter.BODY_TOO_LARGE),
            Map.entry("endpoints_ejected", Counter.ENDPOINTS_EJECTED),
            Map.entry("malformed_requests", Counter.MALFORMED_REQUESTS),
            Map.entry("connections_accepted", Counter.CONNECTIONS_ACCEPTED),
            Map.entry("access_log_lines_dropped", Counter.ACCESS_LOG_DROPPED)));
    private static final Map<String, Counter> STATUS_GROUPS = new TreeMap<>(Map.of(
            "2xx", Counter.RESPONSES_2XX,
            "3xx", Counter.RESPONSES_3XX,
            "4xx", Counter.RESPONSES_4XX,
            "5xx", Counter.RESPONSES_5XX,
            "xxx", Counter.RESPONSES_XXX));

    private final DataPlane plane;
    private final RouteTable table;
    private final RegistryMetrics registry;
    private final RegistrationLatency registrationLatency;
    private final NatsBus bus;
    private final LoggregatorLink loggregator;

    MetricsPage(
            DataPlane plane,
            RouteTable table,
            RegistryMetrics registry,
            RegistrationLatency registrationLatency,
            NatsBus bus,
            LoggregatorLink loggregator) {
        this.plane = plane;
        this.table = table;
        this.registry = registry;
        this.registrationLatency = registrationLatency;
        this.bus = bus;
        this.loggregator = loggregator;
    }

    byte[] render(long nowNanos) {
        var out = new StringBuilder(8192);
        COUNTERS.forEach((name, counter) -> {
            type(out, name, "counter");
            sample(out, name, "", plane.count(counter));
        });
        type(out, "responses", "counter");
        STATUS_GROUPS.forEach(
                (group, counter) -> sample(out, "responses", "status_group=\"" + group + "\"", plane.count(counter)));
        registrations(out);
        byComponent(out, "unregistry_message", registry.unregistrations());
        Map<String, Long> requests = new TreeMap<>();
        for (LoopMetrics loop : plane.metrics()) {
            loop.requests().forEach((component, count) -> requests.merge(component, count, Long::sum));
        }
        byComponent(out, "total_requests", requests);
        type(out, "routes_pruned", "counter");
        sample(out, "routes_pruned", "", registry.pruned.sum());
        gauge(out, "total_routes", table.routeCount());
        gauge(out, "ms_since_last_registry_update", table.millisSinceUpdate(nowNanos));
        gauge(out, "file_descriptors", fileDescriptors());
        gauge(out, "buffered_messages", bus.pendingMessages());
        gauge(out, "total_dropped_messages", bus.droppedMessages());
        type(out, "loggregator_envelopes_dropped", "counter");
        sample(out, "loggregator_envelopes_dropped", "", loggregator.dropped());
        type(out, "route_registration_latency", "histogram");
        lines(out, "route_registration_latency", "", List.of(registrationLatency.histogram()));
        histogram(out, "route_lookup_time", LoopMetrics::lookup);
        histogram(out, "gorouter_time", LoopMetrics::gorouterTime);
        latency(out);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void registrations(StringBuilder out) {
        type(out, "registry_message", "counter");
        for (RouteTable.Outcome outcome : RouteTable.Outcome.values()) {
            String action = ",action=\"" + outcome.name().toLowerCase(Locale.ROOT) + "\"";
            registry.registrations(outcome)
                    .forEach((component, count) -> sample(
                            out, "registry_message", "component=\"" + escaped(component) + "\"" + action, count));
        }
    }

    private static void byComponent(StringBuilder out, String name, Map<String, Long> counts) {
        type(out, name, "counter");
        counts.forEach((component, count) -> sample(out, name, "component=\"" + escaped(component) + "\"", count));
    }

    private static long fileDescriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    private static void type(StringBuilder out, String name, String type) {
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void sample(StringBuilder out, String name, String labels, long value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    private static void gauge(StringBuilder out, String name, long value) {
        type(out, name, "gauge");
        sample(out, name, "", value);
    }

    private void histogram(StringBuilder out, String name, Function<LoopMetrics, Histogram> which) {
        type(out, name, "histogram");
        lines(out, name, "", plane.metrics().stream().map(which).toList());
    }

    private void latency(StringBuilder out) {
        type(out, "latency", "histogram");
        Map<String, List<Histogram>> byComponent = new TreeMap<>();
        for (LoopMetrics loop : plane.metrics()) {
            loop.latency()
                    .forEach((component, histogram) -> byComponent
                            .computeIfAbsent(component, _ -> new ArrayList<>())
                            .add(histogram));
        }
        byComponent.forEach(
                (component, parts) -> lines(out, "latency", "component=\"" + escaped(component) + "\"", parts));
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static void lines(StringBuilder out, String name, String label, List<Histogram> parts) {
        if (parts.isEmpty()) {
            return;
        }
        String comma = label.isEmpty() ? "" : ",";
        long count = 0;
        double sum = 0;
        for (int bucket = 0; bucket < parts.getFirst().buckets(); bucket++) {
            for (Histogram part : parts) {
                count += part.count(bucket);
            }
            double bound = parts.getFirst().bound(bucket);
            String text = Double.isInfinite(bound) ? "+Inf" : String.format(Locale.ROOT, "%s", bound);
            sample(out, name + "_bucket", label + comma + "le=\"" + text + "\"", count);
        }
        for (Histogram part : parts) {
            sum += part.sum();
        }
        out.append(name).append("_sum");
        out.append(label.isEmpty() ? "" : "{" + label + "}")
                .append(' ')
                .append(sum)
                .append('\n');
        sample(out, name + "_count", label, count);
    }
}
