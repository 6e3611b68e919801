package org.cupola.gorouter.proxy;

import java.util.Arrays;
import org.cupola.gorouter.head.Ascii;

/** A growing byte array that is reused. Confined to its thread. */
final class ByteSink {
    private byte[] bytes;
    private int length;

    ByteSink(int size) {
        bytes = new byte[size];
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void truncate(int newLength) {
        length = newLength;
    }

    ByteSink add(byte b) {
        room(1);
        bytes[length++] = b;
        return this;
    }

    ByteSink add(byte[] source) {
        return add(source, 0, source.length);
    }

    ByteSink add(byte[] source, int start, int end) {
        int amount = end - start;
        room(amount);
        System.arraycopy(source, start, bytes, length, amount);
        length += amount;
        return this;
    }

    /** Characters up to U+00FF, one byte each. */
    @SuppressWarnings("deprecation") // the one String method that copies Latin-1 without an array in between
    ByteSink add(String latin1) {
        int amount = latin1.length();
        room(amount);
        latin1.getBytes(0, amount, bytes, length);
        length += amount;
        return this;
    }

    ByteSink number(long value) {
        room(20);
        length = Ascii.number(bytes, length, value);
        return this;
    }

    ByteSink hex(long value, int digits) {
        room(digits);
        RequestIds.hex(bytes, length, value, digits);
        length += digits;
        return this;
    }

    /** Digits with leading zeros. */
    ByteSink padded(long value, int digits) {
        room(digits);
        long rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
