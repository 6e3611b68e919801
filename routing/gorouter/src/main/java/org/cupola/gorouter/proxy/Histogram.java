package org.cupola.gorouter.proxy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/** Counts values by size. Written by one thread with plain arithmetic; any thread may read recent values. */
public final class Histogram {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final double MICRO = 1e6;

    private final double[] bounds;
    private final long[] counts;
    private final long[] sumMicros = new long[1];

    /** @param bounds upper bounds, ascending; what is above the last is counted too */
    public Histogram(List<Double> bounds) {
        this.bounds = bounds.stream().mapToDouble(Double::doubleValue).toArray();
        this.counts = new long[bounds.size() + 1];
    }

    /** To be called by one thread. */
    public void record(double value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        CELL.setOpaque(counts, bucket, counts[bucket] + 1);
        CELL.setOpaque(sumMicros, 0, sumMicros[0] + (long) (value * MICRO));
    }

    public int buckets() {
        return counts.length;
    }

    /** Positive infinity for the last. */
    public double bound(int bucket) {
        return bucket == bounds.length ? Double.POSITIVE_INFINITY : bounds[bucket];
    }

    /** Values in this bucket alone. */
    public long count(int bucket) {
        return (long) CELL.getOpaque(counts, bucket);
    }

    public double sum() {
        return (long) CELL.getOpaque(sumMicros, 0) / MICRO;
    }
}
