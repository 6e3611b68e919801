package org.cupola.gorouter;

import java.util.function.BooleanSupplier;
import org.cupola.gorouter.proxy.LogSources;
import org.cupola.gorouter.routes.RouteTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops what nobody refreshes; but not while NATS is away, when nobody can. Called by one thread at a time, with the time
 * of a monotonic clock.
 */
final class Pruner {
    private static final Logger log = LoggerFactory.getLogger(LogSources.REGISTRY);

    private final RouteTable table;
    private final RegistryMetrics metrics;
    private final boolean suspends;
    private final BooleanSupplier connected;
    private boolean suspended;

    /** @param suspends whether an outage of NATS suspends pruning */
    Pruner(RouteTable table, RegistryMetrics metrics, boolean suspends, BooleanSupplier connected) {
        this.table = table;
        this.metrics = metrics;
        this.suspends = suspends;
        this.connected = connected;
    }

    void cycle(long nowNanos) {
        if (suspends && !connected.getAsBoolean()) {
            suspended = true;
            log.atInfo().log("prune-suspended");
            return;
        }
        if (suspended) {
            suspended = false;
            table.refreshAll(nowNanos);
        }
        log.atDebug().log("start-pruning-routes");
        metrics.pruned.add(table.prune(nowNanos));
        log.atDebug().log("finished-pruning-routes");
    }
}
