package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what a client says of its streams (RFC 9113, 5.1 and 5.1.1): headers on a stream that it ended or reset, or with
 * a number that it left out, break the connection. The codec cannot tell, because it forgets a stream when it closes; this
 * needs nothing but the client's own frames, so it never takes a late frame of a stream that we reset for a violation.
 *
 * <p>Remembers the last {@value #REMEMBERED} streams; what concerns older ones is left to the codec. Confined to one thread.
 */
final class Http2FrameOrder {
    private static final int REMEMBERED = 512;
    private static final int PREFACE_BYTES = 24;
    private static final int HEADER_BYTES = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int END_STREAM = 1;
    private static final int NONE = -2;

    /** Per stream its number and, in the lowest bit (client streams are odd), whether the client may still send on it. */
    private final int[] streams = new int[REMEMBERED];

    private final byte[] header = new byte[HEADER_BYTES];
    private int headerFilled;
    private long toSkip = PREFACE_BYTES;
    private int newest;

    Http2FrameOrder() {
        Arrays.fill(streams, NONE);
    }

    /**
     * Looks at the bytes that come next; changes neither buffer nor indexes.
     *
     * @return what was violated, or {@code null}. Afterwards this is of no more use: the connection must end.
     */
    @Nullable
    Http2Exception look(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (toSkip > 0) {
                int skipped = (int) Math.min(toSkip, end - at);
                toSkip -= skipped;
                at += skipped;
                continue;
            }
            int taken = Math.min(HEADER_BYTES - headerFilled, end - at);
            bytes.getBytes(at, header, headerFilled, taken);
            headerFilled += taken;
            at += taken;
            if (headerFilled == HEADER_BYTES) {
                headerFilled = 0;
                toSkip = number(0, 3);
                Http2Exception violation = frame(header[3], header[4], stream());
                if (violation != null) {
                    return violation;
                }
            }
        }
        return null;
    }

    private int stream() {
        return number(5, 4) & Integer.MAX_VALUE;
    }

    private int number(int from, int length) {
        int number = 0;
        for (int i = from; i < from + length; i++) {
            number = (number << 8) | (header[i] & 0xff);
        }
        return number;
    }

    private @Nullable Http2Exception frame(int type, int flags, int stream) {
        if ((stream & 1) == 0) {
            return null; // the connection's own, or a number that the codec refuses
        }
        int slot = (stream >>> 1) & (REMEMBERED - 1);
        boolean known = (streams[slot] | 1) == stream;
        if (type == HEADERS) {
            if (stream > newest) {
                forgetBetween(newest, stream);
                newest = stream;
                streams[slot] = stream;
            } else if (known && (streams[slot] & 1) == 0) {
                return error(Http2Error.STREAM_CLOSED, "headers on ended stream ", stream);
            } else if (!known && newest - stream < 2 * REMEMBERED) {
                return error(Http2Error.PROTOCOL_ERROR, "headers on a stream that was left out: ", stream);
            }
            known = (streams[slot] | 1) == stream;
        }
        boolean ends = type == RST_STREAM || ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0);
        if (ends && known) {
            streams[slot] &= ~1;
        }
        return null;
    }

    /** The slots of numbers that were left out still hold streams that are too old by now. */
    private void forgetBetween(int before, int stream) {
        if (stream - before > 2 * REMEMBERED) {
            Arrays.fill(streams, NONE);
            return;
        }
        for (int left = before == 0 ? 1 : before + 2; left < stream; left += 2) {
            streams[(left >>> 1) & (REMEMBERED - 1)] = NONE;
        }
    }

    private static Http2Exception error(Http2Error error, String what, int stream) {
        return Http2Exception.connectionError(error, "%s%d", what, stream);
    }
}
