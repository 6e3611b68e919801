package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * A response on its way out to a client of HTTP/1: gathers the head and small pieces of the body into one write, and changes
 * the body's framing where the client's version asks for it. Confined to its event loop.
 */
final class Http1Output {
    private static final int GATHERED_BODY_BYTES = 8192;
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Loop loop;
    private final Channel channel;
    private @Nullable ByteBuf gathered;
    private boolean reframed;
    private @Nullable ChunkScanner decoder;

    Http1Output(Loop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
    }

    /**
     * Decides how the client will see the body: what ends with the connection becomes chunked, and for HTTP/1.0 the other
     * way round.
     */
    BodyFraming choose(BodyFraming source, boolean http10, int status) {
        reframed = source == BodyFraming.UNTIL_CLOSE && !http10 && status != 101;
        decoder = source == BodyFraming.CHUNKED && http10 ? new ChunkScanner() : null;
        if (reframed) {
            return BodyFraming.CHUNKED;
        }
        return decoder != null ? BodyFraming.UNTIL_CLOSE : source;
    }

    /** Takes the head, with room for a small body behind it. */
    void head(ByteSink built, BodyFraming source, ResponseHead response) {
        int room = switch (source) {
            case NONE -> 0;
            case LENGTH -> response.contentLength() > GATHERED_BODY_BYTES ? 0 : (int) response.contentLength();
            case CHUNKED, UNTIL_CLOSE -> GATHERED_BODY_BYTES / 4;
        };
        gathered = loop.buffer(built, room);
    }

    /** Takes an answer that is complete. */
    void whole(ByteSink built) {
        reframed = false;
        decoder = null;
        gathered = loop.buffer(built, 0);
    }

    /** Takes over a piece of the body as it came. */
    void body(ByteBuf piece) {
        if (decoder != null) {
            decode(piece, decoder);
        } else if (reframed) {
            reframe(piece);
        } else {
            write(piece);
        }
    }

    /** The body is complete. */
    void end() {
        if (reframed) {
            write(Unpooled.wrappedBuffer(LAST_CHUNK));
        }
    }

    private void decode(ByteBuf piece, ChunkScanner scanner) {
        try {
            for (int amount = scanner.nextData(piece); amount > 0; amount = scanner.nextData(piece)) {
                write(piece.readRetainedSlice(amount));
                scanner.consumed(amount);
            }
        } finally {
            piece.release();
        }
    }

    private void reframe(ByteBuf piece) {
        if (!piece.isReadable()) {
            piece.release();
            return;
        }
        String size = Integer.toHexString(piece.readableBytes()) + "\r\n";
        write(Unpooled.copiedBuffer(size, StandardCharsets.US_ASCII));
        write(piece);
        write(Unpooled.copiedBuffer("\r\n", StandardCharsets.US_ASCII));
    }

    /** Puts a small piece behind what waits to go out, so that both go in one write. */
    private void write(ByteBuf piece) {
        ByteBuf waiting = gathered;
        if (waiting != null) {
            if (piece.readableBytes() <= waiting.writableBytes()) {
                waiting.writeBytes(piece);
                piece.release();
                return;
            }
            gathered = null;
            channel.write(waiting, channel.voidPromise());
        }
        channel.write(piece, channel.voidPromise());
    }

    /** What has gathered and not been written, for the caller to write; empty when there is nothing. */
    ByteBuf takeGathered() {
        ByteBuf waiting = gathered;
        gathered = null;
        return waiting == null ? Unpooled.EMPTY_BUFFER : waiting;
    }

    void flush() {
        ByteBuf waiting = gathered;
        if (waiting != null) {
            gathered = null;
            channel.write(waiting, channel.voidPromise());
        }
        channel.flush();
    }

    void drop() {
        ByteBuf waiting = gathered;
        if (waiting != null) {
            gathered = null;
            waiting.release();
        }
    }
}
