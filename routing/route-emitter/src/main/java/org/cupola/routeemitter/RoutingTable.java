package org.cupola.routeemitter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cupola.routeemitter.Association.Http;
import org.cupola.routeemitter.Association.Internal;
import org.cupola.routeemitter.Association.Tcp;
import org.cupola.routeemitter.Desired.Routes;
import org.cupola.routeemitter.ProcessRoutes.Addressing;

/**
 * Everything that is registered, and the differences that events and syncs make.
 *
 * <p>Registrations are never kept: they follow from the state of a process, so an event is answered by deriving them from
 * the state before and after and comparing. Kept are only counts by wire key, because a receiver that files two
 * registrations under one key forgets both when one is taken back. Confined to one thread; no I/O.
 */
final class RoutingTable {
    private final Addressing addressing;
    private final LrpState state = new LrpState();
    private final Map<Object, Integer> held = new HashMap<>();
    private final Map<String, String> addressOwners = new HashMap<>();

    RoutingTable(Addressing addressing) {
        this.addressing = addressing;
    }

    /** Whether a running instance waits for its desired LRP, which must then be fetched. */
    boolean lacksDesired(String processGuid) {
        return state.get(processGuid).desired() == null;
    }

    Changes apply(LrpEvent event) {
        var difference = new Difference(addressing, held, addressOwners, this::tcpHolder);
        ProcessRoutes before = state.get(event.processGuid());
        state.apply(event);
        difference.add(before, state.get(event.processGuid()));
        return difference.finish();
    }

    /**
     * Puts a fetched picture in the place of the table.
     *
     * @param since events applied to this table since before the fetch began, in order; the picture may lack them
     */
    Changes swap(Sync sync, List<LrpEvent> since) {
        LrpState next = read(sync);
        since.forEach(next::apply);
        Set<String> guids = new HashSet<>(state.processes().keySet());
        guids.addAll(next.processes().keySet());
        var difference = new Difference(addressing, held, addressOwners, this::tcpHolder);
        for (String guid : guids) {
            ProcessRoutes before = state.get(guid);
            ProcessRoutes after = merge(guid, before, next.get(guid), sync);
            state.put(guid, after);
            difference.add(before, after);
        }
        return difference.finish();
    }

    private static LrpState read(Sync sync) {
        var next = new LrpState();
        sync.desired().forEach(desired -> next.apply(new LrpEvent.DesiredSet(desired)));
        sync.instances().forEach(instance -> next.apply(new LrpEvent.InstanceCreated(instance)));
        return next;
    }

    private static ProcessRoutes merge(String guid, ProcessRoutes before, ProcessRoutes after, Sync sync) {
        Desired known = before.desired();
        if (known == null) {
            return after;
        }
        Desired found = after.desired();
        if (found == null && !sync.askedFor(guid) && !after.instances().isEmpty()) {
            return after.withDesired(known);
        }
        if (sync.freshDomains().contains(known.domain())) {
            return after;
        }
        return after.withDesired(found == null ? known : found.withRoutes(union(found.routes(), known.routes())));
    }

    private static Routes union(Routes found, Routes known) {
        return new Routes(
                union(found.http(), known.http()),
                union(found.tcp(), known.tcp()),
                union(found.internal(), known.internal()));
    }

    private static <R> List<R> union(List<R> found, List<R> known) {
        List<R> all = new ArrayList<>(found);
        known.stream().filter(route -> !found.contains(route)).forEach(all::add);
        return all;
    }

    /** All registrations, for the periodic emission. */
    Changes everything() {
        List<Http> http = new ArrayList<>();
        List<Internal> internal = new ArrayList<>();
        List<Tcp> tcp = new ArrayList<>();
        for (ProcessRoutes process : state.processes().values()) {
            process.http(addressing).values().forEach(route -> http.add(Difference.unstamped(route)));
            process.internal().values().forEach(route -> internal.add(Difference.unstamped(route)));
            tcp.addAll(process.tcp(addressing).values());
        }
        return new Changes(
                new Changes.Batch<>(List.of(), http, List.of()),
                new Changes.Batch<>(List.of(), internal, List.of()),
                new Changes.Batch<>(List.of(), tcp, List.of()),
                0);
    }

    /** Reads the whole table; only asked when two instances share an address for a moment. */
    private Optional<Tcp> tcpHolder(Object wireKey) {
        return state.processes().values().stream()
                .flatMap(process -> process.tcp(addressing).values().stream())
                .filter(mapping -> mapping.wireKey().equals(wireKey))
                .findFirst();
    }
}
