package org.cupola.routingapi;

import java.util.List;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A change from the moment somebody asks for it until it is durable or has failed. Guarded by the store's lock, but for the
 * result, which is read by who asked, after that lock.
 */
final class WaitingChange<C> {
    private final Store.Change<C> change;
    private List<C> changes = List.of();
    private @Nullable Exception failure;
    private boolean over;

    WaitingChange(Store.Change<C> change) {
        this.change = change;
    }

    boolean sharesTransaction() {
        return change.sharesTransaction();
    }

    boolean isOver() {
        return over;
    }

    /** Whether there is something to write. */
    boolean plan() {
        try {
            changes = change.plan();
            over = changes.isEmpty();
            return !over;
        } catch (ApiError | RuntimeException e) {
            fail(e);
            return false;
        }
    }

    void write(DSLContext db) {
        change.write(db, changes);
    }

    void apply() {
        change.apply(changes);
        over = true;
    }

    void forget() {
        change.forget();
    }

    /** Unless it has failed, or succeeded, already. */
    void fail(Exception cause) {
        if (!over) {
            failure = cause;
            over = true;
        }
    }

    /** Nobody looks after it any more. */
    void leave() {
        if (!over) {
            fail(new IllegalStateException("not written: another write of the same transaction failed unexpectedly"));
        }
    }

    /** What was changed; to be called when it is over. */
    List<C> result() throws ApiError {
        return switch (failure) {
            case null -> changes;
            case ApiError e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException(failure);
        };
    }
}
