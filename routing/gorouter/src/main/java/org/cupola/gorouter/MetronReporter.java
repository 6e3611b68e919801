package org.cupola.gorouter;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.loggregator.EnvelopeWriter;
import org.cupola.gorouter.loggregator.Metron;
import org.cupola.gorouter.proxy.Counter;
import org.cupola.gorouter.proxy.DataPlane;
import org.cupola.gorouter.proxy.LoopMetrics;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.NatsBus;

/**
 * Tells Loggregator what is counted and measured, in the original's names and intervals: counters as what was added since
 * they were told last. Of the counters, those that stand still are not told, but for the ones always told. Guarded by its
 * lock.
 */
final class MetronReporter {
    private static final Map<String, Counter> ALWAYS = Map.ofEntries(
            Map.entry("total_requests", Counter.TOTAL_REQUESTS),
            Map.entry("responses.2xx", Counter.RESPONSES_2XX),
            Map.entry("responses.3xx", Counter.RESPONSES_3XX),
            Map.entry("responses.4xx", Counter.RESPONSES_4XX),
            Map.entry("responses.5xx", Counter.RESPONSES_5XX),
            Map.entry("responses.xxx", Counter.RESPONSES_XXX),
            Map.entry("rejected_requests", Counter.REJECTED_REQUESTS),
            Map.entry("bad_gateways", Counter.BAD_GATEWAYS),
            Map.entry("backend_exhausted_conns", Counter.BACKEND_EXHAUSTED_CONNS),
            Map.entry("backend_invalid_id", Counter.BACKEND_INVALID_ID),
            Map.entry("backend_invalid_tls_cert", Counter.BACKEND_INVALID_TLS_CERT),
            Map.entry("backend_tls_handshake_failed", Counter.BACKEND_TLS_HANDSHAKE_FAILED),
            Map.entry("websocket_upgrades", Counter.WEBSOCKET_UPGRADES),
            Map.entry("websocket_failures", Counter.WEBSOCKET_FAILURES));

    private final EnvelopeWriter out;
    private final InstantSource clock;
    private final Instant started;
    private final DataPlane plane;
    private final RouteTable table;
    private final RegistryMetrics registry;
    private final NatsBus bus;
    private final Map<String, Long> told = new HashMap<>();

    MetronReporter(
            Metron metron,
            InstantSource clock,
            DataPlane plane,
            RouteTable table,
            RegistryMetrics registry,
            NatsBus bus) {
        this.out = new EnvelopeWriter(metron, "gorouter");
        this.clock = clock;
        this.started = clock.instant();
        this.plane = plane;
        this.table = table;
        this.registry = registry;
        this.bus = bus;
    }

    void start(ScheduledExecutorService timers) {
        timers.scheduleAtFixedRate(this::uptime, 1, 1, TimeUnit.SECONDS);
        timers.scheduleAtFixedRate(this::counters, 5, 5, TimeUnit.SECONDS);
        timers.scheduleAtFixedRate(this::process, 0, 10, TimeUnit.SECONDS);
    }

    private long now() {
        Instant now = clock.instant();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    synchronized void registrationLatency(double millis) {
        out.value(now(), "route_registration_latency", millis, "ms");
        out.flush();
    }

    /** To be called after each look for stale routes. */
    synchronized void routes() {
        long now = now();
        out.value(now, "total_routes", table.routeCount(), "");
        out.value(now, "ms_since_last_registry_update", table.millisSinceUpdate(System.nanoTime()), "ms");
        out.flush();
    }

    private synchronized void uptime() {
        out.value(now(), "uptime", clock.instant().getEpochSecond() - started.getEpochSecond(), "seconds");
        out.flush();
    }

    private synchronized void counters() {
        long now = now();
        counts().forEach((name, count) -> {
            long delta = count - told.getOrDefault(name, 0L);
            if (delta > 0 || isAlwaysTold(name)) {
                told.put(name, count);
                out.counter(now, name, delta);
            }
        });
        String[] descriptors = new File("/proc/self/fd").list();
        out.value(now, "file_descriptors", descriptors == null ? 0 : descriptors.length, "file");
        out.value(now, "buffered_messages", bus.pendingMessages(), "message");
        out.value(now, "total_dropped_messages", bus.droppedMessages(), "message");
        out.flush();
    }

    private static boolean isAlwaysTold(String name) {
        return ALWAYS.containsKey(name)
                || name.equals("responses")
                || name.equals("routed_app_requests")
                || name.equals("routes_pruned");
    }

    private Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        ALWAYS.forEach((name, counter) -> counts.put(name, plane.count(counter)));
        counts.put(
                "responses",
                ALWAYS.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("responses."))
                        .mapToLong(entry -> plane.count(entry.getValue()))
                        .sum());
        counts.put("routed_app_requests", 0L);
        for (LoopMetrics loop : plane.metrics()) {
            loop.requests().forEach((component, count) -> {
                if (!component.isEmpty()) {
                    counts.merge("requests." + component, count, Long::sum);
                }
                if (component.startsWith("dea-")) {
                    counts.merge("routed_app_requests", count, Long::sum);
                }
            });
        }
        counts.put("routes_pruned", registry.pruned.sum());
        registry.registrations().forEach((component, count) -> counts.put(named("registry_message", component), count));
        registry.unregistrations()
                .forEach((component, count) -> counts.put(named("unregistry_message", component), count));
        return counts;
    }

    private static String named(String name, String component) {
        return component.isEmpty() ? name : name + "." + component;
    }

    /** The names speak of Go's runtime; the numbers are what comes closest in ours. */
    private synchronized void process() {
        long now = now();
        var memory = ManagementFactory.getMemoryMXBean();
        long heap = memory.getHeapMemoryUsage().getUsed();
        count(now, "numCPUS", Runtime.getRuntime().availableProcessors());
        count(now, "numGoRoutines", ManagementFactory.getThreadMXBean().getThreadCount());
        count(now, "memoryStats.numBytesAllocatedHeap", heap);
        count(
                now,
                "memoryStats.numBytesAllocated",
                heap + memory.getNonHeapMemoryUsage().getUsed());
        count(now, "memoryStats.lastGCPauseTimeNS", lastPauseNanos());
        out.flush();
    }

    private static long lastPauseNanos() {
        long ended = -1;
        long millis = 0;
        for (var collector : ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class)) {
            GcInfo last = collector.getLastGcInfo();
            if (last != null && last.getEndTime() > ended) {
                ended = last.getEndTime();
                millis = last.getDuration();
            }
        }
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void count(long now, String name, long value) {
        out.value(now, name, value, "count");
    }
}
