package org.cupola.rep;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.rep.container.ContainerUsage;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.Executor;
import org.cupola.rep.executor.LogUsage;
import org.cupola.rep.executor.Work;

/**
 * What each container uses, read at each interval, told to Loggregator and kept for whoever asks. CPU is a fraction of one core since the reading
 * before, 0 at the first. One thread of its own reads; any thread may ask.
 */
final class ContainerMetrics implements AutoCloseable {
    private static final long MEBIBYTE = 1024L * 1024;
    private static final double SECOND_NANOS = 1e9;
    private static final LogUsage NO_LOG = new LogUsage(0, -1);

    private final String cellId;
    private final Executor executor;
    private final InstantSource clock;
    private final Consumer<Envelope.Builder> envelopes;
    private final Thread thread;
    private final Map<String, Sample> previous = new HashMap<>();
    private volatile Map<String, Reading> readings = new ConcurrentHashMap<>();

    /** @param envelopes takes what Loggregator is told */
    ContainerMetrics(
            String cellId,
            Executor executor,
            Duration interval,
            InstantSource clock,
            Consumer<Envelope.Builder> envelopes) {
        this.cellId = cellId;
        this.executor = executor;
        this.clock = clock;
        this.envelopes = envelopes;
        this.thread = Thread.ofVirtual().name("container-metrics").unstarted(() -> {
            try {
                while (true) {
                    read(System.nanoTime());
                    Thread.sleep(interval);
                }
            } catch (InterruptedException e) {
                // closed
            }
        });
    }

    /** A reading before; {@code firstNanos} is when the container was first seen. */
    private record Sample(long cpuNanos, long logBytes, long atNanos, long firstNanos) {}

    private record Reading(double cpuFraction, ContainerUsage usage) {}

    /** The answer to {@code GET /container_metrics}. */
    record Report(
            @JsonProperty("cell_id") String cellId,
            @JsonProperty("lrps") List<LrpMetrics> lrps,
            @JsonProperty("tasks") List<TaskMetrics> tasks) {}

    /** One instance. */
    record LrpMetrics(
            @JsonProperty("process_guid") String processGuid,
            @JsonProperty("index") int index,
            @JsonProperty("instance_guid") String instanceGuid,
            @JsonProperty("metric_guid") String metricGuid,
            @JsonProperty("cpu_usage_fraction") double cpuFraction,
            @JsonProperty("disk_usage_bytes") long diskBytes,
            @JsonProperty("disk_quota_bytes") long diskQuotaBytes,
            @JsonProperty("memory_usage_bytes") long memoryBytes,
            @JsonProperty("memory_quota_bytes") long memoryQuotaBytes) {}

    /** One task. */
    record TaskMetrics(
            @JsonProperty("task_guid") String taskGuid,
            @JsonProperty("metric_guid") String metricGuid,
            @JsonProperty("cpu_usage_fraction") double cpuFraction,
            @JsonProperty("disk_usage_bytes") long diskBytes,
            @JsonProperty("disk_quota_bytes") long diskQuotaBytes,
            @JsonProperty("memory_usage_bytes") long memoryBytes,
            @JsonProperty("memory_quota_bytes") long memoryQuotaBytes) {}

    void start() {
        thread.start();
    }

    private void read(long now) {
        Map<String, ContainerUsage> usage = executor.usage();
        Map<String, Reading> fresh = new HashMap<>();
        long time = LoggregatorLink.nanos(clock.instant());
        for (CellContainer container : executor.containers()) {
            String guid = container.guid();
            ContainerUsage used = usage.get(guid);
            if (used == null) {
                continue;
            }
            LogUsage log = executor.logUsage(guid).orElse(NO_LOG);
            Sample before = previous.get(guid);
            Sample sample = new Sample(used.cpuNanos(), log.bytes(), now, before == null ? now : before.firstNanos());
            previous.put(guid, sample);
            double cpu = before == null ? 0 : rate(used.cpuNanos() - before.cpuNanos(), now - before.atNanos());
            fresh.put(guid, new Reading(cpu, used));
            if (isMeasured(container)) {
                double logRate = before == null
                        ? 0
                        : rate(log.bytes() - before.logBytes(), now - before.atNanos()) * SECOND_NANOS;
                ContainerEnvelopes.of(container, time, cpu, used, now - sample.firstNanos(), log, logRate)
                        .forEach(envelopes);
            }
        }
        previous.keySet().retainAll(fresh.keySet());
        readings = Map.copyOf(fresh);
    }

    private static double rate(long more, long nanos) {
        return nanos <= 0 ? 0 : Math.max(0.0, (double) more / nanos);
    }

    private static boolean isMeasured(CellContainer container) {
        return container.state() == ContainerState.CREATED || container.state() == ContainerState.RUNNING;
    }

    Report report() {
        Map<String, Reading> now = readings;
        List<LrpMetrics> lrps = new ArrayList<>();
        List<TaskMetrics> tasks = new ArrayList<>();
        for (CellContainer container : executor.containers()) {
            Reading reading = now.get(container.guid());
            if (reading != null && isMeasured(container)) {
                add(container, reading, lrps, tasks);
            }
        }
        return new Report(cellId, lrps, tasks);
    }

    private static void add(CellContainer container, Reading reading, List<LrpMetrics> lrps, List<TaskMetrics> tasks) {
        ContainerUsage usage = reading.usage();
        String metricGuid = container.metricTags().getOrDefault("source_id", "");
        long diskQuota = container.work().diskMb() * MEBIBYTE;
        long memoryQuota = container.work().memoryMb() * MEBIBYTE;
        switch (container.work()) {
            case Work.Lrp work -> {
                CellLrp lrp = work.lrp();
                lrps.add(new LrpMetrics(
                        lrp.processGuid(),
                        lrp.index(),
                        lrp.instanceGuid(),
                        metricGuid,
                        reading.cpuFraction(),
                        usage.diskBytes(),
                        diskQuota,
                        usage.memoryBytes(),
                        memoryQuota));
            }
            case Work.Task work ->
                tasks.add(new TaskMetrics(
                        work.guid(),
                        metricGuid,
                        reading.cpuFraction(),
                        usage.diskBytes(),
                        diskQuota,
                        usage.memoryBytes(),
                        memoryQuota));
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
