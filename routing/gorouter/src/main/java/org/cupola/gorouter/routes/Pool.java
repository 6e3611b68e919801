package org.cupola.gorouter.routes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.cupola.gorouter.head.HeaderLines;
import org.cupola.gorouter.protection.RouteGuard;
import org.cupola.gorouter.protection.RouteLimits;
import org.cupola.gorouter.protection.RouteLimitsReader;
import org.cupola.gorouter.series.Measured;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one route, in the order in which they were registered.
 *
 * <p>Single writer (under the table's lock), any reader: readers see one whole array of endpoints at a time.
 */
public final class Pool extends Measured {
    private static final Endpoint[] NONE = {};
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(Pool.class, "turn", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A pool of nothing, for what has no pool yet. */
    public static final Pool EMPTY = new Pool(new byte[0], "/", 0);

    private final byte[] key;
    private final String contextPath;
    private volatile Endpoint[] endpoints = NONE;
    private volatile String routeServiceUrl = "";
    private volatile @Nullable Balancing balancing;
    private volatile @Nullable HashBalancing hash;
    private volatile @Nullable RouteGuard guard;
    private @Nullable String limitsFrom;

    @SuppressWarnings("UnusedVariable") // read and advanced through TURN
    private volatile int turn;

    private long emptySinceNanos;
    private @Nullable Pool whole;

    /**
     * @param key         the normalised route
     * @param contextPath its path in the case it was first registered with, {@code /} for none
     * @param turn        where round-robin begins
     */
    Pool(byte[] key, String contextPath, int turn) {
        this.key = key;
        this.contextPath = contextPath;
        this.turn = turn;
    }

    /** A pool of its own for one request that names its instance. */
    public Pool only(Predicate<EndpointInfo> wanted) {
        var pool = new Pool(key, contextPath, 0);
        pool.whole = this;
        pool.endpoints = Arrays.stream(endpoints)
                .filter(endpoint -> wanted.test(endpoint.info()))
                .toArray(Endpoint[]::new);
        pool.routeServiceUrl = routeServiceUrl;
        pool.balancing = balancing;
        pool.guard = guard;
        pool.hash = hash == null ? null : new HashBalancing(hash.header(), hash.balance(), List.of(pool.endpoints));
        return pool;
    }

    /** What requests of the route are counted by, also those that chose among its endpoints. */
    public Measured route() {
        Pool chosenFrom = whole;
        return chosenFrom == null ? this : chosenFrom;
    }

    @Override
    protected String seriesLabel() {
        return uri();
    }

    /** The table has it no more. */
    void gone() {
        forget();
    }

    byte[] key() {
        return key;
    }

    /** The normalised route: host and path. */
    public String uri() {
        return new String(key, StandardCharsets.UTF_8);
    }

    public String host() {
        String uri = uri();
        int slash = uri.indexOf('/');
        return slash < 0 ? uri : uri.substring(0, slash);
    }

    public String contextPath() {
        return contextPath;
    }

    public List<Endpoint> endpoints() {
        return List.of(endpoints);
    }

    public boolean isEmpty() {
        return endpoints.length == 0;
    }

    public int size() {
        return endpoints.length;
    }

    /** Empty when there is none. */
    public String routeServiceUrl() {
        return routeServiceUrl;
    }

    /** The algorithm registered for this route, if any. */
    public @Nullable Balancing balancing() {
        return balancing;
    }

    /** Keeps the route's limits, {@code null} when it has none. */
    public @Nullable RouteGuard guard() {
        return guard;
    }

    /** Endpoints that have failed too often and are passed over for a while. */
    public int ejected() {
        int count = 0;
        for (Endpoint endpoint : endpoints) {
            if (endpoint.isEjected()) {
                count++;
            }
        }
        return count;
    }

    @Nullable
    HashBalancing hash() {
        return hash;
    }

    /** The request header that picks the instance when this route is balanced by hash; empty otherwise. */
    public String hashHeader() {
        HashBalancing table = hash;
        return balancing == Balancing.HASH && table != null ? table.header() : "";
    }

    /** The line of a request that picks the instance, -1 when there is none or the route is balanced otherwise. */
    public int hashLine(HeaderLines request) {
        HashBalancing table = hash;
        return balancing == Balancing.HASH && table != null ? request.find(table.canonicalName()) : -1;
    }

    Endpoint[] array() {
        return endpoints;
    }

    /** Advances round-robin by one request. */
    int nextTurn() {
        return (int) TURN.getAndAdd(this, 1) & Integer.MAX_VALUE;
    }

    /** Whether every endpoint has as many requests as it may have; 0 means there is no limit. */
    public boolean isOverloaded(long maxInFlight) {
        if (maxInFlight == 0) {
            return false;
        }
        Endpoint[] all = endpoints;
        for (Endpoint endpoint : all) {
            if (endpoint.backend().inFlight() < maxInFlight) {
                return false;
            }
        }
        return all.length > 0;
    }

    @Nullable
    Endpoint find(String host, int port) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.info().port() == port && endpoint.info().host().equals(host)) {
                return endpoint;
            }
        }
        return null;
    }

    void settings(EndpointInfo info) {
        if (!routeServiceUrl.equals(info.routeServiceUrl())) {
            routeServiceUrl = info.routeServiceUrl();
        }
        Balancing wanted = Balancing.of(info.options().loadBalancing()).orElse(null);
        if (wanted == Balancing.HASH && info.options().hashHeader().isEmpty()) {
            wanted = null; // without the header's name there is nothing to hash
        }
        if (wanted != null) {
            balancing = wanted;
        }
        rehash(info);
    }

    /**
     * Whether the limits are those of other options than the registration's.
     *
     * @param byDefault whether a route without options has limits
     */
    boolean limitsDiffer(EndpointInfo info, boolean byDefault) {
        String json = info.options().json();
        return limitsFrom == null ? byDefault || !json.isEmpty() : !json.equals(limitsFrom);
    }

    /**
     * Takes over what the latest registration says of limits.
     *
     * @param problems hears of values that make no sense
     */
    void limits(EndpointInfo info, RouteLimits defaults, long nowNanos, Consumer<String> problems) {
        limitsFrom = info.options().json();
        RouteLimits limits = RouteLimitsReader.options(limitsFrom, defaults, problems);
        RouteGuard present = guard;
        if (limits.isEmpty()) {
            guard = null;
        } else if (present == null) {
            guard = new RouteGuard(limits, nowNanos);
        } else {
            present.limits(limits);
        }
    }

    private void rehash(EndpointInfo info) {
        if (balancing != Balancing.HASH) {
            hash = null;
            return;
        }
        HashBalancing present = hash;
        String header = present == null ? "" : present.header();
        double balance = present == null ? 0 : present.balance();
        if (!info.options().hashHeader().isEmpty()) {
            header = info.options().hashHeader();
            balance = info.options().hashBalance();
        }
        List<Endpoint> all = List.of(endpoints);
        if (present == null
                || !present.header().equals(header)
                || present.balance() != balance
                || !present.covers(all)) {
            hash = new HashBalancing(header, balance, all);
        }
    }

    void add(Endpoint endpoint) {
        Endpoint[] grown = Arrays.copyOf(endpoints, endpoints.length + 1);
        grown[grown.length - 1] = endpoint;
        endpoints = grown;
    }

    void replace(Endpoint old, Endpoint replacement) {
        Endpoint[] changed = endpoints.clone();
        for (int i = 0; i < changed.length; i++) {
            if (changed[i] == old) {
                changed[i] = replacement;
            }
        }
        endpoints = changed;
    }

    void remove(Endpoint gone, long nowNanos) {
        Endpoint[] rest =
                Arrays.stream(endpoints).filter(endpoint -> endpoint != gone).toArray(Endpoint[]::new);
        if (rest.length == 0 && endpoints.length > 0) {
            emptySinceNanos = nowNanos;
        }
        endpoints = rest.length == 0 ? NONE : rest;
        HashBalancing present = hash;
        if (present != null) {
            hash = new HashBalancing(present.header(), present.balance(), List.of(endpoints));
        }
    }

    /** Since when it has been empty; only meaningful while it is. */
    long emptySinceNanos() {
        return emptySinceNanos;
    }
}
