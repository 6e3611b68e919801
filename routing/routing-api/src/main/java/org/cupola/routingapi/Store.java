package org.cupola.routingapi;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.platform.sql.Database;
import org.jooq.DSLContext;
import org.jooq.exception.DataAccessException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database as the parts of the API share it: one writer at a time, and memory that equals it.
 *
 * <p>A write is planned on memory, made durable, and only then applied to memory and acknowledged. Writes that come while
 * another is on its way to the disk wait, and all that wait are planned one after the other and made durable together, in one
 * transaction: under load the disk is asked once for several of them. If the database refuses what such a group writes, each of
 * the group is planned and written once more, alone, so that only the culprit fails.
 *
 * <p>When a write fails for any other reason its outcome is unknown; then memory may be behind, and nothing is written until
 * the database has been reached and everything read again. Meanwhile writes are refused at once, and reads go on from memory.
 * Any thread; writes are guarded by its lock.
 */
final class Store {
    private static final Logger log = LoggerFactory.getLogger(Store.class);
    /** Bounds how long the first of a group waits for the others, and what is written once more if one is refused. */
    private static final int MAX_GROUP = 32;

    private final Database database;
    private final LeaderLock leader;
    private final ExpiryClock expiry;
    private final InstantSource clock;
    private final ReentrantLock writing = new ReentrantLock(true);
    private final Queue<WaitingChange<?>> waiting = new ConcurrentLinkedQueue<>();
    private final List<Loader> loaders = new ArrayList<>();
    private volatile boolean away;
    private volatile boolean readOnly;

    /** A part whose memory can be brought to what the database holds; called under the store's lock. */
    interface Loader {
        /** Reads everything; returns what to do once the reading is over. */
        Runnable load(DSLContext db);
    }

    /**
     * What somebody wants to change; all of it is called under the store's lock.
     *
     * @param <C> one change
     */
    interface Change<C> {
        /** Decides what to write, seeing what was planned before it as if it had happened; an empty list writes nothing. */
        List<C> plan() throws ApiError;

        /** Inside a transaction; may be called more than once. */
        void write(DSLContext db, List<C> changes);

        /** The changes are durable. Called in the order of the plans. */
        void apply(List<C> changes);

        /** What this part planned and has not applied will not happen. */
        void forget();

        /** Whether others may share its transaction: those whose plans see each other. */
        boolean sharesTransaction();
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
     * Plans, writes, applies; returns when the change is durable.
     *
     * @return what was changed
     * @throws ApiError         of the plan, or that the database cannot be written
     * @throws RuntimeException of the plan
     */
    <C> List<C> change(Change<C> change) throws ApiError {
        var mine = new WaitingChange<>(change);
        waiting.add(mine);
        writing.lock();
        try {
            while (!mine.isOver()) {
                commit(nextGroup());
            }
        } finally {
            writing.unlock();
        }
        return mine.result();
    }

    /** In the order in which they came; never empty while a caller of {@link #change} has the lock and no result. */
    private List<WaitingChange<?>> nextGroup() {
        List<WaitingChange<?>> group = new ArrayList<>();
        for (WaitingChange<?> next = waiting.peek(); next != null; next = waiting.peek()) {
            if (!group.isEmpty()
                    && !(next.sharesTransaction() && group.getFirst().sharesTransaction())) {
                break;
            }
            group.add(waiting.remove());
            if (group.size() == MAX_GROUP) {
                break;
            }
        }
        return group;
    }

    private void commit(List<WaitingChange<?>> group) {
        try {
            refuseWhenUnwritable();
            write(group.stream().filter(WaitingChange::plan).toList());
        } catch (ApiError e) {
            group.forEach(change -> change.fail(e));
        } finally {
            group.forEach(WaitingChange::leave);
        }
    }

    private void refuseWhenUnwritable() throws ApiError {
        if (readOnly) {
            throw ApiError.database("database unavailable: another instance becomes active");
        }
        if (away) {
            throw ApiError.database("database unavailable: it cannot be reached at present");
        }
    }

    private void write(List<WaitingChange<?>> planned) throws ApiError {
        if (planned.isEmpty()) {
            return;
        }
        boolean durable = false;
        try {
            database.writeVoid(db -> {
                leader.check(db);
                planned.forEach(change -> change.write(db));
            });
            durable = true;
        } catch (DataAccessException e) {
            if (Refusals.isRefusal(e) && planned.size() > 1) {
                planned.forEach(WaitingChange::forget);
                planned.forEach(change -> commit(List.of(change)));
                return;
            }
            if (!Refusals.isRefusal(e)) {
                lost(e);
            }
            throw ApiError.database(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            readOnly = true;
            throw ApiError.database(String.valueOf(e.getMessage()));
        } finally {
            planned.forEach(durable ? WaitingChange::apply : WaitingChange::forget);
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

    /** Writes that wait for their transaction. */
    int waiting() {
        return waiting.size();
    }

    boolean isAvailable() {
        return !away;
    }
}
