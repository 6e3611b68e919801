package org.cupola.rep.executor;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts a process' output into messages: at each line end, empty ones left out, and longer ones where a UTF-8 character begins.
 * Confined to the thread that carries the stream.
 */
final class LineSplitter extends OutputStream {
    static final int MAX_MESSAGE_BYTES = 61_440;

    private final Consumer<byte[]> messages;
    private byte[] pending = new byte[256];
    private int length;

    LineSplitter(Consumer<byte[]> messages) {
        this.messages = messages;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        int start = offset;
        for (int i = offset; i < offset + count; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                append(bytes, start, i - start);
                emit(length);
                start = i + 1;
            }
        }
        append(bytes, start, offset + count - start);
    }

    @Override
    public void close() {
        emit(length);
    }

    private void append(byte[] bytes, int offset, int count) {
        int from = offset;
        int left = count;
        while (left > 0) {
            int part = Math.min(left, MAX_MESSAGE_BYTES - length);
            if (length + part > pending.length) {
                pending = Arrays.copyOf(
                        pending, Math.min(MAX_MESSAGE_BYTES, Math.max(pending.length * 2, length + part)));
            }
            System.arraycopy(bytes, from, pending, length, part);
            length += part;
            from += part;
            left -= part;
            if (length == MAX_MESSAGE_BYTES) {
                emit(wholeCharacters());
            }
        }
    }

    /** Up to three bytes less, when the end lies within a character; damaged text is cut where it is. */
    private int wholeCharacters() {
        for (int back = 1; back <= 4; back++) {
            int lead = pending[length - back] & 0xff;
            if ((lead & 0xc0) != 0x80) {
                int needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
                return needed > back ? length - back : length;
            }
        }
        return length;
    }

    private void emit(int end) {
        if (end > 0) {
            messages.accept(Arrays.copyOf(pending, end));
        }
        System.arraycopy(pending, end, pending, 0, length - end);
        length -= end;
    }
}
