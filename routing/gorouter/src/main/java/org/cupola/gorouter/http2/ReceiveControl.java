package org.cupola.gorouter.http2;

/**
 * What peers may send of bodies (RFC 9113, 5.2): a window per stream and one for all. Bytes are given back when the user has
 * passed them on, and told in steps of half a window. Confined to its event loop.
 */
final class ReceiveControl {
    private final FrameWriter writer;
    private final int streamWindowBytes;
    private final int windowBytes;
    private int window;
    private int owedBytes;

    ReceiveControl(FrameWriter writer, Http2Session.Limits limits) {
        this.writer = writer;
        this.streamWindowBytes = limits.streamWindowBytes();
        this.windowBytes = limits.windowBytes();
        this.window = limits.windowBytes();
    }

    void begin(Http2Stream stream) {
        stream.receiveWindow = streamWindowBytes;
    }

    /** Bytes have come, for whatever stream; false when the peer had no right to send them. */
    boolean received(int bytes) {
        window -= bytes;
        return window >= 0;
    }

    /** The same for the stream, which holds them now. */
    boolean received(Http2Stream stream, int bytes) {
        stream.receiveWindow -= bytes;
        stream.heldBytes += bytes;
        return stream.receiveWindow >= 0;
    }

    void consumed(Http2Stream stream, int bytes) {
        stream.heldBytes -= bytes;
        if (!stream.remoteEnded) {
            stream.owedBytes += bytes;
            if (stream.owedBytes >= streamWindowBytes / 2) {
                writer.windowUpdate(stream.id, stream.owedBytes);
                stream.receiveWindow += stream.owedBytes;
                stream.owedBytes = 0;
            }
        }
        giveBack(bytes);
    }

    /** The stream has ended; what it holds is of no interest. */
    void end(Http2Stream stream) {
        int held = stream.heldBytes;
        stream.heldBytes = 0;
        giveBack(held);
    }

    /** Bytes that belong to no stream any more. */
    void giveBack(int bytes) {
        owedBytes += bytes;
        if (owedBytes >= windowBytes / 2) {
            writer.windowUpdate(0, owedBytes);
            window += owedBytes;
            owedBytes = 0;
        }
    }
}
