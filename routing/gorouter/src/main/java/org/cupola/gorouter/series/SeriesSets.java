package org.cupola.gorouter.series;

import org.jspecify.annotations.Nullable;

/**
 * All series of a router, {@code null} for kinds that nobody asked for. Any thread.
 *
 * @param routes   from a request's head to the end of its answer
 * @param backends from an attempt to the head of the answer
 * @param apps     as those of routes
 */
public record SeriesSets(
        @Nullable SeriesSet routes,
        @Nullable SeriesSet backends,
        @Nullable SeriesSet apps) {
    public static SeriesSets of(SeriesRules rules, int loops) {
        return new SeriesSets(
                rules.perRoute() ? new SeriesSet(loops, rules.max(), rules.latencySeconds()) : null,
                rules.perBackend() ? new SeriesSet(loops, rules.max(), rules.latencySeconds()) : null,
                rules.perApp() ? new SeriesSet(loops, rules.max(), rules.appSeconds()) : null);
    }
}
