package org.cupola.gorouter.proxy;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A fixed number of values that stand for all, recent ones with more weight: each gets a random priority that grows
 * exponentially with its time, and those of the highest priority stay. Confined to its thread; copies may be given away.
 */
final class DecayingSample {
    static final int SIZE = 1028;

    /** Of the weight per second: what is older than about a minute counts for half. */
    private static final double ALPHA = 0.015;

    private record Weighted(double logPriority, long value) implements Comparable<Weighted> {
        @Override
        public int compareTo(Weighted other) {
            return Double.compare(logPriority, other.logPriority);
        }
    }

    private final PriorityQueue<Weighted> kept = new PriorityQueue<>(SIZE + 1);
    private final SplittableRandom random;

    DecayingSample(SplittableRandom random) {
        this.random = random;
    }

    /** @param seconds on a clock that all samples that are to be merged share */
    void add(double seconds, long value) {
        // The logarithm of exp(alpha t) / u: the same order, and never too large for a double.
        double priority = ALPHA * seconds - Math.log(1 - random.nextDouble());
        if (kept.size() < SIZE) {
            kept.add(new Weighted(priority, value));
        } else if (kept.element().logPriority() < priority) {
            kept.remove();
            kept.add(new Weighted(priority, value));
        }
    }

    /** Takes in what another sample, of values this one has not seen, has kept. */
    void merge(DecayingSample other) {
        for (Weighted value : other.kept) {
            kept.add(value);
            if (kept.size() > SIZE) {
                kept.remove();
            }
        }
    }

    DecayingSample copy() {
        var copy = new DecayingSample(random.split());
        copy.kept.addAll(kept);
        return copy;
    }

    /** Values below which that part of all lies, between two of them in proportion; zero without any. */
    double[] percentiles(double... parts) {
        long[] sorted = kept.stream().mapToLong(Weighted::value).sorted().toArray();
        return Arrays.stream(parts).map(part -> percentile(sorted, part)).toArray();
    }

    private static double percentile(long[] sorted, double part) {
        if (sorted.length == 0) {
            return 0;
        }
        double position = part * (sorted.length + 1);
        if (position < 1) {
            return sorted[0];
        }
        if (position >= sorted.length) {
            return sorted[sorted.length - 1];
        }
        int below = (int) position;
        return sorted[below - 1] + (position - below) * (sorted[below] - sorted[below - 1]);
    }
}
