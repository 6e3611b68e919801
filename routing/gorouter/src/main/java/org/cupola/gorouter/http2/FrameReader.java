package org.cupola.gorouter.http2;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Reads frames (RFC 9113, 4 and 6) from bytes as they come, and checks what can be checked of a frame alone: its size, whether
 * it may have a stream, its padding, and that nothing stands between the frames of a header block. DATA passes through in
 * slices; the payload of all others is gathered in one array, so that no buffer is kept from one read to the next.
 *
 * <p>A header block is bounded in bytes and in frames. Confined to one thread.
 */
final class FrameReader {
    static final int MAX_FRAME_BYTES = 16 * 1024;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;
    static final int PRIORITIZED = 32;

    private static final int HEADER_BYTES = 9;
    private static final int SETTING_BYTES = 6;
    private static final int KEPT_BYTES = 2048;
    private static final int FREE_CONTINUATIONS = 32;

    private final FrameSink sink;
    private final int maxBlockBytes;
    private final byte[] header = new byte[HEADER_BYTES];
    private int headerFilled;
    private int length;
    private int type;
    private int flags;
    private int stream;
    private byte[] payload = new byte[256];
    private int filled;
    private int remaining;

    // DATA: bytes of padding to come behind the data, and what its own length byte cost.
    private int padding;
    private boolean paddingKnown;
    private int paddingLengthBytes;

    // A header block that goes on: its stream, and where it is in the payload array.
    private int blockStream;
    private boolean blockEndsStream;
    private int blockStart;
    private int blockEnd;
    private int continuations;
    private boolean settingsSeen;
    private boolean stopped;

    /** @param maxBlockBytes how long a header block may be as it is encoded */
    FrameReader(FrameSink sink, int maxBlockBytes) {
        this.sink = sink;
        this.maxBlockBytes = maxBlockBytes;
    }

    /** Reads no more, whatever comes. */
    void stop() {
        stopped = true;
    }

    /** Takes all bytes, unless it is stopped meanwhile. The buffer stays the caller's. */
    void read(ByteBuf in) {
        while (!stopped && (in.isReadable() || isComplete())) {
            if (headerFilled < HEADER_BYTES) {
                int amount = Math.min(HEADER_BYTES - headerFilled, in.readableBytes());
                in.readBytes(header, headerFilled, amount);
                headerFilled += amount;
                if (headerFilled == HEADER_BYTES) {
                    begin();
                }
            } else if (type == DATA) {
                readData(in);
            } else {
                int amount = Math.min(remaining, in.readableBytes());
                in.readBytes(payload, filled, amount);
                filled += amount;
                remaining -= amount;
                if (remaining == 0) {
                    headerFilled = 0;
                    finish();
                }
            }
        }
    }

    /** A frame without payload is there with its header. */
    private boolean isComplete() {
        return headerFilled == HEADER_BYTES && remaining == 0;
    }

    private void begin() {
        length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
        type = header[3];
        flags = header[4];
        stream = number(header, 5) & Integer.MAX_VALUE;
        remaining = length;
        if (length > MAX_FRAME_BYTES) {
            fail(ErrorCode.FRAME_SIZE_ERROR, "frame of " + length + " bytes");
            return;
        }
        if (!settingsSeen && (type != SETTINGS || (flags & ACK) != 0)) {
            fail(ErrorCode.PROTOCOL_ERROR, "does not begin with settings");
            return;
        }
        if (blockStream != 0 && (type != CONTINUATION || stream != blockStream)) {
            fail(ErrorCode.PROTOCOL_ERROR, "frame within a header block");
            return;
        }
        if (type == CONTINUATION) {
            beginContinuation();
            return;
        }
        boolean ofStream = type == DATA || type == HEADERS || type == PRIORITY || type == RST_STREAM;
        boolean ofConnection = type == SETTINGS || type == PING || type == GOAWAY;
        if ((ofStream && stream == 0) || (ofConnection && stream != 0)) {
            fail(ErrorCode.PROTOCOL_ERROR, "type " + type + " on stream " + stream);
            return;
        }
        padding = 0;
        paddingLengthBytes = 0;
        paddingKnown = (flags & PADDED) == 0;
        filled = 0;
        if (type != DATA) {
            room(length);
        } else if (!paddingKnown && length == 0) {
            fail(ErrorCode.FRAME_SIZE_ERROR, "padded and empty");
        }
    }

    private void beginContinuation() {
        if (blockStream == 0) {
            fail(ErrorCode.PROTOCOL_ERROR, "continues no header block");
            return;
        }
        continuations++;
        int soFar = blockEnd - blockStart;
        if (soFar + length > maxBlockBytes || continuations > FREE_CONTINUATIONS + soFar / 1024) {
            fail(ErrorCode.ENHANCE_YOUR_CALM, "endless header block");
            return;
        }
        filled = blockEnd;
        room(length);
    }

    private void room(int more) {
        if (payload.length - filled < more) {
            payload = Arrays.copyOf(payload, Math.max(payload.length * 2, filled + more));
        }
    }

