package org.cupola.gorouter.http2;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One stream: what its connection must know of it, what the connection tells it, and what it can send. Its user extends it.
 *
 * <p>Confined to the event loop of its connection. Nothing is told after {@link #reset} or {@link #lost}, nor after the stream
 * has reset itself; what is sent then goes nowhere.
 */
public abstract class Http2Stream {
    private static final int FULL_BYTES = 64 * 1024;
    private static final int LOW_BYTES = 16 * 1024;
    private static final int SMALL_BYTES = 1024;
    private static final int GATHER_BYTES = 4096;

    @Nullable
    Http2Session session;

    int id;
    int sendWindow;
    int receiveWindow;
    /** Received and not yet consumed by the user. */
    int heldBytes;
    /** Consumed, and not yet given back to the peer's window. */
    int owedBytes;

    boolean remoteEnded;
    boolean localEnded;
    /** What still waits is the last. */
    boolean ending;
    /** Whether it has read something and not been told that this is all. */
    boolean reading;
    /** Whether it stands in the queue of those that could send if the connection could. */
    boolean blocked;
    /** The trailers that follow what waits, encoded. */
    byte @Nullable [] trailers;

    int flagsAt;
    int flagsGeneration;

    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(2);
    private @Nullable ByteBuf gathering;
    private int waitingBytes;
    private boolean stalled;

    // ---- what the user is told ----

    /** A header block begins; its fields go to what is returned. */
    protected abstract FieldSink headersBegin();

    /**
     * The header block is complete.
     *
     * @param whole whether all fields were told; otherwise the list is larger than allowed
     * @param last  whether the peer sends no more
     */
    protected abstract void headersEnd(boolean whole, boolean last);

    /** Takes over a piece of the body, perhaps empty. It counts against the window until {@link #consumed}. */
    protected abstract void data(ByteBuf piece, boolean last);

    /** After headers or data: no more is here for now. */
    protected abstract void readEnd();

    /** The peer, or a fault of its, has ended the stream before its time. */
    protected abstract void reset(ErrorCode code);

    /** The connection has ended before the stream. */
    protected abstract void lost();

    /** {@link #isWritable} is true again after it was false. */
    protected abstract void writable();

    /** What had to wait when its end was sent has left. */
    protected abstract void drained();

    // ---- what the user does ----

    protected final boolean isOpen() {
        return session != null;
    }

    /** Whether the peer sends no more. */
    protected final boolean isRemoteEnded() {
        return remoteEnded;
    }

    /** So many bytes of the body are no longer held, and the peer may send as many more. */
    protected final void consumed(int bytes) {
        if (session != null && bytes > 0) {
            session.consumed(this, bytes);
        }
    }

    /** Sends headers: those before the body, or instead of one. */
    protected final void sendHeaders(HpackEncoder block, boolean last) {
        if (session != null) {
            session.output().headers(this, block, last);
        }
    }

    /** Sends so many bytes of the body, which the buffer gives up; it stays the caller's. */
    protected final void sendData(ByteBuf source, int amount) {
        if (session != null) {
            session.output().data(this, source, amount);
        } else {
            source.skipBytes(amount);
        }
    }

    /** Nothing more will be sent. */
    protected final void sendEnd() {
        if (session != null) {
            session.output().end(this);
        }
    }

    /** Ends with trailers. */
    protected final void sendTrailers(HpackEncoder block) {
        if (session != null) {
            session.output().trailers(this, block);
        }
    }

    /** Ends the stream at once, what waits to be sent included. */
    protected final void sendReset(ErrorCode code) {
        if (session != null) {
            session.resetByUser(this, code);
        }
    }

    /** The peer has broken the rules on this stream, which ends; {@link #reset} is told. */
    protected final void sendViolation(ErrorCode code) {
        if (session != null) {
            session.violation(this, code);
        }
    }

    /** Whether more should be sent; otherwise {@link #writable} tells when. */
    public final boolean isWritable() {
        if (session == null) {
            return true;
        }
        stalled = waitingBytes > FULL_BYTES || !session.output().isWritable();
        return !stalled;
    }

    // ---- what waits to be sent ----

    boolean hasWaiting() {
        return waitingBytes > 0;
    }

    ByteBuf firstWaiting() {
        return waiting.element();
    }

    int waitingBytes() {
        return waitingBytes;
    }

    /** Keeps bytes for later: large pieces as they are, small ones copied together, so that a thousand of them are not a thousand. */
    void await(ByteBuf source, int amount) {
        waitingBytes += amount;
        if (amount > SMALL_BYTES) {
            gathering = null;
            waiting.add(source.readRetainedSlice(amount));
            return;
        }
        ByteBuf room = gathering;
        if (room == null || room.writableBytes() < amount) {
            room = source.alloc().buffer(GATHER_BYTES, GATHER_BYTES);
            gathering = room;
            waiting.add(room);
        }
        room.writeBytes(source, amount);
    }

    /** So many of the first waiting bytes were sent. */
    void sent(int amount) {
        waitingBytes -= amount;
        if (waitingBytes == 0) {
            gathering = null; // it is the last, if it is there
        }
        if (!firstWaiting().isReadable()) {
            waiting.remove().release();
        }
    }

    void tellIfWritable() {
        if (stalled
                && waitingBytes <= LOW_BYTES
                && session != null
                && session.output().isWritable()) {
            stalled = false;
            writable();
        }
    }

    void dropWaiting() {
        for (ByteBuf piece = waiting.poll(); piece != null; piece = waiting.poll()) {
            piece.release();
        }
        waitingBytes = 0;
        gathering = null;
        trailers = null;
    }
}
