package org.cupola.loggregator.logcache;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Gauge;

/** Keeps metrics by their names; logs and events have none. Immutable. */
record NameFilter(Pattern pattern) {
    private static final int MAX_STEPS = 100_000;

    /** Text that may be looked at only so often, so that no pattern takes for ever. */
    private static final class Bounded implements CharSequence {
        private final CharSequence text;
        private int steps;

        Bounded(CharSequence text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MAX_STEPS) {
                throw new IllegalArgumentException("name_filter takes too long to match");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    static NameFilter parse(String expression) {
        try {
            return new NameFilter(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("name_filter is not a valid regular expression: " + e.getMessage(), e);
        }
    }

    /** The envelope, a gauge only with the metrics that match; none when nothing matches. */
    Optional<Envelope> apply(Envelope envelope) {
        return switch (envelope.getMessageCase()) {
            case COUNTER ->
                Optional.of(envelope).filter(one -> matches(one.getCounter().getName()));
            case TIMER ->
                Optional.of(envelope).filter(one -> matches(one.getTimer().getName()));
            case GAUGE -> {
                Gauge.Builder kept = Gauge.newBuilder();
                envelope.getGauge().getMetricsMap().forEach((name, value) -> {
                    if (matches(name)) {
                        kept.putMetrics(name, value);
                    }
                });
                yield kept.getMetricsCount() == 0
                        ? Optional.empty()
                        : Optional.of(envelope.toBuilder().setGauge(kept).build());
            }
            case LOG, EVENT, MESSAGE_NOT_SET -> Optional.empty();
        };
    }

    private boolean matches(String name) {
        return pattern.matcher(new Bounded(name)).find();
    }
}
