package org.cupola.routingapi;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.sql.Database;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that is one row of the database. Its holder keeps changing a counter; whoever waits takes over when the counter
 * has stood still for the lock's time to live, measured by its own monotonic clock, so that clocks need not agree. Every
 * write checks the row in its own transaction: one that lost the lock unknowingly (a stopped process, a cut network) cannot
 * write any more.
 *
 * <p>As with Locket, an owner that comes back under its name has its lock at once. While the database is away nobody can
 * take the lock, so not reaching it is no loss. Any thread.
 */
final class DatabaseLock implements LeaderLock {
    private static final Logger log = LoggerFactory.getLogger(DatabaseLock.class);
    private static final Table<?> TABLE = DSL.table(DSL.name("cupola_locks"));
    private static final Field<String> LOCK_KEY = DSL.field(DSL.name("lock_key"), SQLDataType.VARCHAR(191));
    private static final Field<String> OWNER = DSL.field(DSL.name("owner"), SQLDataType.VARCHAR(255));
    private static final Field<Long> HEARTBEAT = DSL.field(DSL.name("heartbeat"), SQLDataType.BIGINT);
    private static final Field<Long> WAITING = DSL.field(DSL.name("waiting"), SQLDataType.BIGINT);
    private static final String NOBODY = "";

    /** One that waits must not sleep past the moment at which it may take over. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final Database database;
    private final String key;
    private final String owner;
    private final Duration timeToLive;
    private final Duration retryInterval;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("routing-api-lock").factory());
    private volatile boolean held;
    private volatile long waitingSeen = -1;
    private volatile long waitingSeenAtNanos;
    private volatile boolean anyoneWaiting;

    /**
     * @param timeToLive    how long the holder may be silent
     * @param retryInterval between renewals, and between signs of one that waits; a third of the time to live at most
     */
    DatabaseLock(Database database, String key, String owner, Duration timeToLive, Duration retryInterval) {
        this.database = database;
        this.key = key;
        this.owner = owner;
        this.timeToLive = timeToLive;
        this.retryInterval =
                retryInterval.compareTo(timeToLive.dividedBy(3)) < 0 ? retryInterval : timeToLive.dividedBy(3);
    }

    private record Row(String owner, long heartbeat, long waiting) {}

