package org.cupola.gorouter;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts of what happens to the routing table. Any thread. */
final class RegistryMetrics {
    /** Components come from registrations: whatever their number, this many are told apart. */
    private static final int MAX_COMPONENTS = 100;

    private static final String OTHERS = "other";

    final LongAdder added = new LongAdder();
    final LongAdder updated = new LongAdder();
    final LongAdder refreshed = new LongAdder();
    final LongAdder unmodified = new LongAdder();
    final LongAdder unregistered = new LongAdder();
    final LongAdder invalid = new LongAdder();
    final LongAdder pruned = new LongAdder();
    private final Map<String, LongAdder> registrations = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> unregistrations = new ConcurrentHashMap<>();

    /** A message was accepted for one URI; {@code component} as tagged, empty for none. */
    void registeredBy(String component) {
        count(registrations, component);
    }

    void unregisteredBy(String component) {
        unregistered.increment();
        count(unregistrations, component);
    }

    private static void count(Map<String, LongAdder> counts, String component) {
        String known = counts.size() < MAX_COMPONENTS || counts.containsKey(component) ? component : OTHERS;
        counts.computeIfAbsent(known, _ -> new LongAdder()).increment();
    }

    /** Accepted messages per URI, by component. */
    Map<String, Long> registrations() {
        return sums(registrations);
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
