package org.cupola.gorouter.routes;

import org.jspecify.annotations.Nullable;

/**
 * The registered backends, found by what makes their connections interchangeable. A hash table with open addressing, at
 * most half full: there is one for each instance, and a general map would take 50 bytes more for each. Guarded by the
 * table's lock.
 */
final class Backends {
    private static final int FIRST_SIZE = 256;

    private @Nullable Backend[] slots = new Backend[FIRST_SIZE];
    private int used;

    int size() {
        return used;
    }

    /** The one that serves the endpoint, made if there is none. */
    Backend of(EndpointInfo info) {
        int at = place(hash(info.host(), info.port(), info.serverCertDomainSan()));
        for (Backend backend = slots[at]; backend != null; backend = slots[at]) {
            if (backend.serves(info)) {
                return backend;
            }
            at = next(at);
        }
        var made = new Backend(info, Backend.Trust.REGISTERED);
        if ((used + 1) * 2 > slots.length) {
            grow();
        }
        insert(made);
        used++;
        return made;
    }

    /** It must be there. */
    void remove(Backend gone) {
        int hole = place(gone);
        while (slots[hole] != gone) {
            hole = next(hole);
        }
        used--;
        // Those that follow move up, unless that took them before their place.
        slots[hole] = null;
        int at = next(hole);
        for (Backend follower = slots[at]; follower != null; follower = slots[at]) {
            if (distance(place(follower), at) >= distance(hole, at)) {
                slots[hole] = follower;
                slots[at] = null;
                hole = at;
            }
            at = next(at);
        }
    }

    private void insert(Backend backend) {
        int at = place(backend);
        while (slots[at] != null) {
            at = next(at);
        }
        slots[at] = backend;
    }

    private void grow() {
        Backend[] before = slots;
        slots = new Backend[before.length * 2];
        for (Backend backend : before) {
            if (backend != null) {
                insert(backend);
            }
        }
    }

    private int place(Backend backend) {
        return place(hash(backend.host(), backend.port(), backend.serverCertDomainSan()));
    }

    private int place(int hash) {
        return RouteKey.spread(hash) & (slots.length - 1);
    }

    private static int hash(String host, int port, String san) {
        return (host.hashCode() * 31 + port) * 31 + san.hashCode();
    }

    private int next(int at) {
        return (at + 1) & (slots.length - 1);
    }

    private int distance(int from, int to) {
        return (to - from) & (slots.length - 1);
    }
}
