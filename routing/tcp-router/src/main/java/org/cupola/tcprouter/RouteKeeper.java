package org.cupola.tcprouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.cupola.protocol.routing.RouteEvent;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps table and data plane in step with what the Routing API says. While a list is being fetched, events are applied and kept,
 * to be applied once more after the list, which may be older than they are.
 *
 * <p>Guarded by its lock; never waits for the Routing API.
 */
final class RouteKeeper {
    private static final Logger log = LoggerFactory.getLogger(RouteKeeper.class);

    private final RouteTable table;
    private final RouteCompiler compiler;
    private final DataPlane dataPlane;
    private final Filter filter;
    private final InstantSource clock;

    @GuardedBy("this")
    private final List<RouteEvent<TcpRouteMapping>> sinceFetchBegan = new ArrayList<>();

    @GuardedBy("this")
    private boolean fetching;

    @GuardedBy("this")
    private boolean apiHeard;

    /**
     * Which routes are ours; empty sets mean all.
     *
     * @param segments isolation segments, the empty text standing for routes without one
     */
    record Filter(Set<String> segments, Set<String> routerGroups) {
        boolean takes(TcpRouteMapping mapping) {
            return (segments.isEmpty() || segments.contains(mapping.isolationSegment()))
                    && (routerGroups.isEmpty() || routerGroups.contains(mapping.routerGroupGuid()));
        }
    }

    RouteKeeper(RouteTable table, RouteCompiler compiler, DataPlane dataPlane, Filter filter, InstantSource clock) {
        this.table = table;
        this.compiler = compiler;
        this.dataPlane = dataPlane;
        this.filter = filter;
        this.clock = clock;
    }

    synchronized void event(RouteEvent<TcpRouteMapping> event) {
        if (fetching) {
            sinceFetchBegan.add(event);
        }
        if (apply(event)) {
            publish(List.of(event.route().port()));
        }
    }

    @GuardedBy("this")
    private boolean apply(RouteEvent<TcpRouteMapping> event) {
        if (!filter.takes(event.route())) {
            return false;
        }
        return switch (event.action()) {
            case UPSERT -> table.upsert(event.route(), clock.instant());
            case DELETE -> table.delete(event.route());
        };
    }

    /** To be called before the list is asked for. */
    synchronized void fetchBegins() {
        fetching = true;
        sinceFetchBegan.clear();
    }

    synchronized void fetched(List<TcpRouteMapping> mappings) {
        apiIsHeard();
        Set<Integer> changed = new TreeSet<>(
                table.replace(mappings.stream().filter(filter::takes).toList(), clock.instant()));
        for (RouteEvent<TcpRouteMapping> event : sinceFetchBegan) {
            if (apply(event)) {
                changed.add(event.route().port());
            }
        }
        fetchEnds();
        publish(changed);
        log.atDebug()
                .addKeyValue("routes", mappings.size())
                .addKeyValue("changed_ports", changed.size())
                .log("synced");
    }

    synchronized void fetchFailed() {
        fetchEnds();
    }

    @GuardedBy("this")
    private void fetchEnds() {
        fetching = false;
        sinceFetchBegan.clear();
    }

    /** The API answers; if it had been away, routes get time to be refreshed. */
    synchronized void apiIsHeard() {
        if (!apiHeard) {
            apiHeard = true;
            table.forgiveExpiry(clock.instant());
        }
    }

    /** Nothing expires while the API cannot tell us that it lives. */
    synchronized void apiIsSilent() {
        apiHeard = false;
    }

    synchronized void expire() {
        if (apiHeard) {
            Instant now = clock.instant();
            Set<Integer> changed = table.expire(now);
            if (!changed.isEmpty()) {
                log.atInfo().addKeyValue("ports", changed.size()).log("pruned-stale-routes");
                publish(changed);
            }
        }
    }

    synchronized int routes() {
        return table.size();
    }

    @GuardedBy("this")
    private void publish(Collection<Integer> ports) {
        for (int port : ports) {
            dataPlane.set(port, compiler.compile(port, table.port(port), dataPlane.routes(port)));
        }
    }
}
