package org.cupola.nats;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.nats.ConnectionReport.SubscriptionReport;
import org.cupola.nats.ConnectionReport.Subscriptions;

/** The contents of the monitoring pages, from the broker's state at this moment. Any thread. */
final class MonitorReports {
    private final Broker broker;

    MonitorReports(Broker broker) {
        this.broker = broker;
    }

    /** A parameter that cannot be understood; the message is for the client. */
    static final class BadParameter extends Exception {
        private static final long serialVersionUID = 1L;

        BadParameter(String message) {
            super(message);
        }
    }

    Map<String, Object> server(Map<String, Long> requestCounts) {
        ServerInfo info = broker.info();
        NatsConfig config = info.config();
        Instant now = broker.clock().instant();
        List<ClientConnection> clients = List.copyOf(broker.clients());
        Traffic traffic = broker.closedConnections().traffic();
        for (ClientConnection client : clients) {
            traffic = traffic.plus(ConnectionReport.open(client).traffic());
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("server_id", info.id());
        json.put("server_name", info.name());
        json.put("version", info.version());
        json.put("proto", 1);
        json.put("go", "");
        json.put("host", info.address().getHostString());
        json.put("port", info.address().getPort());
        putIf(json, "auth_required", config.authorization().isRequired());
        NatsConfig.Tls tls = config.tls();
        putIf(json, "tls_required", config.isTlsRequired());
        putIf(json, "tls_verify", tls != null && tls.verify());
        json.put("max_connections", config.limits().maxConnections());
        if (config.limits().maxSubscriptions() > 0) {
            json.put("max_subscriptions", config.limits().maxSubscriptions());
        }
        json.put("ping_interval", config.timing().pingInterval().toNanos());
        json.put("ping_max", config.timing().maxPingsOut());
        NatsConfig.Monitoring monitoring = config.monitoring();
        boolean https = monitoring != null && monitoring.tls();
        int monitorPort = broker.monitorPort();
        json.put("http_host", monitoring == null ? "" : monitoring.listen().getHostString());
        json.put("http_port", https ? 0 : monitorPort);
        json.put("http_base_path", monitoring == null ? "" : monitoring.basePath());
        json.put("https_port", https ? monitorPort : 0);
        json.put("auth_timeout", seconds(config.authorization().timeout()));
        json.put("max_control_line", config.limits().maxControlLineBytes());
        json.put("max_payload", config.limits().maxPayloadBytes());
        json.put("max_pending", config.limits().maxPendingBytes());
        for (String unused : List.of("cluster", "gateway", "leaf", "mqtt", "websocket", "jetstream")) {
            json.put(unused, Map.of());
        }
        json.put("tls_timeout", tls == null ? 0 : seconds(tls.timeout()));
        json.put("write_deadline", config.timing().writeDeadline().toNanos());
        json.put("start", broker.start().toString());
        json.put("now", now.toString());
        json.put("uptime", MonitorTime.coarse(Duration.between(broker.start(), now)));
        Runtime runtime = Runtime.getRuntime();
        json.put("mem", runtime.totalMemory() - runtime.freeMemory());
        json.put("cores", runtime.availableProcessors());
        json.put("gomaxprocs", broker.contexts().length);
        json.put("cpu", cpuPercent());
        json.put("connections", clients.size());
        json.put("total_connections", broker.acceptedConnections());
        json.put("routes", 0);
        json.put("remotes", 0);
        json.put("leafnodes", 0);
        json.put("in_msgs", traffic.inMessages());
        json.put("out_msgs", traffic.outMessages());
        json.put("in_bytes", traffic.inBytes());
        json.put("out_bytes", traffic.outBytes());
        json.put("slow_consumers", broker.slowConsumers());
        json.put("subscriptions", broker.index().size());
        json.put("http_req_stats", requestCounts);
        json.put("config_load_time", broker.configuredAt().toString());
        Map<String, Object> slow = new LinkedHashMap<>();
        slow.put("clients", broker.slowConsumers());
        slow.put("routes", 0);
        slow.put("gateways", 0);
        slow.put("leafs", 0);
        json.put("slow_consumer_stats", slow);
        json.put("stalled_clients", broker.stalls());
        return json;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static double cpuPercent() {
        var system = ManagementFactory.getOperatingSystemMXBean();
        double load = system instanceof com.sun.management.OperatingSystemMXBean own ? own.getProcessCpuLoad() : 0;
        return Math.round(Math.max(load, 0) * system.getAvailableProcessors() * 1000) / 10.0;
    }

    Map<String, Object> connections(MonitorQuery query) throws BadParameter {
        String state = query.choice("state", "open", List.of("open", "closed", "any", "all"));
        Comparator<ConnectionReport> order = order(query.text("sort", "cid"), state.equals("closed"));
        boolean withUser = query.bool("auth", false);
        Subscriptions shown = query.text("subs", "").equals("detail")
                ? Subscriptions.DETAILS
                : query.bool("subs", false) ? Subscriptions.SUBJECTS : Subscriptions.HIDDEN;
        long id = query.number("cid", 0);
        String user = query.text("user", "");
        List<ConnectionReport> found = new ArrayList<>();
        if (!state.equals("closed")) {
            broker.clients().forEach(client -> found.add(ConnectionReport.open(client)));
        }
        if (!state.equals("open")) {
            found.addAll(broker.closedConnections().latest());
        }
        found.removeIf(report -> (id != 0 && report.id() != id)
                || (!user.isEmpty() && !report.user().equals(user)));
        found.sort(order);
        int offset = (int) Math.min(query.number("offset", 0), found.size());
        int limit = id == 0 ? limit(query) : 1;
        Instant now = broker.clock().instant();
        List<Map<String, Object>> page = found.stream()
                .skip(offset)
                .limit(limit)
                .map(report -> report.json(now, withUser, shown))
                .toList();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("server_id", broker.info().id());
        json.put("now", now.toString());
        json.put("num_connections", page.size());
        json.put("total", found.size());
        json.put("offset", offset);
        json.put("limit", limit);
        json.put("connections", page);
        return json;
    }

    private static int limit(MonitorQuery query) throws BadParameter {
        long limit = query.number("limit", 1024);
        return limit <= 0 ? 1024 : (int) Math.min(limit, Integer.MAX_VALUE);
    }

    /** Counters come largest first, names and numbers of connections smallest first. */
    private Comparator<ConnectionReport> order(String name, boolean closedOnly) throws BadParameter {
        Instant now = broker.clock().instant();
        Comparator<ConnectionReport> byId = Comparator.comparingLong(ConnectionReport::id);
        return switch (name) {
            case "cid", "" -> byId;
            case "start" -> Comparator.comparing(ConnectionReport::start).thenComparing(byId);
            case "subs" ->
                Comparator.comparingInt(ConnectionReport::subscriptionCount).reversed();
            case "pending" ->
                Comparator.comparingLong(ConnectionReport::pendingBytes).reversed();
            case "msgs_to" ->
                Comparator.<ConnectionReport>comparingLong(r -> r.traffic().outMessages())
                        .reversed();
            case "msgs_from" ->
                Comparator.<ConnectionReport>comparingLong(r -> r.traffic().inMessages())
                        .reversed();
            case "bytes_to" ->
                Comparator.<ConnectionReport>comparingLong(r -> r.traffic().outBytes())
                        .reversed();
            case "bytes_from" ->
                Comparator.<ConnectionReport>comparingLong(r -> r.traffic().inBytes())
                        .reversed();
            case "last" -> Comparator.comparing(ConnectionReport::lastActivity).reversed();
            case "idle" ->
                Comparator.<ConnectionReport, Duration>comparing(r -> r.idle(now))
                        .reversed();
            case "uptime" ->
                Comparator.<ConnectionReport, Duration>comparing(r -> r.uptime(now))
                        .reversed();
            case "rtt" -> Comparator.comparing(ConnectionReport::roundTrip).reversed();
            case "stop" -> {
                requireClosed(name, closedOnly);
                yield Comparator.<ConnectionReport, Duration>comparing(
                                r -> Duration.between(r.start(), r.stop() == null ? now : r.stop()))
                        .thenComparing(byId);
            }
            case "reason" -> {
                requireClosed(name, closedOnly);
                yield Comparator.comparing((ConnectionReport r) -> String.valueOf(r.reason()));
            }
            default -> throw new BadParameter("invalid sorting option: " + name);
        };
    }

    private static void requireClosed(String name, boolean closedOnly) throws BadParameter {
        if (!closedOnly) {
            throw new BadParameter("sort by " + name + " only valid on closed connections");
        }
    }

    Map<String, Object> subscriptions(MonitorQuery query) throws BadParameter {
        SubscriptionIndex.Counts counts = broker.index().counts();
        long lookups = 0;
        long hits = 0;
        int cached = 0;
        int maxFanOut = 0;
        double averageFanOut = 0;
        for (LoopContext context : broker.contexts()) {
            lookups += context.matches().lookups();
            hits += context.matches().hits();
            cached += context.matches().size();
            maxFanOut = Math.max(maxFanOut, context.matches().maxFanOut());
            averageFanOut = Math.max(averageFanOut, context.matches().averageFanOut());
        }
        List<SubscriptionReport> found = new ArrayList<>();
        String test = query.text("test", "");
        boolean listed = query.bool("subs", false) || !test.isEmpty();
        broker.index().forEach(subscription -> {
            if (test.isEmpty() || Subjects.covers(subscription.subject(), ByteString.of(test))) {
                found.add(SubscriptionReport.of(subscription));
            }
        });
        found.sort(Comparator.comparingLong(SubscriptionReport::client).thenComparing(SubscriptionReport::sid));
        int offset = (int) Math.min(query.number("offset", 0), found.size());
        int limit = limit(query);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("server_id", broker.info().id());
        json.put("now", broker.clock().instant().toString());
        json.put("num_subscriptions", counts.subscriptions());
        json.put("num_cache", cached);
        json.put("num_inserts", counts.inserts());
        json.put("num_removes", counts.removes());
        json.put("num_matches", lookups);
        json.put("cache_hit_rate", lookups == 0 ? 0 : (double) hits / lookups);
        json.put("max_fanout", maxFanOut);
        json.put("avg_fanout", averageFanOut);
        json.put("total", found.size());
        json.put("offset", offset);
        json.put("limit", limit);
        if (listed) {
            json.put(
                    "subscriptions_list",
                    found.stream()
                            .skip(offset)
                            .limit(limit)
                            .map(SubscriptionReport::json)
                            .toList());
        }
        return json;
    }

    /** No other servers are known to this one. */
    Map<String, Object> routes() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("server_id", broker.info().id());
        json.put("server_name", broker.info().name());
        json.put("now", broker.clock().instant().toString());
        json.put("num_routes", 0);
        json.put("routes", List.of());
        return json;
    }

    private static void putIf(Map<String, Object> json, String key, boolean condition) {
        if (condition) {
            json.put(key, true);
        }
    }
}
