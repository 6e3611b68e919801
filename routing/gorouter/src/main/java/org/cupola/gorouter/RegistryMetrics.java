package org.cupola.gorouter;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.cupola.gorouter.routes.RouteTable;

/** Counts of what happens to the routing table. Any thread. */
final class RegistryMetrics {
    /** Components come from registrations: whatever their number, this many are told apart. */
    private static final int MAX_COMPONENTS = 100;

    private static final String OTHERS = "other";

    final LongAdder invalid = new LongAdder();
    final LongAdder pruned = new LongAdder();

    /** Endpoints that their announcers left out. */
    final LongAdder missing = new LongAdder();

    /** Those of them that were dropped. */
    final LongAdder withdrawn = new LongAdder();

    private final Map<RouteTable.Outcome, Map<String, LongAdder>> registrations =
            new EnumMap<>(RouteTable.Outcome.class);
    private final Map<String, LongAdder> unregistrations = new ConcurrentHashMap<>();

    RegistryMetrics() {
        for (RouteTable.Outcome outcome : RouteTable.Outcome.values()) {
            registrations.put(outcome, new ConcurrentHashMap<>());
        }
    }

    /** A message was accepted for one URI; {@code component} as tagged, empty for none. */
    void registered(RouteTable.Outcome outcome, String component) {
        count(Objects.requireNonNull(registrations.get(outcome)), component);
    }

    void unregisteredBy(String component) {
        count(unregistrations, component);
    }

    private static void count(Map<String, LongAdder> counts, String component) {
        String known = counts.size() < MAX_COMPONENTS || counts.containsKey(component) ? component : OTHERS;
        counts.computeIfAbsent(known, _ -> new LongAdder()).increment();
    }

    /** Accepted messages per URI, by component. */
    Map<String, Long> registrations() {
        Map<String, Long> all = new TreeMap<>();
        registrations
                .values()
                .forEach(counts -> sums(counts).forEach((component, count) -> all.merge(component, count, Long::sum)));
        return all;
    }

    /** Those with one outcome. */
    Map<String, Long> registrations(RouteTable.Outcome outcome) {
        return sums(Objects.requireNonNull(registrations.get(outcome)));
    }

    Map<String, Long> unregistrations() {
        return sums(unregistrations);
    }

    private static Map<String, Long> sums(Map<String, LongAdder> counts) {
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach((component, count) -> sums.put(component, count.sum()));
        return sums;
    }
}
