package org.cupola.gorouter.proxy;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/** Makes random UUIDs as text bytes, from a generator of its own seeded by the system's. Confined to its thread. */
final class RequestIds {
    static final int LENGTH = 36;
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private final SplittableRandom random;

    RequestIds() {
        this(new SplittableRandom(new SecureRandom().nextLong()));
    }

    RequestIds(SplittableRandom random) {
        this.random = random;
    }

    SplittableRandom random() {
        return random;
    }

    /** A version 4 UUID, lower case, dashed. */
    void next(byte[] out) {
        long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        hex(out, 0, high >>> 32, 8);
        out[8] = '-';
        hex(out, 9, high >>> 16, 4);
        out[13] = '-';
        hex(out, 14, high, 4);
        out[18] = '-';
        hex(out, 19, low >>> 48, 4);
        out[23] = '-';
        hex(out, 24, low, 12);
    }

    /** Sixteen random digits. */
    void hex16(byte[] out) {
        hex(out, 0, random.nextLong(), 16);
    }

    static void hex(byte[] out, int at, long value, int digits) {
        for (int i = digits - 1; i >= 0; i--) {
            out[at + i] = HEX[(int) (value >>> ((digits - 1 - i) * 4)) & 15];
        }
    }
}
