package org.cupola.gorouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Register and unregister messages that wait to be read, in their order, outside the heap. A router that has just started
 * gets all of them at once, faster than they can be read: kept as objects, each would be copied by two or three young
 * collections before it is garbage in the old generation, which was half of the CPU that a burst of 100,000 took, and
 * 100 MB of resident memory that stayed. Here they lie in a few large blocks that go back to the system.
 *
 * <p>One thread appends, one takes; guarded by its lock. A block's bytes up to what was written belong to the taker.
 */
final class PendingMessages implements AutoCloseable {
    /** Only what is larger than 32 MB does the C library give back at once, whatever else is in use. */
    private static final int BLOCK_BYTES = 33 << 20;

    /** The first block, which is all that is needed but in a burst, and stays. */
    private static final int KEPT_BYTES = 1 << 20;

    private static final int HEAD_BYTES = Integer.BYTES + Long.BYTES;
    private static final int UNREGISTER = 1 << 31;

    private final int blockBytes;
    private final int keptBytes;
    private final long maxBytes;

    @GuardedBy("this")
    private final Deque<Block> blocks = new ArrayDeque<>();

    @GuardedBy("this")
    private long bytes;

    @GuardedBy("this")
    private boolean closed;

    /** Something was appended that the taker is not done with. Set by the appending thread, cleared by the taking one. */
    private volatile boolean busy;

    @GuardedBy("this")
    private long count;

    // The taker's.
    private int done;
    private byte[] message = new byte[4096];

    /** What becomes of a message. */
    @FunctionalInterface
    interface Reader {
        /**
         * @param registers   false when it unregisters
         * @param fingerprint of the message if it registers
         * @param bytes       holds the message from its beginning on; only valid during the call
         */
        void read(boolean registers, long fingerprint, byte[] bytes, int length);
    }

    private static final class Block {
        private final ByteBuf bytes;
        private int written;

        // The taker's: how far it is, and how far it may go.
        private int read;
        private int limit;

        private Block(int size) {
            this.bytes = Unpooled.directBuffer(size, size);
        }
    }

    /** For bursts of up to an eighth of what the heap may have, at most 128 MB. */
    static PendingMessages forHeap(long maxHeapBytes) {
        long most = Math.min(128L << 20, maxHeapBytes / 8);
        return new PendingMessages(most < BLOCK_BYTES * 2L ? KEPT_BYTES : BLOCK_BYTES, most);
    }

    /** @param maxBytes how much may wait before {@link #append} does */
    PendingMessages(int blockBytes, long maxBytes) {
        this.blockBytes = blockBytes;
        this.keptBytes = Math.min(blockBytes, KEPT_BYTES);
        this.maxBytes = maxBytes;
    }

    /** Whether anything appended so far may still be unread. Exact for the appending thread. */
    boolean isBusy() {
        return busy;
    }

    /** Messages that were not read yet, to within those that are being read. */
    synchronized long count() {
        return count;
    }

    /** Waits while too much is pending. After {@link #close} it does nothing. */
    synchronized void append(boolean registers, long fingerprint, byte[] data) throws InterruptedException {
        int size = HEAD_BYTES + data.length;
        while (bytes > 0 && bytes + size > maxBytes && !closed) {
            wait();
        }
        if (closed) {
            return;
        }
        Block last = blocks.peekLast();
        if (last == null || last.bytes.capacity() - last.written < size) {
            last = new Block(Math.max(last == null ? keptBytes : blockBytes, size));
            blocks.addLast(last);
        }
        last.bytes.setInt(last.written, registers ? data.length : data.length | UNREGISTER);
        last.bytes.setLong(last.written + Integer.BYTES, fingerprint);
        last.bytes.setBytes(last.written + HEAD_BYTES, data);
        last.written += size;
        bytes += size;
        count++;
        if (!busy) {
            busy = true;
            notifyAll();
        }
    }

    /** Lets the reader have all messages, one after the other, and waits for more; returns after {@link #close}. */
    void readAll(Reader reader) throws InterruptedException {
        for (Block block = next(); block != null; block = next()) {
            while (block.read < block.limit) {
                read(block, reader);
            }
        }
    }

    private void read(Block block, Reader reader) {
        int head = block.bytes.getInt(block.read);
        int length = head & ~UNREGISTER;
        long fingerprint = block.bytes.getLong(block.read + Integer.BYTES);
        if (message.length < length) {
            message = new byte[length];
        }
        block.bytes.getBytes(block.read + HEAD_BYTES, message, 0, length);
        block.read += HEAD_BYTES + length;
        done++;
        reader.read(head == length, fingerprint, message, length);
    }

    /** The block with the next messages; {@code null} when there will be none. */
    private synchronized @Nullable Block next() throws InterruptedException {
        count -= done;
        done = 0;
        while (!closed) {
            Block first = blocks.peekFirst();
            if (first != null && first.read < first.written) {
                first.limit = first.written;
                return first;
            }
            if (first == null || blocks.size() == 1) {
                tidy(first);
                busy = false;
                wait();
            } else {
                drop();
            }
        }
        while (!blocks.isEmpty()) {
            drop();
        }
        return null;
    }

    /** All is read: a small block begins anew, a large one goes. */
    @GuardedBy("this")
    private void tidy(@Nullable Block only) {
        if (only == null) {
            return;
        }
        if (only.bytes.capacity() > keptBytes) {
            drop();
        } else {
            bytes = 0;
            only.written = 0;
            only.read = 0;
            notifyAll();
        }
    }

    @GuardedBy("this")
    private void drop() {
        Block first = blocks.removeFirst();
        first.bytes.release();
        bytes -= first.written;
        notifyAll();
    }

    /** What was not read is forgotten. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
