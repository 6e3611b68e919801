package org.cupola.tcprouter;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where connections to one external port go. Immutable snapshot.
 *
 * @param plain    for connections that no SNI host matches, and for all when there are no SNI hosts
 * @param bySni    by lower-case host name; {@code *.} in front stands for exactly one label
 */
record PortRoutes(@Nullable Pool plain, Map<String, Pool> bySni) {
    PortRoutes {
        bySni = Map.copyOf(bySni);
    }

    boolean isEmpty() {
        return plain == null && bySni.isEmpty();
    }

    /** Whether the client's first bytes decide where it goes, or how it is talked to. */
    boolean looksAtClientHello() {
        return !bySni.isEmpty() || terminatesTls();
    }

    boolean terminatesTls() {
        return pools().anyMatch(Pool::terminatesTls);
    }

    /** The route for a host; the plain one when none matches, which may be absent. */
    @Nullable
    Pool find(String sniHost) {
        if (bySni.isEmpty() || sniHost.isEmpty()) {
            return plain;
        }
        String host = sniHost.toLowerCase(Locale.ROOT);
        Pool exact = bySni.get(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
        if (exact != null) {
            return exact;
        }
        int dot = host.indexOf('.');
        Pool wildcard = dot < 0 ? null : bySni.get("*" + host.substring(dot));
        return wildcard != null ? wildcard : plain;
    }

    Stream<Pool> pools() {
        return Stream.concat(Stream.ofNullable(plain), bySni.values().stream());
    }

    Map<BackendKey, Backend> backends() {
        Map<BackendKey, Backend> backends = new HashMap<>();
        pools().flatMap(pool -> pool.backends().stream()).forEach(backend -> backends.put(backend.key(), backend));
        return backends;
    }

    Set<Backend> backendSet() {
        return new HashSet<>(backends().values());
    }
}
