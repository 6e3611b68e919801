package org.cupola.gorouter.proxy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts of one event loop. Written by that loop alone, with plain arithmetic; any thread may read a recent value. */
public final class LoopMetrics {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;

    /** Components come from registrations: whatever their number, this many are told apart. */
    private static final int MAX_COMPONENTS = 100;

    private static final String OTHERS = "other";

    private final HistogramBounds bounds;
    private final long[] counts = new long[Counter.values().length];
    private final Histogram lookup;
    private final Histogram gorouterTime;
    private final Map<String, Histogram> latency = new ConcurrentHashMap<>();
    private final Map<String, long[]> requests = new ConcurrentHashMap<>();

    LoopMetrics(HistogramBounds bounds) {
        this.bounds = bounds;
        this.lookup = new Histogram(bounds.lookupNanos());
        this.gorouterTime = new Histogram(bounds.gorouterTime());
    }

    void add(Counter counter) {
        add(counter, 1);
    }

    void add(Counter counter, long amount) {
        int cell = counter.cell();
        CELL.setOpaque(counts, cell, counts[cell] + amount);
    }

    public long count(Counter counter) {
        return (long) CELL.getOpaque(counts, counter.cell());
    }

    void response(int status) {
        add(
                switch (status / 100) {
                    case 2 -> Counter.RESPONSES_2XX;
                    case 3 -> Counter.RESPONSES_3XX;
                    case 4 -> Counter.RESPONSES_4XX;
                    case 5 -> Counter.RESPONSES_5XX;
                    default -> Counter.RESPONSES_XXX;
                });
    }

    void serviceAnswered(int status) {
        add(
                switch (status / 100) {
                    case 2 -> Counter.SERVICE_RESPONSES_2XX;
                    case 3 -> Counter.SERVICE_RESPONSES_3XX;
                    case 4 -> Counter.SERVICE_RESPONSES_4XX;
                    case 5 -> Counter.SERVICE_RESPONSES_5XX;
                    default -> Counter.SERVICE_RESPONSES_XXX;
                });
    }

    /** @param component of the endpoint a request is sent to, empty for none */
    void requested(String component) {
        add(Counter.TOTAL_REQUESTS);
        long[] its = requests.get(component);
        if (its == null) {
            its = requests.computeIfAbsent(requests.size() < MAX_COMPONENTS ? component : OTHERS, _ -> new long[1]);
        }
        CELL.setOpaque(its, 0, its[0] + 1);
    }

    /** Attempts to send a request to a backend, by the backend's component. */
    public Map<String, Long> requests() {
        Map<String, Long> counts = new HashMap<>();
        requests.forEach((component, count) -> counts.put(component, (long) CELL.getOpaque(count, 0)));
        return counts;
    }

    void lookedUp(long nanos) {
        lookup.record((double) nanos);
    }

    /** @param component of the endpoint, empty for none */
    void served(String component, long totalNanos, long ownNanos) {
        gorouterTime.record(ownNanos / NANOS_PER_SECOND);
        Histogram its = latency.get(component);
        if (its == null) {
            String known = latency.size() < MAX_COMPONENTS ? component : OTHERS;
            its = latency.computeIfAbsent(known, _ -> new Histogram(bounds.latencyMillis()));
        }
        its.record(totalNanos / NANOS_PER_MILLI);
    }

    public Histogram lookup() {
        return lookup;
    }

    public Histogram gorouterTime() {
        return gorouterTime;
    }

    /** By component. */
    public Map<String, Histogram> latency() {
        return Map.copyOf(latency);
    }
}
