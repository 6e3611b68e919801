package org.cupola.bbs;

import java.util.function.BiFunction;
import java.util.function.Function;
import org.jooq.DSLContext;

/** Carries out a transition: reads the rows of one index, writes what they become, sends the events. Blocking, any thread. */
final class InstanceWriter {
    private final Stores stores;
    private final ProcessLocks locks;
    private final Events events;

    InstanceWriter(Stores stores, ProcessLocks locks, Events events) {
        this.stores = stores;
        this.locks = locks;
        this.events = events;
    }

    Change apply(String processGuid, int index, String traceId, Function<IndexRows, Change> transition) {
        return applyIn(processGuid, index, traceId, (dsl, rows) -> transition.apply(rows));
    }

    /** As {@link #apply}, for a transition that must read more in the same transaction. */
    Change applyIn(
            String processGuid, int index, String traceId, BiFunction<DSLContext, IndexRows, Change> transition) {
        return locks.with(processGuid, () -> {
            Change change = stores.database().write(dsl -> {
                Change wanted = transition.apply(dsl, stores.actual().forUpdate(dsl, processGuid, index));
                stores.actual().write(dsl, wanted);
                return wanted;
            });
            events.changed(change, traceId);
            return change;
        });
    }
}
