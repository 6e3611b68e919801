package org.cupola.gorouter.routes;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.cupola.gorouter.protection.RouteLimits;
import org.cupola.gorouter.routes.RouteIndex.Entry;
import org.cupola.gorouter.routes.RouteIndex.Portion;
import org.cupola.protocol.routing.RouteOptions;
import org.jspecify.annotations.Nullable;

/**
 * The routes in force, and the rules by which registrations change them.
 *
 * <p>Changes are made under the table's lock, by few writers; {@link #lookup} takes none and sees each change from the very
 * next request on. Times are nanoseconds of one monotonic clock, passed in.
 */
public final class RouteTable {
    private final Rules rules;
    private final boolean limited;
    private final RandomGenerator random;
    private final RouteChanges changes;
    private final RouteIndex index = new RouteIndex();

    @GuardedBy("this")
    private final Backends backends = new Backends();

    private final Fingerprints fingerprints;

    @GuardedBy("this")
    private long version;

    @GuardedBy("this")
    private final Set<Pool> hashed = new LinkedHashSet<>();

    @GuardedBy("this")
    private final Announcers announcers;

    private volatile long updatedNanos;
    private volatile boolean updated;

    /**
     * @param staleNanos      after how long an endpoint without TLS that was not refreshed is dropped, at most
     * @param keepEmpty       whether routes that have lost their last endpoint are kept for {@code emptyNanos}
     * @param http2           whether {@code http2} registrations count
     * @param limits          of routes that do not say otherwise
     * @param cadenceNanos    how often endpoints are announced, at most
     */
    public record Rules(
            Sharding sharding,
            long staleNanos,
            boolean keepEmpty,
            long emptyNanos,
            boolean http2,
            RouteLimits limits,
            long cadenceNanos) {

        /** Without limits for routes that ask for none. */
        public Rules(Sharding sharding, long staleNanos, boolean keepEmpty, long emptyNanos, boolean http2) {
            this(sharding, staleNanos, keepEmpty, emptyNanos, http2, RouteLimits.NONE, staleNanos / 6);
        }
    }

    /** An endpoint that its announcer leaves out, and the route for which it does. */
    public record Missing(Pool pool, Endpoint endpoint) {}

    /** What became of a registration for one route. */
    public enum Outcome {
        ADDED,
        UPDATED,
        /** Nothing changed but the time of the last refresh. */
        REFRESHED,
        /** Refused: an older version. */
        UNMODIFIED
    }

    public RouteTable(Rules rules, RandomGenerator random, RouteChanges changes) {
        this.rules = rules;
        this.limited = !rules.limits().isEmpty();
        this.random = random;
        this.changes = changes;
        this.announcers = new Announcers(rules.cadenceNanos());
        this.fingerprints = new Fingerprints(random.nextLong());
    }

    public Rules rules() {
        return rules;
    }

    /**
     * The pool for a request, or {@code null} when no route matches. The nearest host wins: the exact one, else the
     * wildcard with the most labels; within it the longest path that has endpoints.
     *
     * @param bytes  holds host (without port) and path (without query, not normalised), in any case
     */
    public @Nullable Pool lookup(byte[] bytes, int hostStart, int hostEnd, int pathStart, int pathEnd) {
        int end = pathEnd > pathStart && bytes[pathEnd - 1] == '/' ? pathEnd - 1 : pathEnd;
        return index.lookup(bytes, hostStart, hostEnd, pathStart, end);
    }

    /** As the other, for a URI such as {@code host/path}. */
    public @Nullable Pool lookup(String uri) {
        byte[] key = RouteKey.normalise(uri);
        int slash = 0;
        while (slash < key.length && key[slash] != '/') {
            slash++;
        }
        return index.lookup(key, 0, slash, slash, key.length);
    }

    /** What a message is known by when its very bytes come again. Any thread, no lock. */
    public long fingerprint(byte[] message) {
        return fingerprints.of(message);
    }

