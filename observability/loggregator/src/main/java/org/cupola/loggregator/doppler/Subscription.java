package org.cupola.loggregator.doppler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.cupola.protocol.loggregator.v2.Envelope;

/**
 * One subscriber's buffer. When it is full, what comes is lost and counted; the publisher never waits. Guarded by its lock: any
 * publisher, one reader.
 */
public final class Subscription implements AutoCloseable {
    static final int CAPACITY = 10_000;
    private static final int BATCH = 100;
    private static final long BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Selection selection;
    private final String shard;
    private final boolean deterministic;
    private final LongConsumer onDropped;
    private final Consumer<Subscription> onClose;

    @GuardedBy("this")
    private final Deque<Envelope> buffer = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean closed;

    Subscription(
            Selection selection,
            String shard,
            boolean deterministic,
            LongConsumer onDropped,
            Consumer<Subscription> onClose) {
        this.selection = selection;
        this.shard = shard;
        this.deterministic = deterministic;
        this.onDropped = onDropped;
        this.onClose = onClose;
    }

    boolean wants(Envelope envelope) {
        return selection.wants(envelope);
    }

    String shard() {
        return shard;
    }

    boolean isDeterministic() {
        return deterministic;
    }

    void offer(Envelope envelope) {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (buffer.size() < CAPACITY) {
                buffer.add(envelope);
                if (buffer.size() == 1 || buffer.size() == BATCH) {
                    notifyAll();
                }
                return;
            }
        }
        onDropped.accept(1);
    }

    /**
     * Waits for a first envelope, then a tenth of a second for more of them, up to a hundred. Empty when nothing came within the
     * time, or the subscription is closed.
     */
    public synchronized List<Envelope> take(long maxWaitNanos) throws InterruptedException {
        await(1, System.nanoTime() + maxWaitNanos);
        if (!buffer.isEmpty()) {
            await(BATCH, System.nanoTime() + BATCH_NANOS);
        }
        List<Envelope> batch = new ArrayList<>(Math.min(BATCH, buffer.size()));
        while (batch.size() < BATCH && !buffer.isEmpty()) {
            batch.add(buffer.poll());
        }
        return batch;
    }

    @GuardedBy("this")
    private void await(int count, long deadline) throws InterruptedException {
        long left = deadline - System.nanoTime();
        while (buffer.size() < count && !closed && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
        }
        onClose.accept(this);
    }
}
