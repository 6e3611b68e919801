package org.cupola.gorouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.cupola.gorouter.proxy.Counter;
import org.cupola.gorouter.proxy.Usage;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.platform.json.Json;

/**
 * The deprecated {@code /varz}: who this router is and what it has done, keys sorted. Any thread; asks the event loops, so
 * not for one of them.
 */
final class VarzPage {
    private static final DateTimeFormatter START =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx").withZone(ZoneId.systemDefault());
    private static final double[] PARTS = {0.5, 0.75, 0.9, 0.95, 0.99};
    private static final double NANOS_PER_SECOND = 1e9;

    private final GorouterConfig config;
    private final String id;
    private final String address;
    private final InstantSource clock;
    private final RouteTable table;
    private final ToLongFunction<Counter> counts;
    private final Supplier<Usage> usage;
    private final Instant started;

    @GuardedBy("this")
    private final Ewma rate = new Ewma();

    @GuardedBy("this")
    private final Map<String, Ewma> componentRates = new HashMap<>();

    VarzPage(
            GorouterConfig config,
            String id,
            String address,
            InstantSource clock,
            RouteTable table,
            ToLongFunction<Counter> counts,
            Supplier<Usage> usage) {
        this.config = config;
        this.id = id;
        this.address = address;
        this.clock = clock;
        this.table = table;
        this.counts = counts;
        this.usage = usage;
        this.started = clock.instant();
    }

    /** To be called every {@link Ewma#TICK_SECONDS}. */
    void tick() {
        Usage now = usage.get();
        synchronized (this) {
            rate.tick(now.all().requests());
            now.components()
                    .forEach((component, counted) -> componentRates
                            .computeIfAbsent(component, _ -> new Ewma())
                            .tick(counted.requests()));
        }
    }

    /** One line. */
    byte[] render(int port) {
        byte[] json = json(port);
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    /** @param port where this page is found */
    byte[] json(int port) {
        Usage now = usage.get();
        Map<String, Object> page = new TreeMap<>();
        identity(port, page);
        double[] rates;
        Map<String, double[]> byComponent = new HashMap<>();
        synchronized (this) {
            rates = rate.rates();
            componentRates.forEach((component, its) -> byComponent.put(component, its.rates()));
        }
        requests(now.all(), rates, page);
        page.put("requests_per_sec", rates[0]);
        page.put(
                "bad_requests",
                counts.applyAsLong(Counter.BAD_REQUESTS) + counts.applyAsLong(Counter.REJECTED_REQUESTS));
        page.put("bad_gateways", counts.applyAsLong(Counter.BAD_GATEWAYS));
        page.put("urls", table.routeCount());
        page.put("droplets", table.backendCount());
        page.put("ms_since_last_registry_update", table.millisSinceUpdate(System.nanoTime()));
        page.put("top10_app_requests", now.top(10).stream().map(VarzPage::app).toList());
        Map<String, Object> components = new TreeMap<>();
        now.components().forEach((component, counted) -> {
            Map<String, Object> its = new TreeMap<>();
            requests(counted, byComponent.getOrDefault(component, new double[3]), its);
            components.put(component, its);
        });
        page.put("tags", Map.of("component", components));
        return Json.bytes(page);
    }

    private void identity(int port, Map<String, Object> page) {
        Duration up = Duration.between(started, clock.instant());
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
        int cores = Runtime.getRuntime().availableProcessors();
        page.put("num_cores", cores);
        page.put("mem", peakMemoryKib());
        var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        page.put("cpu", Math.max(0, system.getProcessCpuLoad()) * cores);
        page.put("log_counts", Map.of());
    }

    /** The most memory this process has held at once, by the kernel's account; the heap's size where there is none. */
    private static long peakMemoryKib() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Runtime.getRuntime().totalMemory() / 1024;
        }
        return Runtime.getRuntime().totalMemory() / 1024;
    }

    private static void requests(Usage.Counts counted, double[] rates, Map<String, Object> page) {
        page.put("requests", counted.requests());
        page.put("rate", rates);
        for (int group = 2; group <= 5; group++) {
            page.put("responses_" + group + "xx", counted.responses(group));
        }
        page.put("responses_xxx", counted.responses(0));
        Map<String, Object> latency = new TreeMap<>();
        double[] percentiles = counted.latencyPercentiles(PARTS);
        for (int i = 0; i < PARTS.length; i++) {
            latency.put("" + Math.round(PARTS[i] * 100), percentiles[i] / NANOS_PER_SECOND);
        }
        // Two that say nothing and never did; a collector asks for them.
        latency.put("samples", 1);
        latency.put("value", 5e-7);
        page.put("latency", latency);
    }

    private static Map<String, Object> app(Map.Entry<String, Long> app) {
        Map<String, Object> shown = new TreeMap<>();
        shown.put("application_id", app.getKey());
        shown.put("rpm", app.getValue());
        shown.put("rps", app.getValue() / 60);
        return shown;
    }
}
