package org.cupola.gorouter.proxy;

import java.util.List;

/**
 * Bounds of the data plane's histograms. Immutable.
 *
 * @param lookupNanos   of route lookups
 * @param gorouterTime  of the time requests spend in the router itself, seconds
 * @param latencyMillis from a request's arrival to the end of its response
 */
public record HistogramBounds(List<Double> lookupNanos, List<Double> gorouterTime, List<Double> latencyMillis) {
    public HistogramBounds {
        lookupNanos = List.copyOf(lookupNanos);
        gorouterTime = List.copyOf(gorouterTime);
        latencyMillis = List.copyOf(latencyMillis);
    }
}
