package org.cupola.gorouter.http2;

import java.util.Arrays;

/**
 * Writes header blocks (RFC 7541) of static numbers and plain literals. It keeps no table and uses no Huffman code, as other
 * proxies do: finding out whether a field is worth an entry costs more than the bytes it saves. So it has no state between
 * blocks and one serves all connections of a thread; what every connection must say once is {@link #NO_TABLE}.
 *
 * <p>Confined to one thread; the bytes are valid until the next {@link #begin}.
 */
public final class HpackEncoder {
    /** Stands at the start of a connection's first block: its dynamic table stays empty, whatever the peer would allow. */
    static final byte NO_TABLE = 0x20;

    private static final int KEPT_BYTES = 32 * 1024;
    private static final int STATUS = 8;
    private static final byte[] LOWER = new byte[256];

    static {
        for (int i = 0; i < 256; i++) {
            LOWER[i] = (byte) (i >= 'A' && i <= 'Z' ? i + 32 : i);
        }
    }

    private byte[] block = new byte[1024];
    private int length;

    /** Starts an empty block. */
    public void begin() {
        length = 0;
        if (block.length > KEPT_BYTES) {
            block = new byte[1024];
        }
    }

    byte[] block() {
        return block;
    }

    int length() {
        return length;
    }

    /** {@code :status}. */
    public void status(int status) {
        int listed = switch (status) {
            case 200 -> 8;
            case 204 -> 9;
            case 206 -> 10;
            case 304 -> 11;
            case 400 -> 12;
            case 404 -> 13;
            case 500 -> 14;
            default -> 0;
        };
        room(5);
        if (listed != 0) {
            block[length++] = (byte) (0x80 | listed);
            return;
        }
        block[length++] = STATUS;
        block[length++] = 3;
        block[length++] = (byte) ('0' + status / 100);
        block[length++] = (byte) ('0' + status / 10 % 10);
        block[length++] = (byte) ('0' + status % 10);
    }

    /** {@code :method} and {@code :scheme}. */
    public void request(byte[] source, int methodStart, int methodEnd, boolean tls) {
        if (is(source, methodStart, methodEnd, "GET")) {
            indexed(2);
        } else if (is(source, methodStart, methodEnd, "POST")) {
            indexed(3);
        } else {
            nameIndex(2, 0);
            value(source, methodStart, methodEnd);
        }
        indexed(tls ? 7 : 6);
    }

    /** {@code :authority}. */
    public void authority(byte[] source, int start, int end) {
        nameIndex(1, 0);
        value(source, start, end);
    }

    /** {@code :path}, of what stands before and what comes after. */
    public void path(byte[] prefix, int prefixLength, byte[] source, int start, int end) {
        int amount = prefixLength + end - start;
        nameIndex(4, 0);
        room(amount + 6);
        number(amount, 0, 127);
        System.arraycopy(prefix, 0, block, length, prefixLength);
        System.arraycopy(source, start, block, length + prefixLength, end - start);
        length += amount;
    }

    private static boolean is(byte[] source, int start, int end, String text) {
        if (end - start != text.length()) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (source[i] != text.charAt(i - start)) {
                return false;
            }
        }
        return true;
    }

    private void indexed(int index) {
        room(1);
        block[length++] = (byte) (0x80 | index);
    }

    /** A regular field; the name is written in lower case. */
    public void field(byte[] source, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        int index = StaticTable.find(source, nameStart, nameEnd);
        if (index != 0) {
            // What authenticates shall enter no table further on either (7.1.3).
            nameIndex(index, isSecret(index) ? 0x10 : 0);
        } else {
            int nameLength = nameEnd - nameStart;
            room(nameLength + 7);
            block[length++] = 0;
            number(nameLength, 0, 127);
            for (int i = nameStart; i < nameEnd; i++) {
                block[length++] = LOWER[source[i] & 0xff];
            }
        }
        value(source, valueStart, valueEnd);
    }

    private static boolean isSecret(int index) {
        return switch (index) {
            case 23, 32, 49, 55 -> true; // authorization, cookie, proxy-authorization, set-cookie
            default -> false;
        };
    }

    private void nameIndex(int index, int pattern) {
        room(2);
        number(index, pattern, 15);
    }

    private void value(byte[] source, int start, int end) {
        int amount = end - start;
        room(amount + 6);
        number(amount, 0, 127);
        System.arraycopy(source, start, block, length, amount);
        length += amount;
    }

    /** A number (5.1) in the bits of the mask; the pattern is in the bits above. */
    private void number(int number, int pattern, int mask) {
        if (number < mask) {
            block[length++] = (byte) (pattern | number);
            return;
        }
        block[length++] = (byte) (pattern | mask);
        int rest = number - mask;
        for (; rest > 127; rest >>>= 7) {
            block[length++] = (byte) (rest | 128);
        }
        block[length++] = (byte) rest;
    }

    private void room(int more) {
        if (block.length - length < more) {
            block = Arrays.copyOf(block, Math.max(block.length * 2, length + more));
        }
    }
}
