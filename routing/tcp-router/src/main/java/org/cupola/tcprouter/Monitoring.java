package org.cupola.tcprouter;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.cupola.platform.json.Json;

/** What operators see at the debug address: {@code /metrics} for Prometheus and {@code /routes}. Any thread. */
final class Monitoring {
    private final DataPlane dataPlane;

    Monitoring(DataPlane dataPlane) {
        this.dataPlane = dataPlane;
    }

    void addTo(ServerBuilder services) {
        services.service(
                "/metrics", (ctx, request) -> HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, metrics()));
        services.service(
                "/routes", (ctx, request) -> HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, Json.text(routes())));
    }

    String metrics() {
        var text = new StringBuilder(4096);
        long failed = dataPlane.ports().values().stream()
                .filter(port -> !port.isListening())
                .count();
        gauge(text, "tcp_router_open_connections", dataPlane.openConnections());
        gauge(text, "tcp_router_ports", dataPlane.ports().size());
        gauge(text, "tcp_router_ports_not_listening", failed);
        perPort(text, "current_sessions", "gauge", counters -> counters.open.get());
        perPort(text, "connections_total", "counter", counters -> counters.accepted.sum());
        perPort(text, "unrouted_connections_total", "counter", counters -> counters.unrouted.sum());
        perPort(text, "backend_connection_errors_total", "counter", counters -> counters.connectErrors.sum());
        perPort(text, "unreachable_connections_total", "counter", counters -> counters.unreachable.sum());
        perPort(text, "idle_timeouts_total", "counter", counters -> counters.idleTimeouts.sum());
        perPort(text, "resets_total", "counter", counters -> counters.resets.sum());
        perPort(text, "datagrams_dropped_total", "counter", counters -> counters.datagramsDropped.sum());
        perPort(text, "bytes_from_clients_total", "counter", counters -> counters.bytesFromClients.sum());
        perPort(text, "bytes_from_backends_total", "counter", counters -> counters.bytesFromBackends.sum());
        perPort(text, "backend_connects_total", "counter", counters -> counters.connects.sum());
        perPort(text, "backend_connect_nanoseconds_total", "counter", counters -> counters.connectNanos.sum());
        return text.toString();
    }

    private static void gauge(StringBuilder text, String name, long value) {
        text.append("# TYPE ").append(name).append(" gauge\n").append(name).append(' ');
        text.append(value).append('\n');
    }

    private void perPort(StringBuilder text, String name, String type, ToLongFunction<PortCounters> value) {
        text.append("# TYPE tcp_router_").append(name).append(' ').append(type).append('\n');
        dataPlane
                .ports()
                .forEach((port, listener) -> text.append("tcp_router_")
                        .append(name)
                        .append("{port=\"")
                        .append(port)
                        .append("\"} ")
                        .append(value.applyAsLong(listener.counters()))
                        .append('\n'));
    }

    /** By port: whether it listens, and its backends by SNI host. */
    Map<String, Object> routes() {
        Map<String, Object> routes = new LinkedHashMap<>();
        dataPlane.ports().forEach((port, listener) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            String problem = listener.problem();
            entry.put("listening", listener.isListening());
            if (problem != null) {
                entry.put("problem", problem);
            }
            PortRoutes current = listener.routes();
            Pool plain = current.plain();
            if (plain != null) {
                entry.put("backends", backends(plain));
            }
            Map<String, Object> hosts = new TreeMap<>();
            current.bySni().forEach((host, pool) -> hosts.put(host, backends(pool)));
            if (!hosts.isEmpty()) {
                entry.put("sni", hosts);
            }
            routes.put(Integer.toString(port), entry);
        });
        return routes;
    }

    private static List<Map<String, Object>> backends(Pool pool) {
        List<Map<String, Object>> backends = new ArrayList<>();
        for (Backend backend : pool.backends()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("address", backend.key().address());
            entry.put("port", backend.key().usedPort());
            entry.put("tls", backend.key().tls());
            entry.put("instance_id", backend.key().instanceId());
            entry.put("connections", backend.connections());
            entry.put("failures", backend.failures());
            backends.add(entry);
        }
        return backends;
    }
}
