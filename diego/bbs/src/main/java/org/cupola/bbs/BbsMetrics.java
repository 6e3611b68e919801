package org.cupola.bbs;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the BBS counts, under the original's names, for Prometheus: counters end in {@code _total}, durations in {@code
 * _seconds}. Any thread.
 */
final class BbsMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> domains = new ConcurrentHashMap<>();

    PrometheusMeterRegistry registry() {
        return registry;
    }

    String prometheus() {
        return registry.scrape();
    }

    /** @param streams are counted but have no latency */
    void request(String route, Duration latency, boolean streams) {
        registry.counter("RequestCount", "route", route).increment();
        if (!streams) {
            Timer.builder("RequestLatency")
                    .tag("route", route)
                    .register(registry)
                    .record(latency);
        }
    }

    void lockHeld(boolean held) {
        gauge("LockHeld", held ? 1 : 0);
    }

    void elected() {
        gauge("BBSMasterElected", 1);
    }

    void migrated(Duration duration) {
        timer("MigrationDuration", duration);
    }

    void reencrypted(Duration duration) {
        timer("EncryptionDuration", duration);
    }

    void taskStarted(String cellId) {
        registry.counter("TasksStarted", "cell_id", cellId).increment();
    }

    void taskSucceeded(String cellId) {
        registry.counter("TasksSucceeded", "cell_id", cellId).increment();
    }

    void taskFailed(String cellId) {
        registry.counter("TasksFailed", "cell_id", cellId).increment();
    }

    void lrpsConverged(Duration duration, Map<String, Integer> counts, List<String> freshDomains) {
        registry.counter("ConvergenceLRPRuns").increment();
        timer("ConvergenceLRPDuration", duration);
        counts.forEach(this::gauge);
        for (String domain : freshDomains) {
            domains.computeIfAbsent(
                    domain, name -> registered("Domain", List.of(Tag.of("domain", name)), new AtomicLong()));
        }
        domains.forEach((domain, gauge) -> gauge.set(freshDomains.contains(domain) ? 1 : 0));
    }

    /** @param counts tasks by state */
    void tasksConverged(Duration duration, Map<String, Integer> counts, int pruned, int kicked) {
        registry.counter("ConvergenceTaskRuns").increment();
        timer("ConvergenceTaskDuration", duration);
        counts.forEach(this::gauge);
        registry.counter("ConvergenceTasksPruned").increment(pruned);
        registry.counter("ConvergenceTasksKicked").increment(kicked);
    }

    private void gauge(String name, int value) {
        gauges.computeIfAbsent(name, any -> registered(any, List.of(), new AtomicLong()))
                .set(value);
    }

    private AtomicLong registered(String name, List<Tag> tags, AtomicLong value) {
        registry.gauge(name, tags, value);
        return value;
    }

    private void timer(String name, Duration duration) {
        registry.timer(name).record(duration);
    }
}
