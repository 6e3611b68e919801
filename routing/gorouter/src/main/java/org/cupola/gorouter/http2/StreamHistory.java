package org.cupola.gorouter.http2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a client has said of its streams (RFC 9113, 5.1 and 5.1.1): headers on a stream that it ended or reset, or with a number
 * that it left out, break the connection. The table of open streams cannot tell, because a stream leaves it when it closes;
 * this needs nothing but the client's own frames, so it never takes a late frame of a stream that we reset for a violation.
 *
 * <p>Remembers the last {@value #REMEMBERED} streams; frames of older ones pass. Confined to one thread.
 */
final class StreamHistory {
    private static final int REMEMBERED = 512;
    private static final int NONE = -2;

    /** Per stream its number and, in the lowest bit (client streams are odd), whether the client may still send on it. */
    private final int[] streams = new int[REMEMBERED];

    private int newest;

    StreamHistory() {
        Arrays.fill(streams, NONE);
    }

    /** The client's newest stream, 0 for none. */
    int newest() {
        return newest;
    }

    /** Whether the client never opened a stream with the number, nor skipped it. */
    boolean isIdle(int stream) {
        return stream > newest || (stream & 1) == 0;
    }

    /** Headers come on a stream; says what is wrong with that, {@code null} for nothing. */
    @Nullable
    ErrorCode headers(int stream) {
        if ((stream & 1) == 0) {
            return ErrorCode.PROTOCOL_ERROR;
        }
        if (stream > newest) {
            forgetBetween(newest, stream);
            newest = stream;
            streams[slot(stream)] = stream;
            return null;
        }
        if (isKnown(stream)) {
            return hasEnded(stream) ? ErrorCode.STREAM_CLOSED : null;
        }
        return newest - stream < 2 * REMEMBERED ? ErrorCode.PROTOCOL_ERROR : null;
    }

    /** The client has ended or reset the stream. */
    void ends(int stream) {
        if (isKnown(stream)) {
            streams[slot(stream)] &= ~1;
        }
    }

    /** Whether the client is known to have ended or reset the stream. */
    boolean hasEnded(int stream) {
        return isKnown(stream) && (streams[slot(stream)] & 1) == 0;
    }

    private static int slot(int stream) {
        return (stream >>> 1) & (REMEMBERED - 1);
    }

    private boolean isKnown(int stream) {
        return (streams[slot(stream)] | 1) == stream;
    }

    /** The slots of numbers that were left out still hold streams that are too old by now. */
    private void forgetBetween(int before, int stream) {
        if (stream - before > 2 * REMEMBERED) {
            Arrays.fill(streams, NONE);
            return;
        }
        for (int left = before == 0 ? 1 : before + 2; left < stream; left += 2) {
            streams[slot(left)] = NONE;
        }
    }
}
