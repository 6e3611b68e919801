package org.cupola.blobstore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of one request, from the event loop to the thread that serves it. Asks the socket for more only when it has
 * nothing left, so that one read's worth of bytes is all that is ever kept.
 *
 * <p>{@code offer}, {@code end} and {@code fail} are called by the event loop, everything else by the serving thread.
 */
final class BodyStream extends InputStream {
    private static final long PATIENCE_SECONDS = 60;
    private final Channel channel;
    private final LinkedBlockingQueue<Piece> arrived = new LinkedBlockingQueue<>();
    private final Runnable onFirstRead;
    private boolean begun;
    private Piece current = new Piece.Bytes(Unpooled.EMPTY_BUFFER);

    private sealed interface Piece {
        record Bytes(ByteBuf buffer) implements Piece {}

        record End() implements Piece {}

        record Broken(IOException cause) implements Piece {}
    }

    /** @param onFirstRead before the first wait for bytes: tells a client that expects it to go on */
    BodyStream(Channel channel, Runnable onFirstRead) {
        this.channel = channel;
        this.onFirstRead = onFirstRead;
    }

    /** Takes over the buffer. */
    void offer(ByteBuf bytes) {
        arrived.add(new Piece.Bytes(bytes));
    }

    void end() {
        arrived.add(new Piece.End());
    }

    void fail(IOException cause) {
        arrived.add(new Piece.Broken(cause));
    }

    boolean ended() {
        return current instanceof Piece.End || arrived.peek() instanceof Piece.End;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            switch (current) {
                case Piece.Bytes(ByteBuf buffer)
                when buffer.isReadable() -> {
                    int count = Math.min(length, buffer.readableBytes());
                    buffer.readBytes(target, offset, count);
                    return count;
                }
                case Piece.Bytes(ByteBuf buffer) -> {
                    current = next();
                    buffer.release();
                }
                case Piece.End() -> {
                    return -1;
                }
                case Piece.Broken(IOException cause) -> throw new IOException(cause.getMessage(), cause);
            }
        }
    }

    private Piece next() throws IOException {
        Piece ready = arrived.poll();
        if (ready != null) {
            return ready;
        }
        if (!begun) {
            begun = true;
            onFirstRead.run();
        }
        channel.read();
        try {
            Piece waited = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (waited == null) {
                throw new IOException("the client sent nothing for " + PATIENCE_SECONDS + " s");
            }
            return waited;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Reads and forgets the rest, as far as it is short. True when the body has ended. */
    boolean drained(long atMostBytes) {
        byte[] buffer = new byte[16 * 1024];
        long left = atMostBytes;
        try {
            while (left > 0) {
                int read = read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    return true;
                }
                left -= read;
            }
            return false;
        } catch (IOException e) {
            return false; // the connection is closed for it
        }
    }

    /** Gives back what nobody will read. */
    @Override
    public void close() {
        release(current);
        current = new Piece.End();
        Piece left = arrived.poll();
        while (left != null) {
            release(left);
            left = arrived.poll();
        }
    }

    private static void release(Piece piece) {
        if (piece instanceof Piece.Bytes(ByteBuf buffer)) {
            buffer.release();
        }
    }
}
