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
 * <p>Guarded by the table's lock, but for {@link #of}.
 */
final class Fingerprints {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final long seed;
    private final OpenTable<Endpoint> table = new OpenTable<>(endpoint -> place(endpoint.fingerprint()));

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
        int at = table.place(place(fingerprint));
        Endpoint endpoint = table.at(at);
        while (endpoint != null && endpoint.fingerprint() != fingerprint) {
            at = table.next(at);
            endpoint = table.at(at);
        }
        return endpoint;
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
        endpoint.fingerprint(fingerprint);
        table.add(endpoint);
    }

    void remove(Endpoint endpoint) {
        if (endpoint.fingerprint() != 0) {
            table.remove(endpoint);
            endpoint.fingerprint(0);
        }
    }

    private static int place(long fingerprint) {
        return (int) (fingerprint >>> 32);
    }
}
