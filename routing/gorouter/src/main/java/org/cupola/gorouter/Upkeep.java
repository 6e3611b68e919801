package org.cupola.gorouter;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.proxy.DataPlane;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.protocol.routing.NatsBus;

/**
 * What is done with the routing table from time to time: dropping endpoints that are old, or that are announced no more,
 * saving it.
 */
final class Upkeep {
    /** The usual threshold is six of the usual intervals; so many looks for missing endpoints come to a prune cycle. */
    private static final int INTERVALS_PER_THRESHOLD = 6;

    private static final int SNAPSHOT_SECONDS = 5;
    private static final int BURST_MESSAGES = 1000;

    private Upkeep() {}

    /** How often, at most, endpoints are taken to be announced: as often as we ask for, or as the threshold suggests. */
    static long cadenceNanos(GorouterConfig.Registry config) {
        return Math.max(config.startDelay().toNanos(), config.staleThreshold().toNanos() / INTERVALS_PER_THRESHOLD);
    }

    /** Saves the routes when they have changed, but not while so many change at once that it would be in their way. */
    static void keep(RouteSnapshot saved, NatsBus bus, ScheduledExecutorService timers) {
        timers.scheduleWithFixedDelay(
                () -> {
                    if (bus.pendingMessages() < BURST_MESSAGES) {
                        saved.saveChanges(System.nanoTime());
                    }
                },
                SNAPSHOT_SECONDS,
                SNAPSHOT_SECONDS,
                TimeUnit.SECONDS);
    }

    /** Begins, unless pruning is switched off; ends with the timers. */
    static void start(
            GorouterConfig config,
            RouteTable table,
            RegistryMetrics metrics,
            NatsBus bus,
            DataPlane plane,
            LoggregatorLink link,
            ScheduledExecutorService timers) {
        long millis = config.registry().pruneInterval().toMillis();
        if (millis <= 0) {
            return;
        }
        var pruner = new Pruner(table, metrics, config.registry().suspendPruning(), bus::isConnected);
        timers.scheduleWithFixedDelay(
                () -> {
                    pruner.cycle(System.nanoTime());
                    link.pruned();
                },
                millis,
                millis,
                TimeUnit.MILLISECONDS);
        if (config.beyond().dropMissing()) {
            var missing = new MissingEndpoints(table, bus::isConnected, bus::droppedMessages, plane::probe, timers);
            long between = Math.max(1, millis / INTERVALS_PER_THRESHOLD);
            timers.scheduleWithFixedDelay(
                    () -> missing.cycle(System.nanoTime()), between, between, TimeUnit.MILLISECONDS);
        }
    }
}