    private void readData(ByteBuf in) {
        if (!paddingKnown) {
            padding = in.readUnsignedByte();
            paddingKnown = true;
            paddingLengthBytes = 1;
            remaining--;
            if (padding > remaining) {
                fail(ErrorCode.PROTOCOL_ERROR, "padding of " + padding + " in " + remaining + " bytes");
                return;
            }
        }
        int data = Math.min(remaining - padding, in.readableBytes());
        remaining -= data;
        ByteBuf piece = in.readRetainedSlice(data);
        boolean dataEnd = remaining == padding;
        int skipped = 0;
        if (dataEnd) {
            skipped = Math.min(remaining, in.readableBytes());
            in.skipBytes(skipped);
            remaining -= skipped;
            padding = remaining;
        }
        int cost = data + skipped + paddingLengthBytes;
        paddingLengthBytes = 0;
        boolean frameEnd = remaining == 0;
        if (frameEnd) {
            headerFilled = 0;
        }
        // The end is told with the frame's end, so that a stream never ends with some of its padding still to come.
        sink.data(stream, piece, cost, frameEnd, frameEnd && (flags & END_STREAM) != 0);
    }

    private void finish() {
        switch (type) {
            case HEADERS -> finishHeaders();
            case CONTINUATION -> {
                blockEnd = filled;
                block();
            }
            case PRIORITY -> finishPriority();
            case RST_STREAM -> {
                if (length == 4) {
                    sink.reset(stream, number(payload, 0));
                } else {
                    fail(ErrorCode.FRAME_SIZE_ERROR, "reset of " + length + " bytes");
                }
            }
            case SETTINGS -> finishSettings();
            case PUSH_PROMISE -> fail(ErrorCode.PROTOCOL_ERROR, "push");
            case PING -> {
                if (length == 8) {
                    long high = number(payload, 0);
                    sink.ping(high << 32 | (number(payload, 4) & 0xffffffffL), (flags & ACK) != 0);
                } else {
                    fail(ErrorCode.FRAME_SIZE_ERROR, "ping of " + length + " bytes");
                }
            }
            case GOAWAY -> {
                if (length >= 8) {
                    sink.goAway(number(payload, 0) & Integer.MAX_VALUE, number(payload, 4));
                } else {
                    fail(ErrorCode.FRAME_SIZE_ERROR, "goodbye of " + length + " bytes");
                }
            }
            case WINDOW_UPDATE -> {
                if (length == 4) {
                    sink.windowUpdate(stream, number(payload, 0) & Integer.MAX_VALUE);
                } else {
                    fail(ErrorCode.FRAME_SIZE_ERROR, "window update of " + length + " bytes");
                }
            }
            default -> {} // of an extension that we do not know (5.5)
        }
        if (blockStream == 0 && payload.length > KEPT_BYTES) {
            payload = new byte[KEPT_BYTES];
        }
    }

    private void finishHeaders() {
        int from = 0;
        int to = length;
        if ((flags & PADDED) != 0) {
            from = 1;
            to -= length == 0 ? 0 : payload[0] & 0xff;
        }
        int priority = from;
        if ((flags & PRIORITIZED) != 0) {
            from += 5;
        }
        if (from > to) {
            boolean tooShort = from > length;
            fail(tooShort ? ErrorCode.FRAME_SIZE_ERROR : ErrorCode.PROTOCOL_ERROR, "headers of " + length + " bytes");
            return;
        }
        if (to - from > maxBlockBytes) {
            fail(ErrorCode.ENHANCE_YOUR_CALM, "header block of " + (to - from) + " bytes");
            return;
        }
        blockStream = stream;
        blockEndsStream = (flags & END_STREAM) != 0;
        blockStart = from;
        blockEnd = to;
        continuations = 0;
        boolean ownParent = from > priority && (number(payload, priority) & Integer.MAX_VALUE) == stream;
        block();
        if (ownParent) {
            sink.streamError(stream, ErrorCode.PROTOCOL_ERROR);
        }
    }

    private void block() {
        if ((flags & END_HEADERS) == 0) {
            sink.headersIncomplete();
            return;
        }
        int ended = blockStream;
        blockStream = 0;
        sink.headers(ended, payload, blockStart, blockEnd, blockEndsStream);
    }

    private void finishPriority() {
        if (length != 5) {
            sink.streamError(stream, ErrorCode.FRAME_SIZE_ERROR);
        } else if ((number(payload, 0) & Integer.MAX_VALUE) == stream) {
            sink.streamError(stream, ErrorCode.PROTOCOL_ERROR);
        }
    }

    private void finishSettings() {
        boolean acknowledges = (flags & ACK) != 0;
        if (length % SETTING_BYTES != 0 || (acknowledges && length > 0)) {
            fail(ErrorCode.FRAME_SIZE_ERROR, "settings of " + length + " bytes");
            return;
        }
        settingsSeen = true;
        if (acknowledges) {
            sink.settingsAcknowledged();
            return;
        }
        for (int at = 0; at < length && !stopped; at += SETTING_BYTES) {
            int id = (payload[at] & 0xff) << 8 | (payload[at + 1] & 0xff);
            sink.setting(id, number(payload, at + 2) & 0xffffffffL);
        }
        if (!stopped) {
            sink.settingsEnd();
        }
    }

    private void fail(ErrorCode code, String why) {
        stopped = true;
        sink.connectionError(code, why);
    }

    private static int number(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }
}
