package org.cupola.gorouter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.cupola.gorouter.routes.Backend;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.gorouter.routes.RouteTable.Missing;

/**
 * Looks for endpoints whose cell has announced its others without them, tries to reach them, and drops those that cannot
 * be reached; but not when announcements may have been lost on their way to us. {@link #cycle} is called by one thread at
 * a time.
 */
final class MissingEndpoints {
    private static final int PROBES_AT_ONCE = 64;

    private final RouteTable table;
    private final BooleanSupplier connected;
    private final LongSupplier droppedMessages;
    private final Probe probe;
    private final Executor control;
    private final AtomicInteger probing = new AtomicInteger();
    private long dropped;

    /** Tries to reach a backend. */
    @FunctionalInterface
    interface Probe {
        /** @param answer gets whether it could be reached, on a thread that must not be kept */
        void start(Backend backend, Consumer<Boolean> answer);
    }

    /**
     * @param droppedMessages how many messages were thrown away so far
     * @param control         for work that takes the table's lock
     */
    MissingEndpoints(
            RouteTable table, BooleanSupplier connected, LongSupplier droppedMessages, Probe probe, Executor control) {
        this.table = table;
        this.connected = connected;
        this.droppedMessages = droppedMessages;
        this.probe = probe;
        this.control = control;
    }

    void cycle(long nowNanos) {
        long before = dropped;
        dropped = droppedMessages.getAsLong();
        if (dropped != before || !connected.getAsBoolean()) {
            table.announcementsLost(nowNanos);
            return;
        }
        Map<Backend, List<Missing>> byBackend = new HashMap<>();
        for (Missing missing : table.missing(nowNanos)) {
            byBackend
                    .computeIfAbsent(missing.endpoint().backend(), _ -> new ArrayList<>(1))
                    .add(missing);
        }
        for (Map.Entry<Backend, List<Missing>> one : byBackend.entrySet()) {
            if (probing.get() >= PROBES_AT_ONCE) {
                return; // the next cycle finds the others again
            }
            probing.incrementAndGet();
            probe.start(one.getKey(), isThere -> {
                probing.decrementAndGet();
                if (!isThere) {
                    control.execute(() -> one.getValue().forEach(missing -> table.withdraw(missing, nowNanos)));
                }
            });
        }
    }
}
