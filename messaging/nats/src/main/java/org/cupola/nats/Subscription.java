package org.cupola.nats;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One SUB of one connection.
 *
 * <p>Read and counted by publishers on any event loop; {@code max} is set by the connection's own.
 */
final class Subscription {
    private final ClientSession client;
    private final ByteString subject;
    private final ByteString queue;
    private final ByteString sid;
    private final boolean filtered;
    private final AtomicLong delivered = new AtomicLong();
    private volatile long max;

    /** @param filtered whether single messages must be checked against the user's denied subjects */
    Subscription(ClientSession client, ByteString subject, ByteString queue, ByteString sid, boolean filtered) {
        this.client = client;
        this.subject = subject;
        this.queue = queue;
        this.sid = sid;
        this.filtered = filtered;
    }

    ClientSession client() {
        return client;
    }

    ByteString subject() {
        return subject;
    }

    ByteString queue() {
        return queue;
    }

    ByteString sid() {
        return sid;
    }

    boolean isFiltered() {
        return filtered;
    }

    long delivered() {
        return delivered.get();
    }

    /** 0 means no limit. */
    long max() {
        return max;
    }

    /** Ends the subscription after that many deliveries since its start; false when it is due to end now. */
    boolean endAfter(long deliveries) {
        if (deliveries <= delivered.get()) {
            return false;
        }
        max = deliveries;
        return delivered.get() < deliveries;
    }

    /** Counts a delivery; false when the subscription has had all it wanted. */
    boolean take() {
        long count = delivered.incrementAndGet();
        long limit = max;
        return limit == 0 || count <= limit;
    }

    boolean isExhausted() {
        long limit = max;
        return limit > 0 && delivered.get() >= limit;
    }
}
