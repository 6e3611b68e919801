package org.cupola.routingapi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.cupola.routingapi.RouteChange.Kind;

/** Counts what operators watch, and sends the original's gauges as they change. Any thread; never blocks. */
final class RoutingMetrics {
    private final Statsd statsd;
    private final AtomicLong tokenErrors = new AtomicLong();
    private final AtomicLong upserts = new AtomicLong();
    private final AtomicLong deletes = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();

    RoutingMetrics(Statsd statsd) {
        this.statsd = statsd;
    }

    void started() {
        statsd.gauge("total_http_subscriptions", "0");
        statsd.gauge("total_tcp_subscriptions", "0");
    }

    void tokenRefused() {
        tokenErrors.incrementAndGet();
    }

    void subscribed(String kind) {
        statsd.gauge("total_" + kind + "_subscriptions", "+1");
    }

    void unsubscribed(String kind) {
        statsd.gauge("total_" + kind + "_subscriptions", "-1");
    }

    <R> void changed(String kind, List<RouteChange<R>> changes) {
        String gauge = "total_" + kind + "_routes";
        for (RouteChange<R> change : changes) {
            statsd.gauge(
                    gauge, change.kind() == Kind.CREATED ? "+1" : change.kind().removes() ? "-1" : "+0");
            switch (change.kind()) {
                case CREATED, UPDATED -> upserts.incrementAndGet();
                case DELETED -> deletes.incrementAndGet();
                case EXPIRED -> expired.incrementAndGet();
            }
        }
    }

    /** Sends the totals, as the original does at each interval. */
    void report(int httpRoutes, int tcpRoutes) {
        statsd.gauge("total_http_subscriptions", "+0");
        statsd.gauge("total_tcp_subscriptions", "+0");
        statsd.gauge("total_http_routes", Integer.toString(httpRoutes));
        statsd.gauge("total_tcp_routes", Integer.toString(tcpRoutes));
        statsd.gauge("total_token_errors", Long.toString(tokenErrors.get()));
        statsd.gauge("key_refresh_events", "0");
    }

    /** In the text format of Prometheus. */
    String prometheus(Map<String, Long> gauges) {
        Map<String, Long> all = new LinkedHashMap<>(gauges);
        var text = new StringBuilder();
        all.forEach((name, value) -> line(text, name, "gauge", value));
        line(text, "token_errors_total", "counter", tokenErrors.get());
        line(text, "route_upserts_total", "counter", upserts.get());
        line(text, "route_deletes_total", "counter", deletes.get());
        line(text, "routes_expired_total", "counter", expired.get());
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String type, long value) {
        text.append("# TYPE routing_api_").append(name).append(' ').append(type).append('\n');
        text.append("routing_api_").append(name).append(' ').append(value).append('\n');
    }
}
