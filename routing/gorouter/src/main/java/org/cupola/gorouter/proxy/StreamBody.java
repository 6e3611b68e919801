package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request that comes in frames, on its way to the backend: waits for a taker, is put in chunks where the
 * request has them, and stops the client where the backend is slow. Confined to its event loop.
 */
final class StreamBody {
    private final Loop loop;
    private final ChannelConfig reading;
    private final BooleanSupplier goesOn;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(2);
    private @Nullable ByteBuf lastChunk;
    private boolean complete;
    private boolean passed;

    /**
     * @param reading of the channel that the body comes from
     * @param goesOn  whether the exchange goes on, which may end with each piece it is given
     */
    StreamBody(Loop loop, ChannelConfig reading, BooleanSupplier goesOn) {
        this.loop = loop;
        this.reading = reading;
        this.goesOn = goesOn;
    }

    /** Nothing follows the head. */
    void none() {
        complete = true;
        passed = true;
    }

    boolean isComplete() {
        return complete;
    }

    /** Takes over a piece. */
    void add(ByteBuf piece) {
        waiting.add(piece);
    }

    /** @param trailers lines as the end of a chunked body has them; a body of known length has no place for them */
    void end(Exchange exchange, String trailers) {
        complete = true;
        if (exchange.request().isChunked()) {
            lastChunk = Http2Messages.lastChunk(loop.allocator(), trailers);
        }
    }

    /** Passes on what is there. */
    void pass(Exchange taker) {
        if (passed) {
            return;
        }
        if (!taker.takesBody()) {
            read(false);
            return;
        }
        boolean chunked = taker.request().isChunked();
        for (ByteBuf piece = waiting.poll(); piece != null; piece = goesOn.getAsBoolean() ? waiting.poll() : null) {
            int data = piece.readableBytes();
            boolean last = complete && waiting.isEmpty() && lastChunk == null;
            passed |= last;
            taker.requestBody(chunked ? Http2Messages.chunk(loop.allocator(), piece) : piece, data, last);
        }
        if (complete && !passed && goesOn.getAsBoolean()) {
            passed = true;
            ByteBuf end = lastChunk == null ? Unpooled.EMPTY_BUFFER : lastChunk;
            lastChunk = null;
            taker.requestBody(end, 0, true);
        }
        if (goesOn.getAsBoolean()) {
            taker.flushRequest();
            read(taker.isBackendWritable());
        }
    }

    void read(boolean wanted) {
        if (reading.isAutoRead() != wanted) {
            reading.setAutoRead(wanted);
        }
    }

    /** Forgets what waits. */
    void drop() {
        for (ByteBuf piece = waiting.poll(); piece != null; piece = waiting.poll()) {
            piece.release();
        }
        ByteBuf end = lastChunk;
        if (end != null) {
            lastChunk = null;
            end.release();
        }
    }
}
