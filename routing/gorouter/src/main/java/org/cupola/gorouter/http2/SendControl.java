package org.cupola.gorouter.http2;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * What streams send, held back where the peer's windows (RFC 9113, 5.2) or the channel are full. A stream that could send if
 * the connection could, stands in a queue and sends a frame in its turn. Confined to its event loop.
 */
final class SendControl {
    private static final int FIRST_WINDOW_BYTES = 65_535;

    private final Http2Session session;
    private final FrameWriter writer;
    private final ArrayDeque<Http2Stream> blocked = new ArrayDeque<>();
    private int window = FIRST_WINDOW_BYTES;
    private int streamWindow = FIRST_WINDOW_BYTES;
    private boolean headersSent;

    SendControl(Http2Session session, FrameWriter writer) {
        this.session = session;
        this.writer = writer;
    }

    /** What a new stream may send. */
    int streamWindow() {
        return streamWindow;
    }

    boolean isWritable() {
        return writer.isWritable();
    }

    void headers(Http2Stream stream, HpackEncoder block, boolean last) {
        block(stream, block.block(), block.length(), last);
        if (last) {
            session.sentEnd(stream);
        }
    }

    private void block(Http2Stream stream, byte[] block, int length, boolean last) {
        writer.headers(stream.id, headersSent ? -1 : HpackEncoder.NO_TABLE, block, length, last);
        headersSent = true;
    }

    void data(Http2Stream stream, ByteBuf source, int amount) {
        int left = amount;
        if (!stream.hasWaiting()) {
            while (left > 0) {
                int most = Math.min(left, room(stream));
                if (most == 0) {
                    break;
                }
                left -= send(stream, source, most, false);
            }
        }
        if (left > 0) {
            stream.await(source, left);
            enqueue(stream);
        }
    }

    /** How much a stream may send now. */
    private int room(Http2Stream stream) {
        return writer.isWritable() ? Math.max(0, Math.min(window, stream.sendWindow)) : 0;
    }

    private int send(Http2Stream stream, ByteBuf source, int most, boolean last) {
        int sent = writer.data(stream, source, most, last);
        window -= sent;
        stream.sendWindow -= sent;
        return sent;
    }

    private void enqueue(Http2Stream stream) {
        if (!stream.blocked && stream.sendWindow > 0) {
            stream.blocked = true;
            blocked.add(stream);
        }
    }

    void end(Http2Stream stream) {
        if (stream.hasWaiting()) {
            stream.ending = true;
        } else {
            writer.end(stream);
            session.sentEnd(stream);
        }
    }

    void trailers(Http2Stream stream, HpackEncoder block) {
        if (stream.hasWaiting()) {
            stream.ending = true;
            stream.trailers = Arrays.copyOf(block.block(), block.length());
        } else {
            headers(stream, block, true);
        }
    }

    /** Sends what waits, as far as windows and channel let it, a frame from each stream in turn. */
    void pump() {
        while (!blocked.isEmpty() && window > 0 && writer.isWritable()) {
            Http2Stream stream = blocked.remove();
            stream.blocked = false;
            if (stream.isOpen() && stream.hasWaiting() && stream.sendWindow > 0) {
                sendWaiting(stream);
            }
        }
    }

    private void sendWaiting(Http2Stream stream) {
        ByteBuf first = stream.firstWaiting();
        int most = Math.min(first.readableBytes(), room(stream));
        boolean last = stream.ending && stream.trailers == null && most == stream.waitingBytes();
        stream.sent(send(stream, first, most, last));
        if (stream.hasWaiting()) {
            enqueue(stream);
            stream.tellIfWritable();
        } else if (!stream.ending) {
            stream.tellIfWritable();
        } else {
            byte[] trailers = stream.trailers;
            if (trailers != null) {
                block(stream, trailers, trailers.length, true);
            }
            session.sentEnd(stream);
            stream.drained();
        }
    }

    /** The peer takes so many more bytes; false when that is more than there may be. */
    boolean widen(int increment) {
        if (window > Integer.MAX_VALUE - increment) {
            return false;
        }
        window += increment;
        pump();
        return true;
    }

    boolean widen(Http2Stream stream, int increment) {
        if (stream.sendWindow > Integer.MAX_VALUE - increment) {
            return false;
        }
        stream.sendWindow += increment;
        if (stream.hasWaiting()) {
            enqueue(stream);
            pump();
        }
        return true;
    }

    /** The peer changes the windows of all streams; false when one becomes larger than there may be. */
    boolean streamWindow(int newWindow) {
        int change = newWindow - streamWindow;
        streamWindow = newWindow;
        for (Http2Stream stream : session.streams()) {
            if (change > 0 && stream.sendWindow > Integer.MAX_VALUE - change) {
                return false;
            }
            stream.sendWindow += change;
            if (stream.hasWaiting()) {
                enqueue(stream);
            }
        }
        pump();
        return true;
    }
}
