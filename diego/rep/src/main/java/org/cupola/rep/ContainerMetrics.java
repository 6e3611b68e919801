package org.cupola.rep;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.rep.container.ContainerUsage;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.Executor;
import org.cupola.rep.executor.Work;

/**
 * What each container uses, read at each interval and kept for whoever asks. CPU is a fraction of one core since the reading
 * before, 0 at the first. One thread of its own reads; any thread may ask.
 */
final class ContainerMetrics implements AutoCloseable {
    private static final long MEBIBYTE = 1024L * 1024;

    private final String cellId;
    private final Executor executor;
    private final Thread thread;
    private final Map<String, Sample> previous = new HashMap<>();
    private volatile Map<String, Reading> readings = new ConcurrentHashMap<>();

    ContainerMetrics(String cellId, Executor executor, java.time.Duration interval) {
        this.cellId = cellId;
        this.executor = executor;
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

    private record Sample(long cpuNanos, long atNanos) {}

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
        usage.forEach((guid, used) -> {
            Sample before = previous.put(guid, new Sample(used.cpuNanos(), now));
            double fraction = before == null || now == before.atNanos()
                    ? 0
                    : Math.max(0.0, (double) (used.cpuNanos() - before.cpuNanos()) / (now - before.atNanos()));
            fresh.put(guid, new Reading(fraction, used));
        });
        previous.keySet().retainAll(usage.keySet());
        readings = Map.copyOf(fresh);
    }

    Report report() {
        Map<String, Reading> now = readings;
        List<LrpMetrics> lrps = new ArrayList<>();
        List<TaskMetrics> tasks = new ArrayList<>();
        for (CellContainer container : executor.containers()) {
            Reading reading = now.get(container.guid());
            boolean measured =
                    container.state() == ContainerState.CREATED || container.state() == ContainerState.RUNNING;
            if (reading != null && measured) {
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
