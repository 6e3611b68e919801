package org.cupola.bbs;

import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.cupola.bbs.BbsConfig.HealthCheck;
import org.cupola.platform.sql.Database;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** Ends the component when its database has not answered several times in a row, so that another takes over. */
final class DatabaseHealthCheck implements AutoCloseable {
    private static final Table<?> TABLE = DSL.table("bbs_health_check");
    private static final Field<Integer> ID = DSL.field("id", SQLDataType.INTEGER);
    private static final Field<Long> TIME = DSL.field(DSL.name("time"), SQLDataType.BIGINT);

    private final HealthCheck settings;
    private final Database database;
    private final InstantSource clock;
    private final Consumer<Exception> onFailure;
    private final CountDownLatch closed = new CountDownLatch(1);

    DatabaseHealthCheck(HealthCheck settings, Database database, InstantSource clock, Consumer<Exception> onFailure) {
        this.settings = settings;
        this.database = database;
        this.clock = clock;
        this.onFailure = onFailure;
    }

    void start() {
        Thread.ofVirtual().name("database-health").start(this::run);
    }

    private void run() {
        try {
            while (!closed.await(settings.interval().toNanos(), TimeUnit.NANOSECONDS)) {
                if (!succeedsInTime()) {
                    onFailure.accept(new IllegalStateException("the database could not be written and read "
                            + settings.failureThreshold() + " times in a row"));
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As many tries at once after another as the threshold says. */
    private boolean succeedsInTime() throws InterruptedException {
        Executor thread = Thread::startVirtualThread;
        for (int attempt = 0; attempt < settings.failureThreshold(); attempt++) {
            if (succeeds(thread)) {
                return true;
            }
        }
        return false;
    }

    private boolean succeeds(Executor thread) throws InterruptedException {
        try {
            return CompletableFuture.supplyAsync(this::writesAndReads, thread)
                    .get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return false; // counted by the caller
        }
    }

    boolean writesAndReads() {
        long now = clock.millis() * 1_000_000L;
        database.writeVoid(dsl -> {
            int updated = dsl.update(TABLE).set(TIME, now).where(ID.eq(1)).execute();
            if (updated == 0) {
                dsl.insertInto(TABLE).columns(ID, TIME).values(1, now).execute();
            }
        });
        Long read = database.read(
                dsl -> dsl.select(TIME).from(TABLE).where(ID.eq(1)).fetchOne(TIME));
        return read != null && read == now;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
