package org.cupola.routingapi;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.common.HttpData;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.cupola.platform.http.EventStream;
import org.jspecify.annotations.Nullable;

/**
 * Hands events to everyone who listens, in one order. Remembers the last ones, so that a stream that broke can go on where it
 * ended. A subscriber that cannot keep up is cut off.
 *
 * <p>Publishing only leaves the events for a thread of the hub's own: whoever writes is answered, and the next write begins,
 * before all subscribers have been served. Guarded by its lock.
 */
final class EventHub implements AutoCloseable {
    /** How much is remembered: bounded by number and by size. */
    private static final int MAX_REMEMBERED_EVENTS = 50_000;

    private static final int MAX_REMEMBERED_BYTES = 16 * 1024 * 1024;

    /** Of this many writes the events may wait; then writers deliver them themselves. */
    private static final int MAX_UNDELIVERED = 64;

    /** A comment; the originals' client library skips it as any parser of server-sent events does. */
    private static final HttpData KEEP_ALIVE = HttpData.wrap(":\n".getBytes(StandardCharsets.US_ASCII));

    private final String id;
    private final Queue<Supplier<Events>> undelivered = new ConcurrentLinkedQueue<>();
    private final AtomicInteger undeliveredCount = new AtomicInteger();

    @GuardedBy("this")
    private final Set<Subscriber> subscribers = new LinkedHashSet<>();

    @GuardedBy("this")
    private final Deque<EventBatch> remembered = new ArrayDeque<>();

    @GuardedBy("this")
    private int rememberedEvents;

    @GuardedBy("this")
    private long rememberedBytes;

    @GuardedBy("this")
    private long nextNumber;

    @GuardedBy("this")
    private boolean closed;

    /** @param id differs between hubs, also of earlier processes */
    EventHub(String id) {
        this.id = id;
    }

    private static final class Subscriber {
        private final EventStream stream;
        private final boolean resumable;
        private long nextNumber;

        Subscriber(EventStream stream, boolean resumable) {
            this.stream = stream;
            this.resumable = resumable;
        }
    }

    /** What was missed since the event with this id; empty when that is not known. */
    private synchronized Optional<List<EventBatch>> since(String lastEventId) {
        int dash = lastEventId.lastIndexOf('-');
        if (dash < 0 || !lastEventId.substring(0, dash).equals(id)) {
            return Optional.empty();
        }
        String digits = lastEventId.substring(dash + 1);
        if (!digits.matches("\\d{1,18}")) {
            return Optional.empty();
        }
        long last = Long.parseLong(digits);
        EventBatch oldest = remembered.peekFirst();
        long oldestNumber = oldest == null ? nextNumber : oldest.firstNumber();
        if (last + 1 < oldestNumber || last >= nextNumber) {
            return Optional.empty();
        }
        return Optional.of(remembered.stream()
                .map(batch -> batch.after(last))
                .filter(batch -> batch.size() > 0)
                .toList());
    }

    /** Opens the stream for a response. */
    interface Opening {
        /** @param resumed whether nothing was missed */
        EventStream open(boolean resumed);
    }

    /**
     * Adds a stream that gets every event from now on, after those it missed, if they are still known. After {@link #close}
     * it ends at once.
     *
     * @param resumable   whether it wants ids that mean the same on every stream
     * @param lastEventId the last one its reader has seen; empty for none
     */
    synchronized EventStream subscribe(boolean resumable, String lastEventId, Opening opening) {
        deliver(); // what was answered before is not new
        Optional<List<EventBatch>> missed = since(lastEventId);
        EventStream stream = opening.open(missed.isPresent());
        if (closed) {
            stream.close();
            return stream;
        }
        var subscriber = new Subscriber(stream, resumable);
        subscribers.add(subscriber);
        for (EventBatch batch : missed.orElse(List.of())) {
            send(subscriber, new Frames(batch));
        }
        stream.whenClosed().thenRun(() -> remove(subscriber));
        return stream;
    }

    private synchronized void remove(Subscriber subscriber) {
        subscribers.remove(subscriber);
    }

    /**
     * To be called by one thread after the other.
     *
     * @param events how to encode them, once
     */
    void publish(Supplier<Events> events) {
        undelivered.add(events);
        if (undeliveredCount.incrementAndGet() > MAX_UNDELIVERED) {
            deliver();
        } else {
            Thread.ofVirtual().name("routing-api-events").start(this::deliver);
        }
    }

    private synchronized void deliver() {
        for (Supplier<Events> next = undelivered.poll(); next != null; next = undelivered.poll()) {
            undeliveredCount.decrementAndGet();
            deliver(next.get());
        }
    }

    @GuardedBy("this")
    private void deliver(Events events) {
        if (events.size() == 0 || closed) {
            return;
        }
        var batch = new EventBatch(id, nextNumber, events);
        nextNumber += events.size();
        remember(batch);
        Frames frames = new Frames(batch);
        for (Subscriber subscriber : List.copyOf(subscribers)) {
            send(subscriber, frames);
        }
    }

    @GuardedBy("this")
    private void send(Subscriber subscriber, Frames frames) {
        HttpData data = subscriber.resumable ? frames.resumable() : frames.numberedFrom(subscriber.nextNumber);
        subscriber.nextNumber += frames.batch.size();
        if (!subscriber.stream.send(data)) {
            subscribers.remove(subscriber);
        }
    }

    /**
     * A batch as it goes over the wire, made once for all who want the same ids: those who resume, and all that have had as many
     * events so far. Confined to the hub's lock.
     */
    private static final class Frames {
        private final EventBatch batch;
        private final Map<Long, HttpData> byFirstNumber = new HashMap<>();
        private @Nullable HttpData resumable;

        Frames(EventBatch batch) {
            this.batch = batch;
        }

        HttpData resumable() {
            HttpData data = resumable;
            if (data == null) {
                data = batch.resumable();
                resumable = data;
            }
            return data;
        }

        HttpData numberedFrom(long first) {
            return byFirstNumber.computeIfAbsent(first, batch::numberedFrom);
        }
    }

    @GuardedBy("this")
    private void remember(EventBatch batch) {
        remembered.addLast(batch);
        rememberedEvents += batch.size();
        rememberedBytes += batch.events().bytes();
        while (rememberedEvents > MAX_REMEMBERED_EVENTS || rememberedBytes > MAX_REMEMBERED_BYTES) {
            EventBatch oldest = remembered.removeFirst();
            rememberedEvents -= oldest.size();
            rememberedBytes -= oldest.events().bytes();
        }
    }

    /** Lets idle connections be seen as alive by whatever is between, and dead ones be noticed. */
    void keepAlive() {
        List<Subscriber> all;
        synchronized (this) {
            all = new ArrayList<>(subscribers);
        }
        all.forEach(subscriber -> subscriber.stream.send(KEEP_ALIVE));
    }

    synchronized int subscriberCount() {
        return subscribers.size();
    }

    @Override
    public void close() {
        List<Subscriber> all;
        deliver();
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(subscribers);
            subscribers.clear();
        }
        all.forEach(subscriber -> subscriber.stream.close());
    }
}
