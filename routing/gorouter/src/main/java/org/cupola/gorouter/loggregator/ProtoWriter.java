package org.cupola.gorouter.loggregator;

import java.nio.charset.StandardCharsets;

/**
 * Writes protobuf's wire format from the end to the start, so that the length of a nested message is known when it is
 * needed: fields are given last first. What does not fit is noticed, not written. Confined to its thread.
 */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;

    private final byte[] bytes;
    private int start;
    private boolean overflown;

    ProtoWriter(int size) {
        bytes = new byte[size];
        start = size;
    }

    void clear() {
        start = bytes.length;
        overflown = false;
    }

    byte[] bytes() {
        return bytes;
    }

    int start() {
        return start;
    }

    int length() {
        return bytes.length - start;
    }

    /** Whether something was left out for want of room. */
    boolean isOverflown() {
        return overflown;
    }

    /** Negative numbers take ten bytes, as {@code int32} and {@code int64} have it. */
    void number(int field, long value) {
        varint(value);
        varint((long) field << 3 | VARINT);
    }

    void fixed64(int field, double value) {
        if (room(8)) {
            long bits = Double.doubleToRawLongBits(value);
            for (int i = 7; i >= 0; i--) {
                bytes[--start] = (byte) (bits >>> (8 * i));
            }
        }
        varint((long) field << 3 | FIXED_64);
    }

    void text(int field, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        bytes(field, utf8, 0, utf8.length);
    }

    void bytes(int field, byte[] source, int from, int to) {
        raw(source, from, to);
        prefix(field, to - from);
    }

    /** Fields that were written before, elsewhere. */
    void raw(byte[] source, int from, int to) {
        if (room(to - from)) {
            start -= to - from;
            System.arraycopy(source, from, bytes, start, to - from);
        }
    }

    /** Remembers where a nested message ends; to be given to {@link #message}. */
    int mark() {
        return start;
    }

    /** What was written since the mark is a message in this field. */
    void message(int field, int mark) {
        prefix(field, mark - start);
    }

    /** What was written since the mark was bytes, last first, and is a field now. */
    void prefix(int field, int length) {
        varint(length);
        varint((long) field << 3 | LENGTH_DELIMITED);
    }

    private void varint(long value) {
        int size = 1;
        for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        if (!room(size)) {
            return;
        }
        start -= size;
        long rest = value;
        int at = start;
        while ((rest & ~0x7fL) != 0) {
            bytes[at++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes[at] = (byte) rest;
    }

    private boolean room(int amount) {
        overflown |= start < amount;
        return !overflown;
    }
}
