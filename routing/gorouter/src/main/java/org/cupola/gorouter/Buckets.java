package org.cupola.gorouter;

import java.util.List;
import java.util.stream.IntStream;

/** Upper bounds that the original's histograms have unless configured. */
final class Buckets {
    /** Nanoseconds. */
    static final List<Double> LOOKUP =
            IntStream.rangeClosed(1, 10).mapToObj(i -> i * 10_000.0).toList();

    static final List<Double> MILLIS = List.of(1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 20.0, 40.0, 50.0, 100.0, 500.0, 1000.0);
    static final List<Double> REGISTRATION = List.of(0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0);

    /** Seconds. */
    static final List<Double> HTTP = List.of(0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6);

    /** Seconds, of routes and backends. */
    static final List<Double> LATENCY =
            List.of(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0);

    private Buckets() {}
}
