package org.cupola.gorouter.series;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The series of one kind, by label. Whatever the number of labels, only so many are told apart; those that come later
 * count together as {@value #OTHERS}, until one of the first is no longer used. Any thread.
 */
public final class SeriesSet {
    private static final double NANOS_PER_SECOND = 1e9;

    /** The label of what is not told apart. */
    public static final String OTHERS = "other";

    private final List<Double> bounds;
    private final long[] nanos;
    private final int loops;
    private final AtomicInteger room;
    private final Map<String, Series> series = new ConcurrentHashMap<>();
    private volatile Series others;

    /**
     * @param loops  event loops that will write
     * @param max    labels told apart
     * @param bounds of the histogram, seconds, ascending
     */
    public SeriesSet(int loops, int max, List<Double> bounds) {
        this.loops = loops;
        this.room = new AtomicInteger(max);
        this.bounds = List.copyOf(bounds);
        this.nanos = bounds.stream()
                .mapToLong(bound -> Math.round(bound * NANOS_PER_SECOND))
                .toArray();
        this.others = new Series(OTHERS, null, nanos, new long[loops][]);
    }

    /** Seconds. */
    public List<Double> bounds() {
        return bounds;
    }

    /** One more uses this label, until {@link Series#leave}. */
    public Series join(String label) {
        Series otherwise = others; // read first: when there is room afterwards, it has expired
        if (label.equals(OTHERS)) {
            return otherwise;
        }
        Series joined = series.compute(label, (_, present) -> {
            if (present == null && room.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
                return null;
            }
            Series used = present == null ? new Series(label, this, nanos, new long[loops][]) : present;
            used.users++;
            return used;
        });
        return joined == null ? otherwise : joined;
    }

    void leave(Series left) {
        series.computeIfPresent(left.label(), (_, present) -> {
            if (present != left || --left.users > 0) {
                return present;
            }
            if (room.getAndIncrement() == 0) {
                Series full = others;
                others = full.renewed();
                full.expire();
            }
            return null;
        });
    }

    Series others() {
        return others;
    }

    /** All there are, by label; the others too once they are used. */
    public Map<String, Series> all() {
        Map<String, Series> all = new TreeMap<>(series);
        Series rest = others;
        if (rest.isUsed()) {
            all.put(OTHERS, rest);
        }
        return all;
    }
}
