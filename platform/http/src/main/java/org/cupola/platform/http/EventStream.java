package org.cupola.platform.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * The server's end of one event stream, with a queue bounded by frames and bytes: a reader that falls further behind is cut
 * off, so that it comes back and syncs instead of holding memory.
 *
 * <p>Guarded by its lock; {@code send} never blocks and may be called from any thread.
 */
public final class EventStream {
    private final HttpResponseWriter writer = HttpResponse.streaming();
    private final int maxPending;
    private final long maxPendingBytes;

    @GuardedBy("this")
    private final Deque<HttpData> pending = new ArrayDeque<>();

    @GuardedBy("this")
    private long pendingBytes;

    @GuardedBy("this")
    private boolean writing;

    @GuardedBy("this")
    private boolean closed;

    private EventStream(int maxPending, long maxPendingBytes, ResponseHeaders headers) {
        this.maxPending = maxPending;
        this.maxPendingBytes = maxPendingBytes;
        writer.write(headers);
    }

    /** Opens the stream for the request of this context and lifts its time limit. */
    public static EventStream open(ServiceRequestContext ctx, ResponseHeaders headers, int maxPending) {
        return open(ctx, headers, maxPending, Long.MAX_VALUE);
    }

    /** As above, where frames may be large; a single frame may always wait. */
    public static EventStream open(
            ServiceRequestContext ctx, ResponseHeaders headers, int maxPending, long maxPendingBytes) {
        ctx.clearRequestTimeout();
        return new EventStream(maxPending, maxPendingBytes, headers);
    }

    /** To be returned by the service, once. */
    public HttpResponse response() {
        return writer;
    }

    /** Queues one frame; false when the stream is over or has just been cut off because its reader is too slow. */
    public boolean send(HttpData frame) {
        boolean overflow;
        synchronized (this) {
            if (closed || !writer.isOpen()) {
                return false;
            }
            overflow = pending.size() >= maxPending
                    || (!pending.isEmpty() && pendingBytes + frame.length() > maxPendingBytes);
            if (!overflow) {
                pending.add(frame);
                pendingBytes += frame.length();
            }
        }
        if (overflow) {
            close();
            return false;
        }
        pump();
        return true;
    }

    /** Ends the stream after what is queued; the reader sees a regular end. */
    public void close() {
        synchronized (this) {
            closed = true;
            if (writing) {
                return; // pump closes when the queue has drained, or the connection's end does
            }
        }
        writer.close();
    }

    /** Completes when the reader is gone or the stream was closed. */
    public CompletableFuture<Void> whenClosed() {
        return writer.whenComplete().handle((nothing, cause) -> null);
    }

    private void pump() {
        HttpData next;
        synchronized (this) {
            if (writing) {
                return;
            }
            next = pending.poll();
            if (next == null) {
                return;
            }
            pendingBytes -= next.length();
            writing = true;
        }
        if (!writer.tryWrite(next)) {
            return;
        }
        writer.whenConsumed().thenRun(() -> {
            boolean end;
            synchronized (this) {
                writing = false;
                end = closed && pending.isEmpty();
            }
            if (end) {
                writer.close();
            } else {
                pump();
            }
        });
    }
}
