package org.cupola.tcprouter;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.TcpRouteMapping;

/**
 * What the Routing API says, by external port and SNI host. Every change says which ports it touched.
 *
 * <p>A list of all routes replaces the table, with two exceptions that keep traffic flowing when the API itself was in
 * trouble: a route that outlived its time to live because nobody could refresh it, and every route when the list is empty
 * although we know of some, stay for their time to live more. Confined to one thread; no I/O; times are passed in.
 */
final class RouteTable {
    private final Duration defaultExpiry;
    private final TreeMap<Integer, Map<String, Map<BackendKey, Details>>> ports = new TreeMap<>();

    /**
     * What is known of a backend beside its key.
     *
     * @param receivedAt when the API last vouched for it
     */
    record Details(ModificationTag tag, Duration timeToLive, Instant receivedAt) {
        boolean expiredAt(Instant now) {
            return receivedAt.plus(timeToLive).isBefore(now);
        }

        Details receivedAt(Instant now) {
            return new Details(tag, timeToLive, now);
        }
    }

    /** @param defaultExpiry time to live of routes that carry none */
    RouteTable(Duration defaultExpiry) {
        this.defaultExpiry = defaultExpiry;
    }

    /** By SNI host, the empty text for connections without a matching one; then by backend. Empty for an unknown port. */
    Map<String, Map<BackendKey, Details>> port(int port) {
        return ports.getOrDefault(port, Map.of());
    }

    Set<Integer> ports() {
        return Set.copyOf(ports.keySet());
    }

    int size() {
        return ports.values().stream()
                .flatMap(hosts -> hosts.values().stream())
                .mapToInt(Map::size)
                .sum();
    }

    /** True when the mapping is new; false when it only refreshed a known one, or is older than that. */
    boolean upsert(TcpRouteMapping mapping, Instant now) {
        Map<BackendKey, Details> backends = backends(mapping.port(), host(mapping));
        BackendKey key = BackendKey.of(mapping);
        Details known = backends.get(key);
        if (known == null || known.tag().succeededBy(mapping.modificationTag())) {
            backends.put(key, details(mapping, now));
        }
        return known == null;
    }

    private Map<BackendKey, Details> backends(int port, String host) {
        return ports.computeIfAbsent(port, absent -> new TreeMap<>()).computeIfAbsent(host, absent -> new HashMap<>());
    }

    /** True when the mapping was known, and is not newer than the deletion. */
    boolean delete(TcpRouteMapping mapping) {
        Map<BackendKey, Details> backends = port(mapping.port()).getOrDefault(host(mapping), Map.of());
        BackendKey key = BackendKey.of(mapping);
        Details known = backends.get(key);
        ModificationTag tag = mapping.modificationTag();
        if (known == null || !(known.tag().equals(tag) || known.tag().succeededBy(tag))) {
            return false;
        }
        remove(mapping.port(), host(mapping), key);
        return true;
    }

    /**
     * Takes over a list of all routes.
     *
     * @return the ports that changed
     */
    Set<Integer> replace(List<TcpRouteMapping> mappings, Instant now) {
        Set<Integer> changed = new TreeSet<>();
        Set<Place> listed = new HashSet<>();
        for (TcpRouteMapping mapping : mappings) {
            listed.add(new Place(mapping.port(), host(mapping), BackendKey.of(mapping)));
            if (upsert(mapping, now)) {
                changed.add(mapping.port());
            } else {
                refresh(mapping, now);
            }
        }
        if (!mappings.isEmpty()) {
            for (Entry entry : entries()) {
                // Of one that nobody could refresh in time, the absence says nothing.
                if (!listed.contains(entry.place()) && !entry.details().expiredAt(now)) {
                    remove(entry.place());
                    changed.add(entry.place().port());
                }
            }
        }
        return changed;
    }

    /** The API lists living routes only, so what it lists with an unchanged tag lives as well. */
    private void refresh(TcpRouteMapping mapping, Instant now) {
        backends(mapping.port(), host(mapping))
                .computeIfPresent(BackendKey.of(mapping), (key, known) -> known.receivedAt(now));
    }

    /** Gives routes that expired while the API was away their time to live once more, to be refreshed in. */
    void forgiveExpiry(Instant now) {
        for (Entry entry : entries()) {
            if (entry.details().expiredAt(now)) {
                Place place = entry.place();
                backends(place.port(), place.host())
                        .put(place.backend(), entry.details().receivedAt(now));
            }
        }
    }

    /** Drops what nobody refreshed in time; to be called only while the API can be heard. */
    Set<Integer> expire(Instant now) {
        Set<Integer> changed = new TreeSet<>();
        for (Entry entry : entries()) {
            if (entry.details().expiredAt(now)) {
                remove(entry.place());
                changed.add(entry.place().port());
            }
        }
        return changed;
    }

    private record Place(int port, String host, BackendKey backend) {}

    private record Entry(Place place, Details details) {}

    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        ports.forEach((port, hosts) -> hosts.forEach((host, backends) -> backends.forEach(
                (backend, details) -> entries.add(new Entry(new Place(port, host, backend), details)))));
        return entries;
    }

    private void remove(Place place) {
        remove(place.port(), place.host(), place.backend());
    }

    private void remove(int port, String host, BackendKey backend) {
        Map<String, Map<BackendKey, Details>> hosts = port(port);
        Map<BackendKey, Details> backends = hosts.get(host);
        if (backends != null) {
            backends.remove(backend);
            if (backends.isEmpty()) {
                hosts.remove(host);
            }
            if (hosts.isEmpty()) {
                ports.remove(port);
            }
        }
    }

    private Details details(TcpRouteMapping mapping, Instant now) {
        Integer ttl = mapping.ttl();
        return new Details(
                mapping.modificationTag(), ttl == null || ttl == 0 ? defaultExpiry : Duration.ofSeconds(ttl), now);
    }

    private static String host(TcpRouteMapping mapping) {
        String host = mapping.backendSniHostname();
        return host == null ? "" : host;
    }
}
