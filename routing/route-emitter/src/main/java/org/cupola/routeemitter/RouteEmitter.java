package org.cupola.routeemitter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.routeemitter.Association.Http;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens on an event, a sync and a tick: the table is changed and the differences sent. Nothing here waits for
 * anyone; what must be fetched comes back as a call. Confined to the emitter's loop.
 *
 * <p>While a sync fetches, events go on to be applied and sent, and are kept to be applied to the fetched picture as well,
 * which may be older than they are.
 */
final class RouteEmitter {
    private static final Logger log = LoggerFactory.getLogger(RouteEmitter.class);

    private final RoutingTable table;
    private final UnregistrationCache unregistrations;
    private final NatsEmitter nats;
    private final TcpEmitter tcp;
    private final EmitterMetrics metrics;
    private final DesiredFetcher fetcher;

    /** Instance events that wait until the desired LRP of their process has been fetched. */
    private final Map<String, List<LrpEvent>> waiting = new HashMap<>();

    private final List<LrpEvent> sinceSyncBegan = new ArrayList<>();
    private boolean syncing;

    /** Starts to fetch one process's desired LRP; {@link #desiredFetched} must follow on the loop. */
    @FunctionalInterface
    interface DesiredFetcher {
        void fetch(String processGuid, RouteEmitter emitter);
    }

    RouteEmitter(
            RoutingTable table,
            UnregistrationCache unregistrations,
            NatsEmitter nats,
            TcpEmitter tcp,
            EmitterMetrics metrics,
            DesiredFetcher fetcher) {
        this.table = table;
        this.unregistrations = unregistrations;
        this.nats = nats;
        this.tcp = tcp;
        this.metrics = metrics;
        this.fetcher = fetcher;
    }

    void event(LrpEvent event) {
        List<LrpEvent> earlier = waiting.get(event.processGuid());
        switch (event) {
            case LrpEvent.DesiredSet _, LrpEvent.DesiredRemoved _ -> apply(event);
            case LrpEvent.InstanceCreated _, LrpEvent.InstanceChanged _, LrpEvent.InstanceRemoved _ -> {
                if (earlier != null) {
                    earlier.add(event);
                } else if (takesTraffic(event) && table.lacksDesired(event.processGuid())) {
                    waiting.put(event.processGuid(), new ArrayList<>(List.of(event)));
                    fetcher.fetch(event.processGuid(), this);
                } else {
                    apply(event);
                }
            }
        }
    }

    private static boolean takesTraffic(LrpEvent event) {
        return switch (event) {
            case LrpEvent.InstanceCreated(Instance instance) -> instance.takesTraffic();
            case LrpEvent.InstanceChanged(Instance _, Instance after) -> after.takesTraffic();
            case LrpEvent.InstanceRemoved _, LrpEvent.DesiredSet _, LrpEvent.DesiredRemoved _ -> false;
        };
    }

    /** @param desired empty when there is none, or it could not be had: the events are handled all the same */
    void desiredFetched(String processGuid, Optional<Desired> desired) {
        desired.ifPresent(found -> apply(new LrpEvent.DesiredSet(found)));
        List<LrpEvent> held = waiting.remove(processGuid);
        if (held != null) {
            held.forEach(this::apply);
        }
    }

    void syncBegins() {
        syncing = true;
        sinceSyncBegan.clear();
    }

    void syncFailed() {
        syncing = false;
        sinceSyncBegan.clear();
        metrics.syncFailures.increment();
    }

    void syncEnds(Sync sync) {
        syncing = false;
        Changes changes = table.swap(sync, List.copyOf(sinceSyncBegan));
        sinceSyncBegan.clear();
        metrics.syncs.increment();
        send(changes);
        Changes all = table.everything();
        metrics.httpRouteCount.set(all.http().register().size());
        metrics.tcpRouteCount.set(all.tcp().register().size());
        log.atDebug()
                .addKeyValue("desired", sync.desired().size())
                .addKeyValue("instances", sync.instances().size())
                .addKeyValue("http_registered", changes.http().register().size())
                .addKeyValue("http_unregistered", changes.http().allWithdrawn().size())
                .log("synced");
    }

    /** The periodic emission of HTTP and TCP routes. */
    void emitExternal() {
        Changes all = table.everything();
        nats.http(all.http());
        tcp.retryDeletions();
        tcp.submit(all.tcp());
        metrics.routesSynced.add(all.http().register().size());
        metrics.routesTotal.set(all.http().register().size());
    }

    /** The periodic emission of internal routes. */
    void emitInternal() {
        nats.internal(table.everything().internal());
    }

    void resendUnregistrations() {
        nats.unregister(unregistrations.due());
    }

    private void apply(LrpEvent event) {
        if (syncing) {
            sinceSyncBegan.add(event);
        }
        send(table.apply(event));
    }

    private void send(Changes changes) {
        if (changes.collisions() > 0) {
            metrics.addressCollisions.add(changes.collisions());
            log.atError().addKeyValue("collisions", changes.collisions()).log("address-collision");
        }
        if (changes.isEmpty()) {
            return;
        }
        List<Http> withdrawn = changes.http().allWithdrawn();
        withdrawn.forEach(unregistrations::unregistered);
        changes.http().register().forEach(unregistrations::registered);
        nats.http(changes.http());
        nats.internal(changes.internal());
        tcp.submit(changes.tcp());
        metrics.routesRegistered.add(changes.http().register().size());
        metrics.routesUnregistered.add(withdrawn.size());
        log.atDebug()
                .addKeyValue("http_registered", changes.http().register().size())
                .addKeyValue("http_unregistered", withdrawn.size())
                .addKeyValue("tcp_registered", changes.tcp().register().size())
                .addKeyValue("tcp_unregistered", changes.tcp().allWithdrawn().size())
                .log("routes-changed");
    }
}
