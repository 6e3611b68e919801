package org.cupola.gorouter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.cupola.gorouter.proxy.Histogram;

/**
 * How long routes were on their way: from the change that a registration speaks of to its arrival. Right after a start old
 * changes arrive, whose age says nothing: those are kept from Loggregator, not from the histogram. Confined to the thread
 * that reads registrations, but for {@link #histogram} and {@link #onLatency}.
 */
final class RegistrationLatency {
    private static final double NANOS_PER_MILLI = 1e6;

    private final InstantSource clock;
    private final Instant silentUntil;
    private final Histogram histogram;
    private volatile DoubleConsumer listener = _ -> {};

    /** @param bounds of the histogram, milliseconds */
    RegistrationLatency(InstantSource clock, Duration silence, List<Double> bounds) {
        this.clock = clock;
        this.silentUntil = clock.instant().plus(silence);
        this.histogram = new Histogram(bounds);
    }

    /** Gets milliseconds, on the thread that reads registrations. */
    void onLatency(DoubleConsumer newListener) {
        listener = newListener;
    }

    /** @param changedAtNs when the endpoint changed, since 1970; 0 or less when nobody said */
    void registered(long changedAtNs) {
        if (changedAtNs <= 0) {
            return;
        }
        Instant now = clock.instant();
        double millis = ChronoUnit.NANOS.between(Instant.ofEpochSecond(0, changedAtNs), now) / NANOS_PER_MILLI;
        histogram.record(millis);
        if (!now.isBefore(silentUntil)) {
            listener.accept(millis);
        }
    }

    /** Milliseconds. */
    Histogram histogram() {
        return histogram;
    }
}
