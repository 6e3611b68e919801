package org.cupola.gorouter.series;

import java.util.List;

/**
 * What is measured one by one. Immutable.
 *
 * @param perRoute       whether routes are told apart
 * @param perBackend     whether backends are
 * @param perApp         whether apps are, by their source
 * @param max            how many of each
 * @param latencySeconds upper bounds of the histograms of routes and backends
 * @param appSeconds     of those of apps
 */
public record SeriesRules(
        boolean perRoute,
        boolean perBackend,
        boolean perApp,
        int max,
        List<Double> latencySeconds,
        List<Double> appSeconds) {
    public SeriesRules {
        latencySeconds = List.copyOf(latencySeconds);
        appSeconds = List.copyOf(appSeconds);
    }
}
