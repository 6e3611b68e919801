package org.cupola.tcprouter;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * One backend that connections are made to, with what is going on there. Kept while a route names it, so that counts
 * outlive changes of other routes. Any thread.
 */
final class Backend {
    private static final long SET_ASIDE_NANOS = 10_000_000_000L;

    private final BackendKey key;
    private final InetSocketAddress address;
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder failures = new LongAdder();
    private volatile long setAsideAt;
    private volatile boolean setAside;

    /** @param address of an IP literal resolved, of a name not yet */
    Backend(BackendKey key, InetSocketAddress address) {
        this.key = key;
        this.address = address;
    }

    BackendKey key() {
        return key;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Open relays, and connections being made. */
    int connections() {
        return connections.get();
    }

    void opened() {
        connections.incrementAndGet();
    }

    void closed() {
        connections.decrementAndGet();
    }

    long failures() {
        return failures.sum();
    }

    /** For a while others are tried before it. */
    void failed(long nowNanos) {
        failures.increment();
        setAsideAt = nowNanos;
        setAside = true;
    }

    void succeeded() {
        if (setAside) {
            setAside = false;
        }
    }

    boolean isSetAside(long nowNanos) {
        return setAside && nowNanos - setAsideAt < SET_ASIDE_NANOS;
    }
}
