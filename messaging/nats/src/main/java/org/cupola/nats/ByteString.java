package org.cupola.nats;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes as a map key: a subject, a token of one, a subscription id. Immutable. Comparable, so that hash maps stay fast
 * when somebody chooses colliding keys.
 */
final class ByteString implements Comparable<ByteString> {
    static final ByteString EMPTY = new ByteString(new byte[0]);

    private final byte[] bytes;
    private final int hash;

    private ByteString(byte[] bytes) {
        this.bytes = bytes;
        this.hash = hash(bytes, 0, bytes.length);
    }

    static ByteString of(String text) {
        return new ByteString(text.getBytes(StandardCharsets.UTF_8));
    }

    static ByteString copyOf(byte[] source, int from, int to) {
        return from == to ? EMPTY : new ByteString(Arrays.copyOfRange(source, from, to));
    }

    static int hash(byte[] source, int from, int to) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + source[i];
        }
        return hash;
    }

    int length() {
        return bytes.length;
    }

    boolean isEmpty() {
        return bytes.length == 0;
    }

    /** The bytes themselves, not to be changed. */
    byte[] array() {
        return bytes;
    }

    boolean contentEquals(byte[] other, int from, int to) {
        return Arrays.equals(bytes, 0, bytes.length, other, from, to);
    }

    @Override
    public int compareTo(ByteString other) {
        return Arrays.compare(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteString that && hash == that.hash && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
