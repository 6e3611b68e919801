package org.cupola.gorouter.routes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An open-addressing hash table from normalised routes to what is known of them, read straight from the bytes of a
 * request: no text is made to look something up.
 *
 * <p>Context paths need no tree: a route with a path is a key of its own, and the entry of its host says how many
 * segments deep such keys go. A lookup hashes host and path in one walk and asks at each segment boundary, at most as
 * deep as the host goes; hosts without paths, the usual case, cost one question.
 *
 * <p>Single writer (the table's lock), any reader without a lock. Entries are published by a release store into the
 * slot and never moved within an array; a grown or swept array is published as a whole. An entry that is removed stays in
 * its slot as a dead one until the next sweep, so that readers walking over it go on.
 */
final class RouteIndex {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Entry[].class);
    private static final int FIRST_SIZE = 256;

    /** Slots that are looked at in one go. */
    private static final int PORTION = 1024;

    /** One key. {@code pool} and {@code depth} are written by the writer and read by anyone. */
    static final class Entry {
        final byte[] key;
        final int hash;
        volatile @Nullable Pool pool;

        /** Most segments that a route below this host has; only on entries of hosts. */
        volatile int depth;

        /** Routes with a path below this host. */
        int children;

        Entry(byte[] key, int hash) {
            this.key = key;
            this.hash = hash;
        }

        boolean dead() {
            return pool == null && children == 0;
        }
    }

    private volatile @Nullable Entry[] slots = new Entry[FIRST_SIZE];
    private int used;
    private int live;

    /** Routes, not counting hosts that are only known for the paths below them. */
    private int routes;

    int routes() {
        return routes;
    }

    /** The exact route, if there is one. For the writer. */
    @Nullable
    Entry find(byte[] key) {
        Entry entry = probe(RouteKey.hash(key), false, key, 0, key.length, 0, 0);
        return entry == null || entry.pool == null ? null : entry;
    }

    /** The pool for a request, {@code null} when no route matches; see the contract in {@link RouteTable#lookup}. */
    @Nullable
    Pool lookup(byte[] bytes, int hostStart, int hostEnd, int pathStart, int pathEnd) {
        Pool found = within(false, bytes, hostStart, hostEnd, pathStart, pathEnd);
        if (found != null) {
            return found;
        }
        for (int i = hostStart; i < hostEnd; i++) {
            if (bytes[i] == '.') {
                found = within(true, bytes, i + 1, hostEnd, pathStart, pathEnd);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    /** Among the routes of one host, or one wildcard: the longest path with endpoints, else the longest path. */
    private @Nullable Pool within(boolean wild, byte[] bytes, int hostStart, int hostEnd, int pathStart, int pathEnd) {
        int hash = RouteKey.SEED;
        if (wild) {
            hash = RouteKey.step(RouteKey.step(hash, (byte) '*'), (byte) '.');
        }
        for (int i = hostStart; i < hostEnd; i++) {
            hash = RouteKey.step(hash, bytes[i]);
        }
        Entry host = probe(hash, wild, bytes, hostStart, hostEnd, 0, 0);
        if (host == null) {
            return null;
        }
        Pool deepest = host.pool;
        Pool best = deepest == null || deepest.isEmpty() ? null : deepest;
        int depth = host.depth;
        for (int i = pathStart; depth > 0 && i < pathEnd; depth--) {
            do {
                hash = RouteKey.step(hash, bytes[i++]);
            } while (i < pathEnd && bytes[i] != '/');
            Entry entry = probe(hash, wild, bytes, hostStart, hostEnd, pathStart, i);
            Pool pool = entry == null ? null : entry.pool;
            if (pool != null) {
                deepest = pool;
                best = pool.isEmpty() ? best : pool;
            }
        }
        return best == null ? deepest : best;
    }

    private @Nullable Entry probe(int hash, boolean wild, byte[] bytes, int from, int to, int pathFrom, int pathTo) {
        Entry[] array = slots;
        int mask = array.length - 1;
        for (int at = RouteKey.spread(hash) & mask; ; at = at + 1 & mask) {
            Entry entry = (Entry) SLOT.getAcquire(array, at);
            if (entry == null) {
                return null;
            }
            if (entry.hash == hash && matches(entry.key, wild, bytes, from, to, pathFrom, pathTo)) {
                return entry;
            }
        }
    }

    private static boolean matches(byte[] key, boolean wild, byte[] bytes, int from, int to, int pathFrom, int pathTo) {
        int at = wild ? 2 : 0;
        if (key.length != at + to - from + pathTo - pathFrom || (wild && (key[0] != '*' || key[1] != '.'))) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (key[at++] != RouteKey.lower(bytes[i])) {
                return false;
            }
        }
        for (int i = pathFrom; i < pathTo; i++) {
            if (key[at++] != RouteKey.lower(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /** For the writer: makes the route, whose key must not be there, lead to the pool. */
    void put(byte[] key, Pool pool) {
        int slash = slash(key);
        if (slash >= 0) {
            Entry host = entry(Arrays.copyOf(key, slash));
            host.children++;
            int segments = segments(key, slash);
            if (segments > host.depth) {
                host.depth = segments;
            }
        }
        entry(key).pool = pool;
        routes++;
    }

    /** For the writer: the route, which must be there, leads nowhere from now on. */
    void remove(Entry entry) {
        entry.pool = null;
        routes--;
        buried(entry);
        int slash = slash(entry.key);
        if (slash >= 0) {
            byte[] hostKey = Arrays.copyOf(entry.key, slash);
            Entry host = probe(RouteKey.hash(hostKey), false, hostKey, 0, slash, 0, 0);
            if (host != null && --host.children == 0) {
                host.depth = 0;
                buried(host);
            }
        }
    }

    private void buried(Entry entry) {
        if (entry.dead()) {
            live--;
            if (used - live > Math.max(FIRST_SIZE, live)) {
                rebuild();
            }
        }
    }

    /** The routes there are now, those that come later need not be among them. */
    Iterable<Portion> portions() {
        Entry[] all = slots;
        int count = (all.length + PORTION - 1) / PORTION;
        return () -> IntStream.range(0, count)
                .mapToObj(i -> new Portion(all, i * PORTION))
                .iterator();
    }

    /** A part of the slots. */
    static final class Portion {
        private final @Nullable Entry[] slots;
        private final int from;

        private Portion(@Nullable Entry[] slots, int from) {
            this.slots = slots;
            this.from = from;
        }

        List<Entry> routes() {
            List<Entry> routes = new ArrayList<>(PORTION);
            for (int at = from; at < Math.min(slots.length, from + PORTION); at++) {
                Entry entry = (Entry) SLOT.getAcquire(slots, at);
                if (entry != null && entry.pool != null) {
                    routes.add(entry);
                }
            }
            return routes;
        }
    }

    private List<Entry> entries() {
        List<Entry> all = new ArrayList<>(live);
        for (Entry entry : slots) {
            if (entry != null && !entry.dead()) {
                all.add(entry);
            }
        }
        return all;
    }

    /** The entry of the key, made if need be; a dead one comes back to life. */
    private Entry entry(byte[] key) {
        int hash = RouteKey.hash(key);
        Entry present = probe(hash, false, key, 0, key.length, 0, 0);
        if (present != null) {
            if (present.dead()) {
                live++;
            }
            return present;
        }
        if ((used + 1) * 3 > slots.length * 2) {
            rebuild();
        }
        var made = new Entry(key, hash);
        insert(slots, made);
        used++;
        live++;
        return made;
    }

    private void rebuild() {
        List<Entry> all = entries();
        int size = FIRST_SIZE;
        while (size < all.size() * 3) {
            size <<= 1;
        }
        var fresh = new Entry[size];
        for (Entry entry : all) {
            insert(fresh, entry);
        }
        used = all.size();
        live = used;
        slots = fresh;
    }

    private static void insert(@Nullable Entry[] array, Entry entry) {
        int mask = array.length - 1;
        int at = RouteKey.spread(entry.hash) & mask;
        while (array[at] != null) {
            at = at + 1 & mask;
        }
        SLOT.setRelease(array, at, entry);
    }

    private static int slash(byte[] key) {
        for (int i = 0; i < key.length; i++) {
            if (key[i] == '/') {
                return i;
            }
        }
        return -1;
    }

    private static int segments(byte[] key, int from) {
        int count = 0;
        for (int i = from; i < key.length; i++) {
            if (key[i] == '/') {
                count++;
            }
        }
        return count;
    }
}
