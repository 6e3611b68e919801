package org.cupola.loggregator.doppler;

import java.util.List;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.LogSelector;
import org.cupola.protocol.loggregator.v2.Selector;
import org.cupola.protocol.loggregator.v2.Selector.MessageCase;

/** What a subscriber wants: an envelope that any of the selectors takes. Immutable. */
public record Selection(List<Selector> selectors) {
    /** @throws IllegalArgumentException with the text that clients know, for no selectors or one without a kind */
    public Selection {
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("Selectors cannot be empty");
        }
        if (selectors.stream().anyMatch(selector -> selector.getMessageCase() == MessageCase.MESSAGE_NOT_SET)) {
            throw new IllegalArgumentException("Selectors must have a Message");
        }
        selectors = List.copyOf(selectors);
    }

    /** The logs of one source. */
    public static Selection logsOf(String sourceId) {
        return new Selection(List.of(Selector.newBuilder()
                .setSourceId(sourceId)
                .setLog(LogSelector.getDefaultInstance())
                .build()));
    }

    boolean wants(Envelope envelope) {
        for (Selector selector : selectors) {
            if (takes(selector, envelope)) {
                return true;
            }
        }
        return false;
    }

    private static boolean takes(Selector selector, Envelope envelope) {
        if (!selector.getSourceId().isEmpty() && !selector.getSourceId().equals(envelope.getSourceId())) {
            return false;
        }
        return switch (selector.getMessageCase()) {
            case LOG -> envelope.hasLog();
            case COUNTER -> {
                String name = selector.getCounter().getName();
                yield envelope.hasCounter()
                        && (name.isEmpty() || name.equals(envelope.getCounter().getName()));
            }
            case GAUGE ->
                envelope.hasGauge()
                        && envelope.getGauge()
                                .getMetricsMap()
                                .keySet()
                                .containsAll(selector.getGauge().getNamesList());
            case TIMER -> envelope.hasTimer();
            case EVENT -> envelope.hasEvent();
            case MESSAGE_NOT_SET -> false;
        };
    }
}
