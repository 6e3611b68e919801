package org.cupola.gorouter.proxy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts of one event loop. Written by that loop alone, with plain arithmetic; any thread may read a recent value. */
public final class LoopMetrics {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[Counter.values().length];

    void add(Counter counter) {
        add(counter, 1);
    }

    void add(Counter counter, long amount) {
        int cell = counter.cell();
        CELL.setOpaque(counts, cell, counts[cell] + amount);
    }

    public long count(Counter counter) {
        return (long) CELL.getOpaque(counts, counter.cell());
    }

    void response(int status) {
        add(
                switch (status / 100) {
                    case 2 -> Counter.RESPONSES_2XX;
                    case 3 -> Counter.RESPONSES_3XX;
                    case 4 -> Counter.RESPONSES_4XX;
                    case 5 -> Counter.RESPONSES_5XX;
                    default -> Counter.RESPONSES_XXX;
                });
    }
}
