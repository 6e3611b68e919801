package org.cupola.gorouter.routes;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One request's walk through the endpoints of a pool, from its first attempt to its last. Reused from request to
 * request; confined to one thread.
 *
 * <p>Round-robin goes on from where the pool's last request began. Endpoints set aside are passed over while there is
 * another; when all are aside they are tried all the same, since a guess is better than a refusal.
 */
public final class Selection {
    private final Rules rules;
    private final RandomGenerator random;
    private Pool pool;
    private String preferred = "";
    private boolean mandatory;
    private boolean hashes;
    private long hash;
    private int attempts;
    private int position;
    private @Nullable Endpoint last;
    private final java.util.ArrayList<Backend> tried = new java.util.ArrayList<>(4);

    /**
     * @param balancing     for pools that name none
     * @param maxInFlight   per backend; 0 for no limit
     * @param zone          whose endpoints the first attempt prefers; empty for none
     */
    public record Rules(Balancing balancing, long maxInFlight, String zone) {}

    public Selection(Rules rules, RandomGenerator random, Pool pool) {
        this.rules = rules;
        this.random = random;
        this.pool = pool;
    }

    /** Begins a request without stickiness. */
    public void begin(Pool newPool) {
        begin(newPool, "", false);
    }

    /**
     * Begins a request.
     *
     * @param instance instance id or address that the first attempt should go to; empty for any
     * @param only     whether no other will do
     */
    public void begin(Pool newPool, String instance, boolean only) {
        pool = newPool;
        preferred = instance;
        mandatory = only;
        hashes = false;
        attempts = 0;
        position = -1;
        last = null;
        tried.clear();
    }

    /** Sets what {@link Pool#hashHeader} of the request says. */
    public void hashOn(byte[] bytes, int start, int end) {
        hashes = end > start;
        hash = HashBalancing.fnv1a(bytes, start, end);
    }

    public int attempts() {
        return attempts;
    }

    /** How many different endpoints of the pool have not been tried. */
    public boolean exhausted() {
        for (Endpoint endpoint : pool.array()) {
            if (!tried.contains(endpoint.backend())) {
                return false;
            }
        }
        return true;
    }

    /** The endpoint for the next attempt, or {@code null} when none will do. */
    public @Nullable Endpoint next() {
        Endpoint chosen = choose();
        attempts++;
        last = chosen;
        if (chosen != null && attempts > 0) {
            tried.add(chosen.backend());
        }
        return chosen;
    }

    private @Nullable Endpoint choose() {
        if (!preferred.isEmpty()) {
            Endpoint sticky = sticky();
            if (mandatory) {
                return sticky;
            }
            preferred = "";
            if (sticky != null) {
                return sticky;
            }
        }
        Endpoint[] all = pool.array();
        if (all.length == 0) {
            return null;
        }
        if (all.length == 1) {
            return usable(all[0]) ? all[0] : null;
        }
        Balancing balancing = pool.balancing();
        if (balancing == Balancing.HASH && hashes) {
            return hashed();
        }
        boolean least = (balancing == null || balancing == Balancing.HASH ? rules.balancing() : balancing)
                == Balancing.LEAST_CONNECTION;
        if (attempts == 0 && !rules.zone().isEmpty()) {
            Endpoint near = least ? leastLoaded(all, true, true) : inTurn(all, true, true);
            if (near != null) {
                return near;
            }
        }
        Endpoint healthy = least ? leastLoaded(all, false, true) : inTurn(all, false, true);
        if (healthy != null) {
            return healthy;
        }
        return least ? leastLoaded(all, false, false) : inTurn(all, false, false);
    }

    private @Nullable Endpoint sticky() {
        for (Endpoint endpoint : pool.array()) {
            EndpointInfo info = endpoint.info();
            if ((preferred.equals(info.instanceId()) || info.isAt(preferred)) && usable(endpoint)) {
                return mandatory || !endpoint.isAside() ? endpoint : null;
            }
        }
        return null;
    }

    private @Nullable Endpoint hashed() {
        HashBalancing table = pool.hash();
        if (table == null) {
            return inTurn(pool.array(), false, false);
        }
        int slot = position < 0 ? table.slotOf(hash) : position + 1;
        position = slot;
        Endpoint healthy = table.from(slot, last, rules.maxInFlight(), true);
        return healthy != null ? healthy : table.from(slot, last, rules.maxInFlight(), false);
    }

    private @Nullable Endpoint inTurn(Endpoint[] all, boolean nearOnly, boolean healthyOnly) {
        int start = position < 0 ? pool.nextTurn() % all.length : position;
        for (int i = 0; i < all.length; i++) {
            int at = (start + i) % all.length;
            Endpoint candidate = all[at];
            if (usable(candidate)
                    && !(healthyOnly && candidate.isAside())
                    && !(nearOnly && !rules.zone().equals(candidate.info().availabilityZone()))
                    && (attempts == 0 || !tried.contains(candidate.backend()) || !healthyOnly)) {
                position = at + 1;
                return candidate;
            }
        }
        position = start;
        return null;
    }

    private @Nullable Endpoint leastLoaded(Endpoint[] all, boolean nearOnly, boolean healthyOnly) {
        Endpoint best = null;
        int load = Integer.MAX_VALUE;
        int equals = 0;
        for (Endpoint candidate : all) {
            if (!usable(candidate)
                    || (healthyOnly && (candidate.isAside() || tried.contains(candidate.backend())))
                    || (nearOnly && !rules.zone().equals(candidate.info().availabilityZone()))) {
                continue;
            }
            int its = candidate.backend().inFlight();
            if (its < load) {
                best = candidate;
                load = its;
                equals = 1;
            } else if (its == load && random.nextInt(++equals) == 0) {
                best = candidate;
            }
        }
        return best;
    }

    private boolean usable(Endpoint endpoint) {
        return rules.maxInFlight() == 0 || endpoint.backend().inFlight() < rules.maxInFlight();
    }
}
