package org.cupola.gorouter.loggregator;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Finished datagrams, one after the other. Belongs to one thread at a time: whoever fills it, then the sender. */
final class DatagramBlock {
    private static final int BYTES = 128 * 1024;

    private final ByteBuffer filled = ByteBuffer.allocate(BYTES);
    private int count;

    /** False when there is no room. */
    boolean add(byte[] source, int from, int length) {
        if (filled.remaining() < length + Integer.BYTES) {
            return false;
        }
        filled.putInt(length).put(source, from, length);
        count++;
        return true;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    void forEach(Consumer<ByteBuffer> taker) {
        int end = filled.position();
        for (int at = 0; at < end; ) {
            int length = filled.getInt(at);
            taker.accept(filled.slice(at + Integer.BYTES, length));
            at += Integer.BYTES + length;
        }
    }

    void clear() {
        filled.clear();
        count = 0;
    }
}
