package org.cupola.locket;

import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What Locket counts, under the original's names, for Prometheus: a dashboard's {@code RequestsStarted} with
 * {@code request-type} is {@code RequestsStarted_total} with {@code request_type} here. Any thread.
 */
final class LocketMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, AtomicLong> inFlight = new ConcurrentHashMap<>();
    private final AtomicLong activeLocks = new AtomicLong();
    private final AtomicLong activePresences = new AtomicLong();

    LocketMetrics() {
        registry.gauge("ActiveLocks", activeLocks);
        registry.gauge("ActivePresences", activePresences);
        for (String type : List.of("Lock", "Release", "Fetch", "FetchAll")) {
            var count = new AtomicLong();
            inFlight.put(type, count);
            registry.gauge(
                    "RequestsInFlight", List.of(io.micrometer.core.instrument.Tag.of("request_type", type)), count);
        }
    }

    /** One request from start to end. */
    final class Request implements AutoCloseable {
        private final String type;
        private final long startNanos = System.nanoTime();
        private boolean failed;

        private Request(String type) {
            this.type = type;
        }

        void failed() {
            failed = true;
        }

        @Override
        public void close() {
            count(failed ? "RequestsFailed" : "RequestsSucceeded", type);
            inFlightOf(type).decrementAndGet();
            Timer.builder("RequestLatency")
                    .tag("request_type", type)
                    .register(registry)
                    .record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
        }
    }

    Request request(String type) {
        count("RequestsStarted", type);
        inFlightOf(type).incrementAndGet();
        return new Request(type);
    }

    void expired(Lease lease) {
        registry.counter(lease.type().equals("presence") ? "PresenceExpired" : "LocksExpired")
                .increment();
    }

    void active(long locks, long presences) {
        activeLocks.set(locks);
        activePresences.set(presences);
    }

    String prometheus() {
        return registry.scrape();
    }

    private AtomicLong inFlightOf(String type) {
        return inFlight.computeIfAbsent(type, any -> new AtomicLong());
    }

    private void count(String name, String type) {
        registry.counter(name, "request_type", type).increment();
    }
}
