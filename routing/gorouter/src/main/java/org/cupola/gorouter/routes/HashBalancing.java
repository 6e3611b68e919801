package org.cupola.gorouter.routes;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import org.cupola.gorouter.head.HeaderLines;
import org.jspecify.annotations.Nullable;

/**
 * Picks the same instance for the same value of a request header, by a Maglev table (Eisenbud et al., NSDI 2016) of
 * 3001 slots: when an instance comes or goes, few values move. Routers with the same instances have the same table.
 * Immutable.
 */
final class HashBalancing {
    private static final int SLOTS = 3001;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final String header;
    private final byte[] canonicalName;
    private final double balance;
    private final List<Endpoint> endpoints;
    private final short[] slots;

    HashBalancing(String header, double balance, List<Endpoint> endpoints) {
        this.header = header;
        this.canonicalName = HeaderLines.canonicalName(header);
        this.balance = balance;
        this.endpoints = endpoints.stream()
                .sorted(Comparator.comparing(endpoint -> id(endpoint)))
                .toList();
        this.slots = fill();
    }

    String header() {
        return header;
    }

    /** The header's name as request heads have it. */
    byte[] canonicalName() {
        return canonicalName;
    }

    double balance() {
        return balance;
    }

    boolean covers(List<Endpoint> others) {
        return endpoints.size() == others.size() && endpoints.containsAll(others);
    }

    private static String id(Endpoint endpoint) {
        String instance = endpoint.info().instanceId();
        return instance.isEmpty() ? endpoint.info().address() : instance;
    }

    private short[] fill() {
        var filled = new short[SLOTS];
        int count = endpoints.size();
        if (count == 0) {
            return filled;
        }
        java.util.Arrays.fill(filled, (short) -1);
        var next = new int[count];
        var skip = new int[count];
        for (int i = 0; i < count; i++) {
            long hash = fnv1a(id(endpoints.get(i)).getBytes(StandardCharsets.UTF_8));
            next[i] = (int) Long.remainderUnsigned(hash, SLOTS);
            skip[i] = (int) Long.remainderUnsigned(hash, SLOTS - 1) + 1;
        }
        for (int taken = 0, turn = 0; taken < SLOTS; turn = (turn + 1) % count) {
            while (filled[next[turn]] >= 0) {
                next[turn] = (next[turn] + skip[turn]) % SLOTS;
            }
            filled[next[turn]] = (short) turn;
            taken++;
        }
        return filled;
    }

    static long fnv1a(byte[] bytes) {
        return fnv1a(bytes, 0, bytes.length);
    }

    static long fnv1a(byte[] bytes, int start, int end) {
        long hash = FNV_OFFSET;
        for (int i = start; i < end; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
        }
        return hash;
    }

    /** @param hash of the header's value, by {@link #fnv1a} */
    int slotOf(long hash) {
        return (int) Long.remainderUnsigned(hash, SLOTS);
    }

    /**
     * The first usable instance from the slot on.
     *
     * @param last        the instance that was just tried, passed over
     * @param healthyOnly whether instances set aside are passed over too
     */
    @Nullable
    Endpoint from(int slot, @Nullable Endpoint last, long maxInFlight, boolean healthyOnly) {
        double average = average();
        for (int i = 0; i < SLOTS; i++) {
            if (endpoints.isEmpty()) {
                return null;
            }
            Endpoint candidate = endpoints.get(slots[(slot + i) % SLOTS]);
            int load = candidate.backend().inFlight();
            boolean full = maxInFlight != 0 && load >= maxInFlight;
            boolean unbalanced = balance > 0 && average > 0 && load / average > balance;
            boolean passed = candidate.equals(last) || (healthyOnly && candidate.isAside());
            if (!full && !unbalanced && !passed) {
                return candidate;
            }
        }
        return null;
    }

    private double average() {
        if (balance <= 0 || endpoints.isEmpty()) {
            return 0;
        }
        double sum = 0;
        for (Endpoint endpoint : endpoints) {
            sum += endpoint.backend().inFlight();
        }
        return sum / endpoints.size();
    }
}
