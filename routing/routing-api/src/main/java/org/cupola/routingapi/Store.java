package org.cupola.routingapi;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.cupola.platform.sql.Database;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database as the parts of the API share it: one writer at a time, and memory that equals it.
 *
 * <p>A write is planned on memory, made durable, and only then applied to memory. When it fails for any reason but a broken
 * constraint its outcome is unknown; then memory may be behind, and nothing is written until the database has been
 * reached and everything read again. Meanwhile writes are refused at once, and reads go on from memory. Any thread; writes are
 * guarded by its lock.
 */
final class Store {
    private static final Logger log = LoggerFactory.getLogger(Store.class);

    private final Database database;
    private final LeaderLock leader;
    private final ExpiryClock expiry;
    private final InstantSource clock;
    private final ReentrantLock writing = new ReentrantLock(true);
    private final List<Loader> loaders = new ArrayList<>();
    private volatile boolean away;
    private volatile boolean readOnly;

    /** A part whose memory can be brought to what the database holds; called under the store's lock. */
    interface Loader {
        /** Reads everything; returns what to do once the reading is over. */
        Runnable load(DSLContext db);
    }

    /** Decides what to write, under the store's lock. */
    interface Plan<T> {
        T decide() throws ApiError;
    }

    Store(Database database, LeaderLock leader, ExpiryClock expiry, InstantSource clock) {
        this.database = database;
        this.leader = leader;
        this.expiry = expiry;
        this.clock = clock;
    }

    /** To be called before {@link #start}. */
    void register(Loader loader) {
        loaders.add(loader);
    }

    /** Reads everything for the first time. */
    void start() {
        writing.lock();
        try {
            reload();
        } finally {
            writing.unlock();
        }
    }

    /**
     * Plans, writes, applies. The plan sees memory as it is; a plan that gives an empty list writes nothing.
     *
     * @param apply called when the changes are durable
     * @throws ApiError of the plan, or that the database cannot be written
     */
    <C> List<C> change(Plan<List<C>> plan, Write<C> write, Consumer<List<C>> apply) throws ApiError {
        writing.lock();
        try {
            refuseWhenUnwritable();
            List<C> changes = plan.decide();
            if (!changes.isEmpty()) {
                commit(changes, write);
                apply.accept(changes);
            }
            return changes;
        } finally {
            writing.unlock();
        }
    }

    /** Writes changes inside a transaction. */
    interface Write<C> {
        void write(DSLContext db, List<C> changes);
    }

    private void refuseWhenUnwritable() throws ApiError {
        if (readOnly) {
            throw ApiError.database("database unavailable: another instance becomes active");
        }
        if (away) {
            throw ApiError.database("database unavailable: it cannot be reached at present");
        }
    }

    private <C> void commit(List<C> changes, Write<C> write) throws ApiError {
        try {
            database.writeVoid(db -> {
                leader.check(db);
                write.write(db, changes);
            });
        } catch (IntegrityConstraintViolationException e) {
            throw ApiError.database(String.valueOf(e.getMessage()));
        } catch (DataAccessException e) {
            lost(e);
            throw ApiError.database(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            readOnly = true;
            throw ApiError.database(String.valueOf(e.getMessage()));
        }
    }

    private void lost(DataAccessException e) {
        if (!away) {
            log.atError().addKeyValue("error", e.getMessage()).log("database-lost");
        }
        away = true;
        expiry.databaseLost(clock.instant());
    }

    /** Tries to reach a database that is away; to be called now and then. */
    void recover() {
        if (!away) {
            return;
        }
        writing.lock();
        try {
            reload();
            away = false;
            expiry.databaseBack(clock.instant());
            log.atInfo().log("database-back");
        } catch (DataAccessException e) {
            log.atDebug().addKeyValue("error", e.getMessage()).log("database-still-away");
        } finally {
            writing.unlock();
        }
    }

    private void reload() {
        List<Runnable> then = new ArrayList<>();
        database.writeVoid(db -> {
            then.clear(); // the block may run more than once
            loaders.forEach(loader -> then.add(loader.load(db)));
        });
        then.forEach(Runnable::run);
    }

    /** From now on all writes are refused; returns when the last one is over. */
    void stopWriting() {
        writing.lock();
        try {
            readOnly = true;
        } finally {
            writing.unlock();
        }
    }

    boolean isAvailable() {
        return !away;
    }
}
