package org.cupola.gorouter.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Gathers outgoing frames in buffers of the size of one TLS record, which TLS then takes as they are, and flushes once for all
 * that the event loop has found to do in one round: responses of several backends leave in one record and one system call.
 *
 * <p>Confined to its event loop.
 */
final class FrameWriter {
    private static final int RECORD_BYTES = 16 * 1024;
    private static final int HEADER_BYTES = 9;
    private static final int MOST_IN_FRAME = RECORD_BYTES - HEADER_BYTES;
    private static final int WORTH_A_FRAME = 2048;
    private static final int MAX_WHY_BYTES = 128;

    private final Channel channel;
    private final byte[] start = new byte[HEADER_BYTES + 8];
    private final Runnable flush = this::flush;
    private @Nullable ByteBuf gathered;
    private int generation;
    private boolean flushDue;

    FrameWriter(Channel channel) {
        this.channel = channel;
    }

    /** Whether the channel takes more than it has. */
    boolean isWritable() {
        return channel.isWritable();
    }

    private ByteBuf room(int bytes) {
        ByteBuf buffer = gathered;
        if (buffer != null && RECORD_BYTES - buffer.writerIndex() < bytes) {
            emit();
            buffer = null;
        }
        if (buffer == null) {
            buffer = channel.alloc().directBuffer(RECORD_BYTES, RECORD_BYTES);
            gathered = buffer;
        }
        if (!flushDue) {
            flushDue = true;
            channel.eventLoop().execute(flush);
        }
        return buffer;
    }

    private void emit() {
        ByteBuf full = gathered;
        if (full != null) {
            gathered = null;
            generation++;
            channel.write(full, channel.voidPromise());
        }
    }

    void flush() {
        flushDue = false;
        emit();
        channel.flush();
    }

    /** Sends what there is and then closes. */
    void flushAndClose() {
        flush();
        channel.close();
    }

    void drop() {
        ByteBuf left = gathered;
        if (left != null) {
            gathered = null;
            generation++;
            left.release();
        }
    }

    /** Writes a frame's header and the first bytes of its payload, which are in {@link #start} behind the header. */
    private ByteBuf frame(int length, int type, int flags, int stream, int payloadInStart) {
        byte[] bytes = start;
        bytes[0] = (byte) (length >> 16);
        bytes[1] = (byte) (length >> 8);
        bytes[2] = (byte) length;
        bytes[3] = (byte) type;
        bytes[4] = (byte) flags;
        number(5, stream);
        return room(HEADER_BYTES + length).writeBytes(bytes, 0, HEADER_BYTES + payloadInStart);
    }

    private void number(int at, int value) {
        start[at] = (byte) (value >> 24);
        start[at + 1] = (byte) (value >> 16);
        start[at + 2] = (byte) (value >> 8);
        start[at + 3] = (byte) value;
    }

    void bytes(byte[] source) {
        room(source.length).writeBytes(source);
    }

    /** @param idsAndValues in turn */
    void settings(int... idsAndValues) {
        ByteBuf out = frame(idsAndValues.length * 3, FrameReader.SETTINGS, 0, 0, 0);
        for (int i = 0; i < idsAndValues.length; i += 2) {
            out.writeShort(idsAndValues[i]).writeInt(idsAndValues[i + 1]);
        }
    }

    void settingsAcknowledged() {
        frame(0, FrameReader.SETTINGS, FrameReader.ACK, 0, 0);
    }

    void ping(long payload, boolean acknowledges) {
        number(HEADER_BYTES, (int) (payload >> 32));
        number(HEADER_BYTES + 4, (int) payload);
        frame(8, FrameReader.PING, acknowledges ? FrameReader.ACK : 0, 0, 8);
    }

    void goAway(int lastStream, ErrorCode code, String why) {
        byte[] text = why.getBytes(StandardCharsets.US_ASCII);
        int amount = Math.min(text.length, MAX_WHY_BYTES);
        number(HEADER_BYTES, lastStream);
        number(HEADER_BYTES + 4, code.number());
        frame(8 + amount, FrameReader.GOAWAY, 0, 0, 8).writeBytes(text, 0, amount);
    }

    void reset(int stream, ErrorCode code) {
        number(HEADER_BYTES, code.number());
        frame(4, FrameReader.RST_STREAM, 0, stream, 4);
    }

    void windowUpdate(int stream, int increment) {
        number(HEADER_BYTES, increment);
        frame(4, FrameReader.WINDOW_UPDATE, 0, stream, 4);
    }

    /** @param first a byte to put before the block, or -1 for none */
    void headers(int stream, int first, byte[] block, int length, boolean endStream) {
        int extra = first < 0 ? 0 : 1;
        int amount = Math.min(length, MOST_IN_FRAME - extra);
        int flags = (endStream ? FrameReader.END_STREAM : 0) | (amount == length ? FrameReader.END_HEADERS : 0);
        start[HEADER_BYTES] = (byte) first;
        frame(amount + extra, FrameReader.HEADERS, flags, stream, extra).writeBytes(block, 0, amount);
        for (int at = amount; at < length; at += amount) {
            amount = Math.min(length - at, MOST_IN_FRAME);
            int last = at + amount == length ? FrameReader.END_HEADERS : 0;
            frame(amount, FrameReader.CONTINUATION, last, stream, 0).writeBytes(block, at, amount);
        }
    }

    /**
     * Writes one frame of data and says how much went into it: never more than fits a record, perhaps less.
     *
     * @param source gives up the bytes; stays the caller's
     * @param from   remembers where the frame is, so that the end of the stream can be told with it
     */
    int data(Http2Stream from, ByteBuf source, int most, boolean endStream) {
        int amount = Math.min(most, MOST_IN_FRAME);
        ByteBuf buffer = gathered;
        int left = buffer == null ? 0 : RECORD_BYTES - buffer.writerIndex() - HEADER_BYTES;
        if (left < amount && left >= WORTH_A_FRAME) {
            amount = left;
        }
        boolean end = endStream && amount == most;
        ByteBuf out = frame(amount, FrameReader.DATA, end ? FrameReader.END_STREAM : 0, from.id, 0);
        from.flagsAt = out.writerIndex() - 5;
        from.flagsGeneration = generation;
        out.writeBytes(source, amount);
        return amount;
    }

    /** Ends a stream, in its last frame of data if that has not left yet. */
    void end(Http2Stream stream) {
        ByteBuf buffer = gathered;
        if (buffer != null && stream.flagsAt > 0 && stream.flagsGeneration == generation) {
            buffer.setByte(stream.flagsAt, FrameReader.END_STREAM);
        } else {
            frame(0, FrameReader.DATA, FrameReader.END_STREAM, stream.id, 0);
        }
    }
}
