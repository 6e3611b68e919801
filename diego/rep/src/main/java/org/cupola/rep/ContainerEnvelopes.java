package org.cupola.rep;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Gauge;
import org.cupola.protocol.loggregator.v2.GaugeValue;
import org.cupola.rep.container.ContainerUsage;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.LogUsage;
import org.cupola.rep.executor.Work;

/** What a container's usage looks like to Loggregator. Pure. */
final class ContainerEnvelopes {
    private static final long MEBIBYTE = 1024L * 1024;

    private ContainerEnvelopes() {}

    /**
     * @param cpuFraction of one core
     * @param ageNanos    since the container was first measured
     * @param logRate     bytes a second
     * @return none for a container without a source
     */
    static List<Envelope.Builder> of(
            CellContainer container,
            long timeNanos,
            double cpuFraction,
            ContainerUsage usage,
            long ageNanos,
            LogUsage log,
            double logRate) {
        if (container.metricTags().getOrDefault("source_id", "").isEmpty()) {
            return List.of();
        }
        List<Envelope.Builder> envelopes = new ArrayList<>();
        // Exactly these five are one container metric to readers of the first version.
        Gauge.Builder resources = Gauge.newBuilder();
        put(resources, "cpu", cpuFraction * 100, "percentage");
        put(resources, "memory", (double) usage.memoryBytes(), "bytes");
        put(resources, "disk", (double) usage.diskBytes(), "bytes");
        put(resources, "memory_quota", (double) container.work().memoryMb() * MEBIBYTE, "bytes");
        put(resources, "disk_quota", (double) container.work().diskMb() * MEBIBYTE, "bytes");
        envelopes.add(envelope(container, timeNanos, resources));
        Gauge.Builder times = Gauge.newBuilder();
        put(times, "container_age", (double) ageNanos, "nanoseconds");
        put(times, "absolute_usage", (double) usage.cpuNanos(), "nanoseconds");
        envelopes.add(envelope(container, timeNanos, times));
        if (container.work() instanceof Work.Lrp) {
            Gauge.Builder logs = Gauge.newBuilder();
            put(logs, "log_rate", logRate, "B/s");
            put(logs, "log_rate_limit", (double) log.bytesPerSecond(), "B/s");
            envelopes.add(envelope(container, timeNanos, logs));
        }
        return envelopes;
    }

    private static Envelope.Builder envelope(CellContainer container, long timeNanos, Gauge.Builder gauge) {
        Map<String, String> tags = container.metricTags();
        return Envelope.newBuilder()
                .setTimestamp(timeNanos)
                .setSourceId(tags.getOrDefault("source_id", ""))
                .setInstanceId(tags.getOrDefault("instance_id", "0"))
                .putAllTags(tags)
                .setGauge(gauge);
    }

    private static void put(Gauge.Builder gauge, String name, double value, String unit) {
        gauge.putMetrics(
                name, GaugeValue.newBuilder().setValue(value).setUnit(unit).build());
    }
}
