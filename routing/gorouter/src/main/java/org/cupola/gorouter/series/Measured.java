package org.cupola.gorouter.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Something that has a series of its own, as long as it is there. The series is joined at the first request: what gets none
 * takes up no place. Any thread, without locks once it has joined.
 */
public abstract class Measured {
    private static final VarHandle SERIES;

    static {
        try {
            SERIES = MethodHandles.lookup().findVarHandle(Measured.class, "series", Series.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable Series series;

    protected Measured() {}

    /** What it is called; need not be unique. */
    protected abstract String seriesLabel();

    /** Where to count, always of the same set. */
    public final Series series(SeriesSet set) {
        Series present = series;
        return present != null && !present.isStale() ? present : join(set, present);
    }

    private Series join(SeriesSet set, @Nullable Series present) {
        if (present == Series.GONE) {
            return set.others();
        }
        Series joined = set.join(seriesLabel());
        if (SERIES.compareAndSet(this, present, joined)) {
            return joined;
        }
        joined.leave();
        Series winner = series;
        return winner == null || winner == Series.GONE ? set.others() : winner;
    }

    /** It is no more: requests on their way to it count with the others. */
    protected final void forget() {
        Series last = (Series) SERIES.getAndSet(this, Series.GONE);
        if (last != null) {
            last.leave();
        }
    }

    /** It takes the place, and the series, of another with the same label. To be called before anybody else knows of it. */
    protected final void succeed(Measured replaced) {
        if (replaced.seriesLabel().equals(seriesLabel())) {
            Series taken = (Series) SERIES.getAndSet(replaced, Series.GONE);
            series = taken == Series.GONE ? null : taken;
        }
    }
}
