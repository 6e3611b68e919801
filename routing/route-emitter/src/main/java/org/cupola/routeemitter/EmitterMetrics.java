package org.cupola.routeemitter;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What operators watch, under the original's names. Any thread. */
final class EmitterMetrics {
    final LongAdder routesRegistered = new LongAdder();
    final LongAdder routesUnregistered = new LongAdder();
    final LongAdder routesSynced = new LongAdder();
    final LongAdder httpMessages = new LongAdder();
    final LongAdder internalMessages = new LongAdder();
    final LongAdder addressCollisions = new LongAdder();
    final LongAdder publishFailures = new LongAdder();
    final LongAdder tcpFailures = new LongAdder();
    final LongAdder syncs = new LongAdder();
    final LongAdder syncFailures = new LongAdder();
    final LongAdder resubscriptions = new LongAdder();
    final AtomicLong routesTotal = new AtomicLong();
    final AtomicLong httpRouteCount = new AtomicLong();
    final AtomicLong tcpRouteCount = new AtomicLong();
    final AtomicLong syncDurationNanos = new AtomicLong();

    /** In Prometheus' text format. */
    String text() {
        var text = new StringBuilder(1024);
        counter(text, "RoutesRegistered", routesRegistered);
        counter(text, "RoutesUnregistered", routesUnregistered);
        counter(text, "RoutesSynced", routesSynced);
        counter(text, "HTTPRouteNATSMessagesEmitted", httpMessages);
        counter(text, "InternalRouteNATSMessagesEmitted", internalMessages);
        counter(text, "AddressCollisions", addressCollisions);
        counter(text, "PublishFailures", publishFailures);
        counter(text, "TCPEmitFailures", tcpFailures);
        counter(text, "RouteEmitterSyncs", syncs);
        counter(text, "RouteEmitterSyncFailures", syncFailures);
        counter(text, "BBSResubscriptions", resubscriptions);
        gauge(text, "RoutesTotal", routesTotal);
        gauge(text, "HTTPRouteCount", httpRouteCount);
        gauge(text, "TCPRouteCount", tcpRouteCount);
        gauge(text, "RouteEmitterSyncDuration", syncDurationNanos);
        return text.toString();
    }

    private static void counter(StringBuilder text, String name, LongAdder value) {
        text.append("# TYPE ").append(name).append(" counter\n").append(name).append(' ');
        text.append(value.sum()).append('\n');
    }

    private static void gauge(StringBuilder text, String name, AtomicLong value) {
        text.append("# TYPE ").append(name).append(" gauge\n").append(name).append(' ');
        text.append(value.get()).append('\n');
    }
}
