package org.cupola.cloudcontroller;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cupola.protocol.loggregator.logcache.EnvelopeType;
import org.cupola.protocol.loggregator.logcache.ReadRequest;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.jspecify.annotations.Nullable;

/** Instances' usage from the gauges that Log Cache keeps. Blocking; any thread. */
final class LogCacheUsage implements InstanceUsage {
    private static final Duration WINDOW = Duration.ofMinutes(2);
    private static final int LIMIT = 1000;
    private static final int MAX_READS = 100;

    private final Reader reader;
    private final InstantSource clock;

    /** Log Cache. */
    @FunctionalInterface
    interface Reader {
        List<Envelope> read(ReadRequest request) throws IOException;
    }

    LogCacheUsage(Reader reader, InstantSource clock) {
        this.reader = reader;
        this.clock = clock;
    }

    @Override
    public Map<Integer, Usage> of(String appGuid, String processGuid) throws IOException {
        Instant now = clock.instant();
        long start = nanos(now.minus(WINDOW));
        long end = nanos(now) + 1;
        Map<Integer, Map<String, Double>> newest = new HashMap<>();
        for (int reads = 0; reads < MAX_READS; reads++) {
            List<Envelope> page = reader.read(ReadRequest.newBuilder()
                    .setSourceId(appGuid)
                    .setStartTime(start)
                    .setEndTime(end)
                    .setLimit(LIMIT)
                    .setDescending(true)
                    .addEnvelopeTypes(EnvelopeType.GAUGE)
                    .build());
            page.stream()
                    .filter(envelope -> processGuid.equals(envelope.getTagsOrDefault("process_id", "")))
                    .forEach(envelope -> keep(envelope, newest));
            if (page.size() < LIMIT) {
                break;
            }
            end = page.getLast().getTimestamp();
        }
        Map<Integer, Usage> usage = new HashMap<>();
        newest.forEach((index, metrics) -> usage.put(index, usage(metrics)));
        return usage;
    }

    /** Newest come first, so what is there already stays. */
    private static void keep(Envelope envelope, Map<Integer, Map<String, Double>> newest) {
        String instance = envelope.getInstanceId();
        if (!instance.matches("\\d{1,9}")) {
            return;
        }
        Map<String, Double> metrics = newest.computeIfAbsent(Integer.valueOf(instance), index -> new HashMap<>());
        envelope.getGauge().getMetricsMap().forEach((name, metric) -> metrics.putIfAbsent(name, metric.getValue()));
    }

    private static Usage usage(Map<String, Double> metrics) {
        Double entitlement = metrics.get("cpu_entitlement");
        return new Usage(
                metrics.getOrDefault("cpu", 0.0) / 100,
                entitlement == null ? null : entitlement / 100,
                whole(metrics.get("memory")),
                whole(metrics.get("disk")),
                whole(metrics.get("log_rate")));
    }

    private static long whole(@Nullable Double value) {
        return value == null ? 0 : Math.max(0, Math.round(value));
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }
}
