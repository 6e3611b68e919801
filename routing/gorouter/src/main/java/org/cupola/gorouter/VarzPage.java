package org.cupola.gorouter;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.cupola.gorouter.proxy.Counter;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.platform.json.Json;

/** The deprecated {@code /varz}: who this router is and what it has done, keys sorted. */
final class VarzPage {
    private static final DateTimeFormatter START =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx").withZone(ZoneId.systemDefault());

    private final GorouterConfig config;
    private final String id;
    private final String address;
    private final InstantSource clock;
    private final RouteTable table;
    private final ToLongFunction<Counter> counts;
    private final Instant started;

    VarzPage(
            GorouterConfig config,
            String id,
            String address,
            InstantSource clock,
            RouteTable table,
            ToLongFunction<Counter> counts) {
        this.config = config;
        this.id = id;
        this.address = address;
        this.clock = clock;
        this.table = table;
        this.counts = counts;
        this.started = clock.instant();
    }

    byte[] render(int port) {
        Duration up = Duration.between(started, clock.instant());
        double seconds = Math.max(1, up.toSeconds());
        long requests = counts.applyAsLong(Counter.TOTAL_REQUESTS);
        double rate = requests / seconds;
        Map<String, Object> page = new TreeMap<>();
        page.put("type", "Router");
        page.put("index", config.registry().index());
        page.put("host", address + ":" + port);
        page.put(
                "credentials",
                List.of(config.status().user(), config.status().password().value()));
        page.put("uuid", id);
        page.put("start", START.format(started));
        page.put(
                "uptime",
                "%dd:%dh:%dm:%ds".formatted(up.toDays(), up.toHoursPart(), up.toMinutesPart(), up.toSecondsPart()));
        page.put("num_cores", Runtime.getRuntime().availableProcessors());
        page.put("mem", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() / 1024);
        page.put("cpu", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        page.put("log_counts", Map.of());
        page.put("requests", requests);
        page.put("rate", List.of(rate, rate, rate));
        page.put("requests_per_sec", rate);
        page.put("responses_2xx", counts.applyAsLong(Counter.RESPONSES_2XX));
        page.put("responses_3xx", counts.applyAsLong(Counter.RESPONSES_3XX));
        page.put("responses_4xx", counts.applyAsLong(Counter.RESPONSES_4XX));
        page.put("responses_5xx", counts.applyAsLong(Counter.RESPONSES_5XX));
        page.put("responses_xxx", counts.applyAsLong(Counter.RESPONSES_XXX));
        page.put(
                "bad_requests",
                counts.applyAsLong(Counter.BAD_REQUESTS) + counts.applyAsLong(Counter.REJECTED_REQUESTS));
        page.put("bad_gateways", counts.applyAsLong(Counter.BAD_GATEWAYS));
        page.put("urls", table.routeCount());
        page.put("droplets", table.backendCount());
        page.put("ms_since_last_registry_update", table.millisSinceUpdate(System.nanoTime()));
        page.put("top10_app_requests", List.of());
        page.put("tags", Map.of("component", Map.of()));
        byte[] json = Json.bytes(page);
        byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }
}
