package org.cupola.gorouter.routes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoint that a message registered when the very same bytes come again, which is what most messages are: then
 * there is nothing to parse or to compare. A message is known by 64 bits of its content, mixed with a secret seed: by
 * accident two of a million differing messages agree in one of some ten million tables.
 *
 * <p>A hash table with open addressing, at most half full. Guarded by the table's lock, but for {@link #of}.
 */
final class Fingerprints {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
    private static final int FIRST_SIZE = 256;

    private final long seed;
    private @Nullable Endpoint[] slots = new Endpoint[FIRST_SIZE];
    private int used;

    Fingerprints(long seed) {
        this.seed = seed;
    }

    /** Never 0, which stands for none. Any thread. */
    long of(byte[] message) {
        long hash = mix(seed, message.length);
        int at = 0;
        for (; at + Long.BYTES <= message.length; at += Long.BYTES) {
            hash = mix(hash, (long) LONG.get(message, at));
        }
        long rest = 0;
        for (; at < message.length; at++) {
            rest = (rest << 8) | (message[at] & 0xff);
        }
        hash = mix(mix(hash, rest), seed);
        return hash == 0 ? 1 : hash;
    }

    /** One to one in each of its arguments, so that messages that differ in one place never agree. */
    private static long mix(long hash, long word) {
        long mixed = (Long.rotateLeft(hash, 23) ^ word) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }

    @Nullable
    Endpoint find(long fingerprint) {
        for (int at = place(fingerprint); ; at = next(at)) {
            Endpoint endpoint = slots[at];
            if (endpoint == null || endpoint.fingerprint() == fingerprint) {
                return endpoint;
            }
        }
    }

    /** From now on it is this message that announces the endpoint; 0 for none. */
    void put(Endpoint endpoint, long fingerprint) {
        if (endpoint.fingerprint() == fingerprint) {
            return;
        }
        remove(endpoint);
        if (fingerprint == 0) {
            return;
        }
        Endpoint other = find(fingerprint);
        if (other != null) {
            remove(other);
        }
        if ((used + 1) * 2 > slots.length) {
            grow();
        }
        endpoint.fingerprint(fingerprint);
        insert(endpoint);
    }

    void remove(Endpoint endpoint) {
        long fingerprint = endpoint.fingerprint();
        if (fingerprint == 0) {
            return;
        }
        int hole = place(fingerprint);
        while (slots[hole] != endpoint) {
            hole = next(hole);
        }
        endpoint.fingerprint(0);
        used--;
        // Those that follow move up, unless that took them before their place.
        slots[hole] = null;
        for (int at = next(hole); ; at = next(at)) {
            Endpoint follower = slots[at];
            if (follower == null) {
                return;
            }
            int distance = (at - place(follower.fingerprint())) & (slots.length - 1);
            if (distance >= ((at - hole) & (slots.length - 1))) {
                slots[hole] = follower;
                slots[at] = null;
                hole = at;
            }
        }
    }

    private void insert(Endpoint endpoint) {
        int at = place(endpoint.fingerprint());
        while (slots[at] != null) {
            at = next(at);
        }
        slots[at] = endpoint;
        used++;
    }

    private void grow() {
        Endpoint[] before = slots;
        slots = new Endpoint[before.length * 2];
        used = 0;
        for (Endpoint endpoint : before) {
            if (endpoint != null) {
                insert(endpoint);
            }
        }
    }

    private int place(long fingerprint) {
        return (int) (fingerprint >>> 32) & (slots.length - 1);
    }

    private int next(int at) {
        return (at + 1) & (slots.length - 1);
    }
}
