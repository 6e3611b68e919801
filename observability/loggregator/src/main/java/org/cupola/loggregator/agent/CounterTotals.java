package org.cupola.loggregator.agent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import org.cupola.protocol.loggregator.v2.Counter;
import org.cupola.protocol.loggregator.v2.Envelope;

/** Gives counters that only tell what was added their total. Guarded by its lock. */
final class CounterTotals {
    private static final int MAX_COUNTERS = 10_000;

    @GuardedBy("this")
    private final Map<Key, Long> totals = new HashMap<>();

    private record Key(String name, String source, Map<String, String> tags) {}

    /** A total that the emitter gives is taken over, and counted on from. */
    Envelope.Builder complete(Envelope.Builder envelope) {
        if (!envelope.hasCounter()) {
            return envelope;
        }
        Counter counter = envelope.getCounter();
        var key = new Key(counter.getName(), envelope.getSourceId(), Map.copyOf(envelope.getTagsMap()));
        long total;
        synchronized (this) {
            if (totals.size() > MAX_COUNTERS) {
                totals.clear();
            }
            total = counter.getTotal() != 0 ? counter.getTotal() : totals.getOrDefault(key, 0L) + counter.getDelta();
            totals.put(key, total);
        }
        return envelope.setCounter(counter.toBuilder().setTotal(total));
    }
}
