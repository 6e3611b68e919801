package org.cupola.protocol.routing;

import io.nats.client.Dispatcher;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets the thread that reads from NATS wait while a handler that wants it so is behind. Else it would fill the heap with
 * messages for as long as the scheduler lets it, each of which a collection then copies. Of all that the client lets us
 * have, its statistics alone are told of a read on the very thread that reads, before the messages are taken apart.
 *
 * <p>Any thread.
 */
final class ReadPace extends NoStatistics {
    private static final long PAUSE_NANOS = 50_000;

    private final List<Paced> handlers = new CopyOnWriteArrayList<>();

    private record Paced(Dispatcher dispatcher, int mostWaiting) {
        private boolean isBehind() {
            return dispatcher.getPendingMessageCount() > mostWaiting && dispatcher.isActive();
        }
    }

    void add(Dispatcher dispatcher, int mostWaiting) {
        if (mostWaiting < Integer.MAX_VALUE) {
            handlers.add(new Paced(dispatcher, mostWaiting));
        }
    }

    void remove(Dispatcher dispatcher) {
        handlers.removeIf(paced -> paced.dispatcher.equals(dispatcher));
    }

    @Override
    public void registerRead(long bytes) {
        for (Paced paced : handlers) {
            while (paced.isBehind() && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
