package org.cupola.routeemitter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.routeemitter.Association.Http;

/**
 * HTTP unregistrations that are sent again for a while, because NATS may lose one and a router keeps a TLS endpoint
 * until it is told. A registration that
 * routers file under the same address ends that. Confined to one thread; no clock.
 */
final class UnregistrationCache {
    private final int sends;
    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    private record Entry(Http unregistration, int sendsLeft) {}

    /** @param sends how often each is handed out by {@link #due} before it is forgotten */
    UnregistrationCache(int sends) {
        this.sends = sends;
    }

    void unregistered(Http http) {
        if (sends > 0) {
            entries.put(http.address(), new Entry(http, sends));
        }
    }

    void registered(Http http) {
        if (!entries.isEmpty()) {
            entries.remove(http.address());
        }
    }

    /** All that are to be sent now; to be called once an interval. */
    List<Http> due() {
        List<Http> due = new ArrayList<>(entries.size());
        entries.values().forEach(entry -> due.add(entry.unregistration()));
        entries.replaceAll((_, entry) -> new Entry(entry.unregistration(), entry.sendsLeft() - 1));
        entries.values().removeIf(entry -> entry.sendsLeft() == 0);
        return due;
    }

    int size() {
        return entries.size();
    }
}
