package org.cupola.loggregator.agent;

import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.cupola.protocol.loggregator.Tags;
import org.cupola.protocol.loggregator.v2.Envelope;

/**
 * What happens to every envelope: a source if it has none, its tags in the one place, the agent's own tags where they are
 * missing, the total of a counter. Then it is passed on, on the caller's thread. Any thread.
 */
public final class Agent {
    private final Map<String, String> tags;
    private final Consumer<Envelope> next;
    private final CounterTotals totals = new CounterTotals();
    private final LongAdder ingress = new LongAdder();
    private final LongAdder originMappings = new LongAdder();

    /** @param tags such as deployment, job, index and ip */
    public Agent(Map<String, String> tags, Consumer<Envelope> next) {
        this.tags = Map.copyOf(tags);
        this.next = next;
    }

    public void accept(Envelope envelope) {
        ingress.increment();
        Envelope.Builder whole = Tags.addMissing(Tags.preferred(envelope).toBuilder(), tags);
        if (whole.getSourceId().isEmpty()) {
            whole.setSourceId(whole.getTagsOrDefault("origin", ""));
            originMappings.increment();
        }
        next.accept(totals.complete(whole).build());
    }

    public long ingress() {
        return ingress.sum();
    }

    /** Envelopes without a source, which got their origin for it. */
    public long originMappings() {
        return originMappings.sum();
    }
}
