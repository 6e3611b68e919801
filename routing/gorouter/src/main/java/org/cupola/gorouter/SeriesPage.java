package org.cupola.gorouter;

import static org.cupola.gorouter.Exposition.label;

import java.util.List;
import java.util.Map;
import org.cupola.gorouter.series.Series;
import org.cupola.gorouter.series.SeriesSet;
import org.cupola.gorouter.series.SeriesSets;
import org.jspecify.annotations.Nullable;

/** The part of the metrics that tells routes, backends and apps apart. */
final class SeriesPage {
    private static final List<String> GROUPS = List.of("2xx", "3xx", "4xx", "5xx", "xxx");
    private static final double NANOS_PER_SECOND = 1e9;

    private final SeriesSets sets;

    SeriesPage(SeriesSets sets) {
        this.sets = sets;
    }

    void render(Exposition page) {
        latency(
                page,
                sets.apps(),
                "http_latency_seconds",
                "source_id",
                "Seconds from a request's head to the end of its answer, by the source of the app.");
        latency(
                page,
                sets.routes(),
                "route_latency_seconds",
                "route",
                "Seconds from a request's head to the end of its answer.");
        answers(page, sets.routes(), "route_responses", "route", "Answers to clients.");
        latency(
                page,
                sets.backends(),
                "backend_latency_seconds",
                "backend",
                "Seconds from an attempt to the head of the answer.");
        answers(page, sets.backends(), "backend_responses", "backend", "Answers of backends.");
        if (sets.backends() != null) {
            page.begin("backend_failures", "counter", "Attempts that brought no answer.");
            sets.backends()
                    .all()
                    .forEach((backend, series) ->
                            page.sample("backend_failures", label("backend", backend), series.failures()));
        }
    }

    private static void latency(Exposition page, @Nullable SeriesSet set, String name, String labelName, String help) {
        if (set == null) {
            return;
        }
        page.begin(name, "histogram", help);
        set.all()
                .forEach((value, series) -> page.histogram(
                        name,
                        label(labelName, value),
                        set.bounds(),
                        series::bucket,
                        series.totalNanos() / NANOS_PER_SECOND));
    }

    private static void answers(Exposition page, @Nullable SeriesSet set, String name, String labelName, String help) {
        if (set == null) {
            return;
        }
        page.begin(name, "counter", help);
        for (Map.Entry<String, Series> entry : set.all().entrySet()) {
            for (int group = 0; group < Series.GROUPS; group++) {
                long count = entry.getValue().answers(group);
                if (count > 0) {
                    page.sample(
                            name,
                            label(labelName, entry.getKey()) + "," + label("status_group", GROUPS.get(group)),
                            count);
                }
            }
        }
    }
}
