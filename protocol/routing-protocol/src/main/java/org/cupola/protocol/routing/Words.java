package org.cupola.protocol.routing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looks at texts eight bytes at a time. */
final class Words {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private Words() {}

    /** Where a quote, a backslash or a control character is; {@code to} when there is none. */
    static int special(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            long word = (long) LONG.get(bytes, at);
            long quotes = word ^ ONES * '"';
            long backslashes = word ^ ONES * '\\';
            // The lowest high bit that is left belongs to the first byte that is 0, or below a blank; those above may
            // be wrong.
            long found = ((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes);
            found = (found | ((word - ONES * ' ') & ~word)) & HIGHS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (at < to && bytes[at] != '"' && bytes[at] != '\\' && (bytes[at] >= ' ' || bytes[at] < 0)) {
            at++;
        }
        return at;
    }

    /** Spread over all bits; 0 when not all of them are ASCII. */
    static long asciiHash(byte[] bytes, int from, int to) {
        long hash = (long) to - from;
        long all = 0;
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            long word = (long) LONG.get(bytes, at);
            all |= word;
            hash = mix(hash, word);
        }
        long rest = 0;
        for (; at < to; at++) {
            rest = (rest << 8) | (bytes[at] & 0xff);
        }
        hash = mix(hash, rest);
        return ((all | rest) & HIGHS) != 0 ? 0 : hash == 0 ? 1 : hash;
    }

    private static long mix(long hash, long word) {
        long mixed = (Long.rotateLeft(hash, 23) ^ word) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }
}