    /**
     * Registers again what a message has registered before.
     *
     * @return the endpoint, or {@code null} when the message must be read
     */
    public synchronized @Nullable EndpointInfo refresh(long fingerprint, long nowNanos) {
        Endpoint endpoint = fingerprints.find(fingerprint);
        Pool pool = endpoint == null ? null : endpoint.pool();
        if (endpoint == null || pool == null) {
            return null;
        }
        updatedNanos = nowNanos;
        refresh(pool, endpoint, nowNanos);
        return endpoint.info();
    }

    @GuardedBy("this")
    private void refresh(Pool pool, Endpoint endpoint, long nowNanos) {
        long before = endpoint.seenNanos();
        endpoint.seen(nowNanos);
        announcers.announcedAgain(endpoint, before, nowNanos);
        settings(pool, endpoint.info(), nowNanos);
    }

    /** Registers an endpoint for a route; the caller has asked {@link Sharding} before. */
    public Outcome register(String uri, EndpointInfo info, long nowNanos) {
        return register(uri, info, 0, nowNanos);
    }

    /** @param fingerprint of the message, if it registers nothing else; 0 for none */
    public synchronized Outcome register(String uri, EndpointInfo info, long fingerprint, long nowNanos) {
        updatedNanos = nowNanos;
        updated = true;
        byte[] key = RouteKey.normalise(uri);
        Entry entry = index.find(key);
        Pool pool = entry == null ? null : entry.pool;
        if (pool == null) {
            pool = new Pool(key, RouteKey.contextPath(uri), random.nextInt(Integer.MAX_VALUE));
            fingerprints.put(add(pool, info, nowNanos), fingerprint);
            index.put(key, pool);
            String normalised = pool.uri();
            changes.routeRegistered(normalised);
            changes.endpointRegistered(normalised, pool.array()[0]);
            return Outcome.ADDED;
        }
        Endpoint present = pool.find(info.host(), info.port());
        if (present == null) {
            Endpoint added = add(pool, info, nowNanos);
            fingerprints.put(added, fingerprint);
            changes.endpointRegistered(pool.uri(), added);
            return Outcome.ADDED;
        }
        if (present.info().refreshes(info)) {
            refresh(pool, present, nowNanos);
            fingerprints.put(present, fingerprint);
            return Outcome.REFRESHED;
        }
        if (!present.info().modificationTag().supersededBy(info.modificationTag())) {
            changes.endpointNotRegistered(pool.uri(), info);
            return Outcome.UNMODIFIED;
        }
        Endpoint replacement = endpoint(info, nowNanos);
        replacement.inherit(present);
        if (replacement.announcer() == present.announcer()) {
            announcers.announcedAgain(replacement, present.seenNanos(), nowNanos);
        }
        pool.replace(present, replacement);
        replacement.joined(pool);
        release(present);
        fingerprints.put(replacement, fingerprint);
        settings(pool, info, nowNanos);
        changes.endpointUpdated(pool.uri(), replacement);
        return Outcome.UPDATED;
    }

    /** Removes an endpoint from a route, with the route when it was the last; in force for the very next request. */
    public synchronized void unregister(String uri, EndpointInfo info, long nowNanos) {
        updatedNanos = nowNanos;
        updated = true;
        Entry entry = index.find(RouteKey.normalise(uri));
        Pool pool = entry == null ? null : entry.pool;
        if (entry == null || pool == null) {
            return;
        }
        Endpoint present = pool.find(info.host(), info.port());
        if (present == null || !present.info().modificationTag().removableBy(info.modificationTag())) {
            changes.endpointNotUnregistered(pool.uri(), info);
        } else {
            drop(pool, present, nowNanos);
            changes.endpointUnregistered(pool.uri(), present);
        }
        if (dropIfEmpty(entry, pool, nowNanos)) {
            changes.routeUnregistered(pool.uri());
        }
    }

    /** Removes an endpoint whose identity was found wrong from one route; the emptied route stays until the next prune. */
    public synchronized boolean expel(Pool pool, Endpoint endpoint, long nowNanos) {
        if (pool.find(endpoint.info().host(), endpoint.info().port()) != endpoint) {
            return false;
        }
        drop(pool, endpoint, nowNanos);
        return true;
    }

