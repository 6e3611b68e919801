package org.cupola.gorouter.proxy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** What one event loop knows of requests by app and component. Confined to the loop. */
final class LoopUsage {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int SECONDS = 60;

    /** Components come from registrations: of more than these, the latency of the rest is not told apart. */
    private static final int MAX_COMPONENTS = 100;

    private final boolean remembersApps;
    private final SplittableRandom random = new SplittableRandom();
    private final Usage.Counts all = new Usage.Counts(random.split());
    private final Map<String, Usage.Counts> components = new HashMap<>();
    private final Second[] seconds = new Second[SECONDS];
    private Set<String> seen = new HashSet<>();

    private static final class Second {
        private long number = Long.MIN_VALUE;
        private final Map<String, long[]> requests = new HashMap<>();
    }

    /** @param remembersApps whether {@link #takeSeenApps} will be called */
    LoopUsage(boolean remembersApps) {
        this.remembersApps = remembersApps;
        for (int i = 0; i < SECONDS; i++) {
            seconds[i] = new Second();
        }
    }

    void requested(String component) {
        all.requested();
        if (!component.isEmpty() && mayKnow(component)) {
            known(component).requested();
        }
    }

    void served(String app, String component, int status, long nowNanos, long latencyNanos) {
        double now = nowNanos / NANOS_PER_SECOND;
        all.served(status, now, latencyNanos);
        if (!component.isEmpty() && mayKnow(component)) {
            known(component).served(status, now, latencyNanos);
        }
        if (!app.isEmpty()) {
            second((long) now).computeIfAbsent(app, _ -> new long[1])[0]++;
            if (remembersApps) {
                seen.add(app);
            }
        }
    }

    private boolean mayKnow(String component) {
        return components.size() < MAX_COMPONENTS || components.containsKey(component);
    }

    private Usage.Counts known(String component) {
        return components.computeIfAbsent(component, _ -> new Usage.Counts(random.split()));
    }

    private Map<String, long[]> second(long number) {
        Second slot = seconds[(int) Math.floorMod(number, (long) SECONDS)];
        if (slot.number != number) {
            slot.number = number;
            slot.requests.clear();
        }
        return slot.requests;
    }

    /** A copy that others may read. */
    Usage copy(long nowNanos) {
        long now = (long) (nowNanos / NANOS_PER_SECOND);
        Map<String, Long> lastMinute = new HashMap<>();
        for (Second slot : seconds) {
            if (slot.number > now - SECONDS) {
                slot.requests.forEach((app, requests) -> lastMinute.merge(app, requests[0], Long::sum));
            }
        }
        Map<String, Usage.Counts> copies = new TreeMap<>();
        components.forEach((component, counts) -> copies.put(component, counts.copy()));
        return new Usage(all.copy(), copies, lastMinute);
    }

    /** Apps that had requests since the last call. */
    Set<String> takeSeenApps() {
        Set<String> taken = seen;
        seen = new HashSet<>();
        return taken;
    }
}