    @Override
    public void acquire() throws InterruptedException {
        database.writeVoid(db -> db.createTableIfNotExists(TABLE)
                .columns(LOCK_KEY, OWNER, HEARTBEAT, WAITING)
                .constraint(DSL.primaryKey(LOCK_KEY))
                .execute());
        @Nullable Row seen = null;
        long seenAtNanos = System.nanoTime();
        long signedAtNanos = seenAtNanos - retryInterval.toNanos();
        while (true) {
            boolean sign = System.nanoTime() - signedAtNanos >= retryInterval.toNanos();
            if (sign) {
                signedAtNanos = System.nanoTime();
            }
            Row now = look(sign);
            if (seen == null || !now.owner.equals(seen.owner) || now.heartbeat != seen.heartbeat) {
                if (seen == null && !now.owner.equals(owner) && !now.owner.equals(NOBODY)) {
                    log.atInfo().addKeyValue("owner", now.owner).log("waiting-for-lock");
                }
                seen = now;
                seenAtNanos = System.nanoTime();
            }
            boolean free = now.owner.equals(NOBODY)
                    || now.owner.equals(owner)
                    || System.nanoTime() - seenAtNanos > timeToLive.toNanos();
            if (free && take(now)) {
                break;
            }
            Thread.sleep(retryInterval.compareTo(LOOK_EVERY) < 0 ? retryInterval : LOOK_EVERY);
        }
        held = true;
        log.atInfo().addKeyValue("owner", owner).log("acquired-lock");
        renewals.scheduleWithFixedDelay(
                this::renew, retryInterval.toMillis(), retryInterval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Reads the row, making it if need be.
     *
     * @param sign whether to leave a sign that somebody waits
     */
    private Row look(boolean sign) {
        @Nullable Row there = sign ? null : database.read(this::find);
        return there == null ? lookAndSign() : there;
    }

    private @Nullable Row find(DSLContext db) {
        Record row = db.select(OWNER, HEARTBEAT, WAITING)
                .from(TABLE)
                .where(LOCK_KEY.eq(key))
                .fetchOne();
        return row == null ? null : new Row(row.get(OWNER), row.get(HEARTBEAT), row.get(WAITING));
    }

    private Row lookAndSign() {
        return database.write(db -> {
            Row row = find(db);
            if (row == null) {
                db.insertInto(TABLE)
                        .columns(LOCK_KEY, OWNER, HEARTBEAT, WAITING)
                        .values(key, NOBODY, 0L, 0L)
                        .onConflictDoNothing()
                        .execute();
                return new Row(NOBODY, 0, 0);
            }
            db.update(TABLE)
                    .set(WAITING, WAITING.plus(1))
                    .where(LOCK_KEY.eq(key))
                    .execute();
            return row;
        });
    }

    private boolean take(Row from) {
        int taken = database.write(db -> db.update(TABLE)
                .set(OWNER, owner)
                .set(HEARTBEAT, HEARTBEAT.plus(1))
                .where(LOCK_KEY.eq(key), OWNER.eq(from.owner), HEARTBEAT.eq(from.heartbeat))
                .execute());
        return taken == 1;
    }

    private void renew() {
        try {
            long waiting = database.write(db -> {
                check(db);
                Long found =
                        db.select(WAITING).from(TABLE).where(LOCK_KEY.eq(key)).fetchOne(WAITING);
                return found == null ? 0 : found;
            });
            if (waitingSeen >= 0 && waiting != waitingSeen) {
                anyoneWaiting = true;
                waitingSeenAtNanos = System.nanoTime();
            }
            waitingSeen = waiting;
        } catch (IllegalStateException e) {
            log.atError().addKeyValue("owner", owner).log("lost-lock");
        } catch (DataAccessException e) {
            log.atWarn().addKeyValue("error", e.getMessage()).log("lock-not-renewed");
        }
    }

    @Override
    public void check(DSLContext transaction) {
        int mine = transaction
                .update(TABLE)
                .set(HEARTBEAT, HEARTBEAT.plus(1))
                .where(LOCK_KEY.eq(key), OWNER.eq(owner))
                .execute();
        if (mine != 1) {
            held = false;
            var failure = new IllegalStateException("lost lock");
            lost.completeExceptionally(failure);
            throw failure;
        }
    }

    @Override
    public CompletionStage<Void> lost() {
        return lost.minimalCompletionStage();
    }

    @Override
    public void handOver(Duration atMost) throws InterruptedException {
        if (!held) {
            return;
        }
        held = false;
        renewals.shutdownNow();
        try {
            database.writeVoid(db -> db.update(TABLE)
                    .set(OWNER, NOBODY)
                    .where(LOCK_KEY.eq(key), OWNER.eq(owner))
                    .execute());
            log.atInfo().log("released-lock");
            long startNanos = System.nanoTime();
            boolean worthWaiting = anyoneWaiting
                    && startNanos - waitingSeenAtNanos
                            < retryInterval.multipliedBy(3).toNanos();
            while (worthWaiting && System.nanoTime() - startNanos < atMost.toNanos() && isFree()) {
                Thread.sleep(Duration.ofMillis(50));
            }
        } catch (DataAccessException e) {
            log.atWarn().addKeyValue("error", e.getMessage()).log("lock-not-released");
        }
    }

    private boolean isFree() {
        String found = database.read(
                db -> db.select(OWNER).from(TABLE).where(LOCK_KEY.eq(key)).fetchOne(OWNER));
        return NOBODY.equals(found);
    }

    @Override
    public void close() {
        renewals.shutdownNow();
    }
}
