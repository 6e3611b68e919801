package org.cupola.gorouter.http2;

import io.netty.buffer.ByteBuf;

/** Takes the frames of a connection, in order and whole but for the payload of DATA. */
interface FrameSink {
    /** The header block of a stream, in {@code [from, to)} of an array that is overwritten afterwards. */
    void headers(int stream, byte[] block, int from, int to, boolean endStream);

    /** A header block has begun and goes on in further frames. */
    void headersIncomplete();

    /**
     * Takes over a piece of a stream's body.
     *
     * @param windowBytes what it costs of the windows: with padding
     * @param frameEnd    whether the frame has no further piece
     * @param endStream   whether it is the last piece of the body
     */
    void data(int stream, ByteBuf piece, int windowBytes, boolean frameEnd, boolean endStream);

    void reset(int stream, int code);

    /** One of a frame of settings. */
    void setting(int id, long value);

    /** A frame of settings is complete. */
    void settingsEnd();

    void settingsAcknowledged();

    void ping(long payload, boolean acknowledges);

    void goAway(int lastStream, int code);

    /** @param increment not checked: 0 to 2^31 - 1 */
    void windowUpdate(int stream, int increment);

    /** A frame that is wrong for its stream alone. */
    void streamError(int stream, ErrorCode code);

    /** The connection must end; no more is read. */
    void connectionError(ErrorCode code, String why);
}
