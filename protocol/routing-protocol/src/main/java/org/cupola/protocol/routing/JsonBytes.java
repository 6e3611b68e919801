package org.cupola.protocol.routing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer of UTF-8 into which routes are written as {@link RoutingJson#MAPPER} would write them, without a tree in
 * between: an API sends twenty thousand a second. Confined to its thread.
 */
public final class JsonBytes {
    private static final int MAX_DIGITS = 20;

    private byte[] bytes;
    private int length;

    /** @param capacity bytes to begin with */
    public JsonBytes(int capacity) {
        bytes = new byte[Math.max(16, capacity)];
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    public int length() {
        return length;
    }

    /** A copy of what was written. */
    public byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    public JsonBytes raw(byte[] part) {
        return raw(part, 0, part.length);
    }

    /** Bytes of an array from one index up to another. */
    public JsonBytes raw(byte[] array, int from, int to) {
        ensure(to - from);
        System.arraycopy(array, from, bytes, length, to - from);
        length += to - from;
        return this;
    }

    public JsonBytes raw(char ascii) {
        ensure(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    public JsonBytes number(long value) {
        if (value < 0) {
            return raw(ascii(Long.toString(value)));
        }
        ensure(MAX_DIGITS);
        int end = length + digits(value);
        length = end;
        long rest = value;
        do {
            bytes[--end] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        return this;
    }

    private static int digits(long value) {
        int digits = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    /** As a JSON string. */
    public JsonBytes text(String value) {
        ensure(value.length() + 2);
        int at = length;
        bytes[at++] = '"';
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!isPlain(c)) {
                return raw(RoutingJson.MAPPER.writeValueAsBytes(value));
            }
            bytes[at++] = (byte) c;
        }
        bytes[at++] = '"';
        length = at;
        return this;
    }

    /** One byte, and not escaped by anybody. */
    private static boolean isPlain(char c) {
        return c >= ' ' && c < 127 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
