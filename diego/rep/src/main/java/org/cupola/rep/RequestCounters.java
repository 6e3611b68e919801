package org.cupola.rep;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** Requests by type, under the original's names. Any thread. */
final class RequestCounters {
    private final Map<String, Counts> byType = new ConcurrentHashMap<>();

    private static final class Counts {
        private final LongAdder started = new LongAdder();
        private final LongAdder succeeded = new LongAdder();
        private final LongAdder failed = new LongAdder();
        private final LongAccumulator maxNanos = new LongAccumulator(Math::max, 0);
    }

    /** @return what {@link #end} wants back */
    long begin(String type) {
        counts(type).started.increment();
        return System.nanoTime();
    }

    void end(String type, long begun, boolean well) {
        Counts counts = counts(type);
        (well ? counts.succeeded : counts.failed).increment();
        counts.maxNanos.accumulate(System.nanoTime() - begun);
    }

    private Counts counts(String type) {
        return byType.computeIfAbsent(type, key -> new Counts());
    }

    /** Each as name and value; names carry the type as a label. */
    void forEach(BiConsumer<String, Long> consumer) {
        new TreeMap<>(byType).forEach((type, counts) -> {
            String label = "{request_type=\"" + type + "\"}";
            long started = counts.started.sum();
            long succeeded = counts.succeeded.sum();
            long failed = counts.failed.sum();
            consumer.accept("RequestsStarted" + label, started);
            consumer.accept("RequestsSucceeded" + label, succeeded);
            consumer.accept("RequestsFailed" + label, failed);
            consumer.accept("RequestsInFlight" + label, Math.max(0, started - succeeded - failed));
            consumer.accept("RequestLatencyMax" + label, counts.maxNanos.get());
        });
    }
}
