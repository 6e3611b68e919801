package org.cupola.gorouter.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one route, backend or app: how long its requests took, how they ended. Each event loop writes into
 * a row of its own with plain arithmetic; any thread may read recent sums.
 */
public final class Series {
    /** Statuses from 200 to 599 by hundreds; whatever else is the fifth group. */
    public static final int GROUPS = 5;

    /** What stands in for the series of something that is gone. */
    static final Series GONE = new Series("", null, new long[0], new long[0][]);

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle ROW = MethodHandles.arrayElementVarHandle(long[][].class);

    private final String label;
    private final @Nullable SeriesSet owner;
    private final long[] bounds;
    private final long[][] rows;
    private volatile boolean stale;

    /** How many share it; changed by its set alone. */
    int users;

    static {
        GONE.expire();
    }

    /**
     * @param owner  to be told when nobody uses it any more, {@code null} for one that stays
     * @param bounds nanoseconds, ascending
     * @param rows   one for each event loop, made when first needed
     */
    Series(String label, @Nullable SeriesSet owner, long[] bounds, long[][] rows) {
        this.label = label;
        this.owner = owner;
        this.bounds = bounds;
        this.rows = rows;
    }

    /** Another that counts on in the same place. */
    Series renewed() {
        return new Series(label, owner, bounds, rows);
    }

    /** Whoever uses it shall ask for one anew. */
    void expire() {
        stale = true;
    }

    boolean isStale() {
        return stale;
    }

    void leave() {
        if (owner != null) {
            owner.leave(this);
        }
    }

    /** An answer took so long; to be called by the loop alone. */
    public void took(int loop, long nanos) {
        long[] row = row(loop);
        int bucket = 0;
        while (bucket < bounds.length && nanos > bounds[bucket]) {
            bucket++;
        }
        add(row, bucket, 1);
        add(row, bounds.length + 1, nanos);
    }

    /** There was an answer; to be called by the loop alone. */
    public void answered(int loop, int status) {
        int group = status / 100 - 2;
        add(row(loop), bounds.length + 2 + (group >= 0 && group < GROUPS - 1 ? group : GROUPS - 1), 1);
    }

    /** There was no answer; to be called by the loop alone. */
    public void failed(int loop) {
        add(row(loop), bounds.length + 2 + GROUPS, 1);
    }

    private long[] row(int loop) {
        long[] row = rows[loop];
        if (row == null) {
            row = new long[bounds.length + 3 + GROUPS];
            ROW.setRelease(rows, loop, row);
        }
        return row;
    }

    private static void add(long[] row, int cell, long amount) {
        CELL.setOpaque(row, cell, row[cell] + amount);
    }

    public String label() {
        return label;
    }

    boolean isUsed() {
        for (int loop = 0; loop < rows.length; loop++) {
            if (ROW.getAcquire(rows, loop) != null) {
                return true;
            }
        }
        return false;
    }

    /** How many answers took no longer than this bound and longer than the one before; the last has no bound. */
    public long bucket(int index) {
        return sum(index);
    }

    /** What all answers took together. */
    public long totalNanos() {
        return sum(bounds.length + 1);
    }

    /** @param group 0 for 2xx to 3 for 5xx, 4 for the others */
    public long answers(int group) {
        return sum(bounds.length + 2 + group);
    }

    public long failures() {
        return sum(bounds.length + 2 + GROUPS);
    }

    private long sum(int cell) {
        long sum = 0;
        for (int loop = 0; loop < rows.length; loop++) {
            long[] row = (long[]) ROW.getAcquire(rows, loop);
            if (row != null) {
                sum += (long) CELL.getOpaque(row, cell);
            }
        }
        return sum;
    }
}