    /**
     * Drops endpoints that were not refreshed in time, and routes without any. Endpoints with TLS do not age: they show
     * by their certificate that they are still who they were.
     *
     * @return how many endpoints went
     */
    public int prune(long nowNanos) {
        int count = 0;
        for (Portion portion : index.portions()) {
            synchronized (this) {
                for (Entry entry : portion.routes()) {
                    count += prune(entry, Objects.requireNonNull(entry.pool), nowNanos);
                }
            }
        }
        return count;
    }

    @GuardedBy("this")
    private int prune(Entry entry, Pool pool, long nowNanos) {
        List<Endpoint> stale = new ArrayList<>(0);
        for (Endpoint endpoint : pool.array()) {
            if (!endpoint.info().tls() && nowNanos - endpoint.seenNanos() > staleNanos(endpoint.info())) {
                stale.add(endpoint);
            }
        }
        for (Endpoint endpoint : stale) {
            drop(pool, endpoint, nowNanos);
        }
        if (!stale.isEmpty()) {
            changes.pruned(pool.uri(), stale);
        }
        dropIfEmpty(entry, pool, nowNanos);
        return stale.size();
    }

    /** Announcements may have been lost until now: whoever was left out had a reason. */
    public synchronized void announcementsLost(long nowNanos) {
        announcers.lost(nowNanos);
    }

    /**
     * Looks for endpoints that their announcers leave out while they announce others: they are passed over from now on.
     * To be called several times within an announcer's interval. Those left out for long are dropped at once.
     *
     * @return those that are missing, also those that were already: whoever does not answer should be {@link #withdraw}n
     */
    public List<Missing> missing(long nowNanos) {
        List<Missing> missing = new ArrayList<>(0);
        for (Portion portion : index.portions()) {
            synchronized (this) {
                for (Entry entry : portion.routes()) {
                    Pool pool = Objects.requireNonNull(entry.pool);
                    for (Endpoint endpoint : pool.array()) {
                        if (isMissing(entry, pool, endpoint, nowNanos)) {
                            missing.add(new Missing(pool, endpoint));
                        }
                    }
                }
            }
        }
        return missing;
    }

    @GuardedBy("this")
    private boolean isMissing(Entry entry, Pool pool, Endpoint endpoint, long nowNanos) {
        Announcer.Verdict verdict = announcers.judge(endpoint, staleNanos(endpoint.info()), nowNanos);
        if (verdict == Announcer.Verdict.PRESENT) {
            return false;
        }
        if (verdict == Announcer.Verdict.GONE && endpoint.isMissing()) {
            withdraw(entry, pool, endpoint, nowNanos);
            return false;
        }
        if (endpoint.leftOut()) {
            changes.endpointMissing(pool.uri(), endpoint);
        }
        return endpoint.isMissing();
    }

    /** Drops an endpoint that is missing, unless it has been announced again. */
    public synchronized void withdraw(Missing missing, long nowNanos) {
        Endpoint endpoint = missing.endpoint();
        EndpointInfo info = endpoint.info();
        Entry entry = index.find(missing.pool().key());
        if (entry != null
                && entry.pool == missing.pool()
                && endpoint.isMissing()
                && missing.pool().find(info.host(), info.port()) == endpoint) {
            withdraw(entry, missing.pool(), endpoint, nowNanos);
        }
    }

    @GuardedBy("this")
    private void withdraw(Entry entry, Pool pool, Endpoint endpoint, long nowNanos) {
        drop(pool, endpoint, nowNanos);
        changes.endpointWithdrawn(pool.uri(), endpoint);
        if (dropIfEmpty(entry, pool, nowNanos)) {
            changes.routeUnregistered(pool.uri());
        }
    }

    /** Gives every endpoint a new lease, as after an outage in which nobody could refresh it. */
    public void refreshAll(long nowNanos) {
        announcementsLost(nowNanos);
        for (Portion portion : index.portions()) {
            synchronized (this) {
                for (Entry entry : portion.routes()) {
                    for (Endpoint endpoint : Objects.requireNonNull(entry.pool).array()) {
                        endpoint.seen(nowNanos);
                    }
                }
            }
        }
    }

