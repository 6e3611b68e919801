package org.cupola.nats;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way out to one client, and the watch over how fast it takes what it is sent.
 *
 * <p>Each event loop has its own batch to fill ({@code filling[loop]} is touched by that loop only). Writing is confined to
 * the client's loop. The count of pending bytes is shared: every loop adds, the client's own subtracts.
 */
final class ClientOutput {
    private final Channel channel;
    private final int home;
    private final @Nullable OutputBatch[] filling;
    private final long maxPendingBytes;
    private final long writeDeadlineNanos;
    private final Consumer<ClosedReason> onSlow;
    private final AtomicLong pendingBytes = new AtomicLong();
    private volatile boolean closed;
    private volatile long messages;
    private volatile long messageBytes;

    private int unfinishedWrites;
    private long oldestWriteNanos;
    private boolean watching;

    /** @param onSlow called once at most, on the client's event loop, when the client is too slow to keep */
    ClientOutput(
            Channel channel,
            LoopContext context,
            long maxPendingBytes,
            Duration writeDeadline,
            Consumer<ClosedReason> onSlow) {
        this.channel = channel;
        this.home = context.number();
        this.filling = new OutputBatch[context.loops()];
        this.maxPendingBytes = maxPendingBytes;
        this.writeDeadlineNanos = writeDeadline.toNanos();
        this.onSlow = onSlow;
    }

    int home() {
        return home;
    }

    long pendingBytes() {
        return pendingBytes.get();
    }

    /** More than three quarters of what may be pending is: its publishers should slow down. Any thread. */
    boolean isUnderPressure() {
        return !closed && pendingBytes.get() > maxPendingBytes / 4 * 3;
    }

    long messages() {
        return messages;
    }

    long messageBytes() {
        return messageBytes;
    }

    @Nullable
    OutputBatch filling(int loop) {
        return filling[loop];
    }

    OutputBatch startFilling(int loop) {
        var batch = new OutputBatch(this, channel.alloc());
        filling[loop] = batch;
        return batch;
    }

    @Nullable
    OutputBatch stopFilling(int loop) {
        OutputBatch batch = filling[loop];
        filling[loop] = null;
        return batch;
    }

    /** Makes room for a batch; when there is none, the batch is dropped and the client about to be. Any loop. */
    boolean reserve(OutputBatch batch) {
        if (closed) {
            batch.release();
            return false;
        }
        if (pendingBytes.addAndGet(batch.bytes()) > maxPendingBytes) {
            batch.release();
            slow(ClosedReason.SLOW_CONSUMER_PENDING_BYTES);
            return false;
        }
        return true;
    }

    void write(OutputBatch batch) {
        if (reserve(batch)) {
            writeReserved(batch);
        }
    }

    /** On the client's loop, with a batch there was room for. */
    void writeReserved(OutputBatch batch) {
        if (closed) {
            batch.release();
            return;
        }
        long total = messages + batch.messages();
        messages = total; // single writer
        long bytes = messageBytes + batch.messageBytes();
        messageBytes = bytes;
        int size = batch.bytes();
        beginWatch();
        batch.writeTo(channel).addListener(_ -> finished(size));
    }

    void flush() {
        channel.flush();
    }

    /** Everything gathered from now on is dropped. On the client's loop. */
    void close() {
        closed = true;
        OutputBatch own = stopFilling(home);
        if (own != null) {
            own.release();
        }
    }

    private void finished(int size) {
        pendingBytes.addAndGet(-size);
        unfinishedWrites--;
        oldestWriteNanos = now();
    }

    private void beginWatch() {
        if (unfinishedWrites++ == 0) {
            oldestWriteNanos = now();
        }
        if (!watching) {
            watching = true;
            channel.eventLoop().schedule(this::checkDeadline, writeDeadlineNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** One timer while something is on its way, re-armed for what is left. */
    private void checkDeadline() {
        watching = false;
        if (closed || unfinishedWrites == 0) {
            return;
        }
        long left = writeDeadlineNanos - (now() - oldestWriteNanos);
        if (left <= 0) {
            slow(ClosedReason.SLOW_CONSUMER_WRITE_DEADLINE);
        } else {
            watching = true;
            channel.eventLoop().schedule(this::checkDeadline, left, TimeUnit.NANOSECONDS);
        }
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    private void slow(ClosedReason reason) {
        if (channel.eventLoop().inEventLoop()) {
            onSlow.accept(reason);
        } else {
            channel.eventLoop().execute(() -> onSlow.accept(reason));
        }
    }
}
