package org.cupola.tcprouter;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stops accepting at a limit, so that further clients wait in the listen queue, and goes on below it. A socket that was
 * about to accept a few more does so. Any thread.
 */
final class ConnectionLimits {
    private final int maxInAll;
    private final int maxPerPort;
    private final AtomicInteger open = new AtomicInteger();
    private final Queue<PortListener> paused = new ConcurrentLinkedQueue<>();

    ConnectionLimits(int maxInAll, int maxPerPort) {
        this.maxInAll = maxInAll;
        this.maxPerPort = maxPerPort;
    }

    int open() {
        return open.get();
    }

    void opened(PortListener port) {
        int onPort = port.counters().open.incrementAndGet();
        int inAll = open.incrementAndGet();
        if (onPort >= maxPerPort || inAll >= maxInAll) {
            port.accepting(false);
            paused.add(port);
            resume(); // one may have closed in between
        }
    }

    void closed(PortListener port) {
        port.counters().open.decrementAndGet();
        open.decrementAndGet();
        if (!paused.isEmpty()) {
            resume();
        }
    }

    private void resume() {
        for (int left = paused.size(); left > 0 && open.get() < maxInAll; left--) {
            PortListener port = paused.poll();
            if (port == null) {
                return;
            }
            if (port.counters().open.get() < maxPerPort) {
                port.accepting(true);
            } else {
                paused.add(port);
            }
        }
    }
}