    /** Calls with every route and its pool. Takes no lock: changes meanwhile may be seen or not. */
    public void forEach(BiConsumer<String, Pool> action) {
        for (Portion portion : index.portions()) {
            for (Entry entry : portion.routes()) {
                Pool pool = entry.pool;
                if (pool != null) {
                    action.accept(pool.uri(), pool);
                }
            }
        }
    }

    /** Differs whenever something was registered, changed or dropped since; refreshes do not count. */
    public synchronized long version() {
        return version;
    }

    /** Routes whose instances are picked by hash. */
    public synchronized List<Pool> hashed() {
        return List.copyOf(hashed);
    }

    public synchronized int routeCount() {
        return index.routes();
    }

    /** Distinct addresses. */
    public synchronized int backendCount() {
        return backends.size();
    }

    /** Milliseconds since anything was registered or unregistered, -1 when nothing ever was. */
    public long millisSinceUpdate(long nowNanos) {
        return updated ? (nowNanos - updatedNanos) / 1_000_000 : -1;
    }

    /** How long the endpoint lives without a refresh. */
    public long staleNanos(EndpointInfo info) {
        long seconds = info.staleAfterSeconds();
        if (seconds == 0 || seconds > rules.staleNanos() / 1_000_000_000L) {
            return rules.staleNanos();
        }
        return seconds * 1_000_000_000L;
    }

    @GuardedBy("this")
    private Endpoint add(Pool pool, EndpointInfo info, long nowNanos) {
        Endpoint endpoint = endpoint(info, nowNanos);
        pool.add(endpoint);
        endpoint.joined(pool);
        settings(pool, info, nowNanos);
        return endpoint;
    }

    @GuardedBy("this")
    private void settings(Pool pool, EndpointInfo info, long nowNanos) {
        pool.settings(info);
        if (!pool.hashHeader().isEmpty()) {
            hashed.add(pool);
        } else if (!hashed.isEmpty()) {
            hashed.remove(pool);
        }
        if (pool.limitsDiffer(info, limited)) {
            limits(pool, info, nowNanos);
        }
    }

    @GuardedBy("this")
    private void limits(Pool pool, EndpointInfo info, long nowNanos) {
        pool.limits(info, rules.limits(), nowNanos, problem -> changes.optionIgnored(pool.uri(), problem));
        tellOfUnusableBalancing(pool, info.options());
    }

    @GuardedBy("this")
    private void tellOfUnusableBalancing(Pool pool, RouteOptions options) {
        String asked = options.loadBalancing();
        Balancing known = Balancing.of(asked).orElse(null);
        if (known == null && !asked.isEmpty()) {
            Balancing kept = pool.balancing();
            changes.balancingIgnored(pool.uri(), asked, kept == null ? "" : kept.label());
        } else if (known == Balancing.HASH && options.hashHeader().isEmpty()) {
            changes.optionIgnored(pool.uri(), "loadbalancing: hash (expected: a hash_header with it)");
        }
    }

    @GuardedBy("this")
    private Endpoint endpoint(EndpointInfo info, long nowNanos) {
        version++;
        Backend backend = backends.of(info);
        backend.use();
        return new Endpoint(info, backend, announcers.of(info), nowNanos);
    }

    @GuardedBy("this")
    private void drop(Pool pool, Endpoint endpoint, long nowNanos) {
        pool.remove(endpoint, nowNanos);
        release(endpoint);
    }

    @GuardedBy("this")
    private void release(Endpoint endpoint) {
        version++;
        endpoint.gone();
        fingerprints.remove(endpoint);
        announcers.release(endpoint.announcer());
        Backend backend = endpoint.backend();
        if (backend.release()) {
            backends.remove(backend);
        }
    }

    @GuardedBy("this")
    private boolean dropIfEmpty(Entry entry, Pool pool, long nowNanos) {
        boolean kept =
                rules.keepEmpty() && rules.emptyNanos() > 0 && nowNanos - pool.emptySinceNanos() <= rules.emptyNanos();
        if (!pool.isEmpty() || kept) {
            return false;
        }
        index.remove(entry);
        hashed.remove(pool);
        pool.gone();
        return true;
    }
}
