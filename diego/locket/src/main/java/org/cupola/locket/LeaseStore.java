package org.cupola.locket;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.cupola.platform.sql.Database;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.exception.DataAccessException;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** The table of leases, shared by all Lockets of a deployment. Each method is one transaction. Blocking; any thread. */
final class LeaseStore {
    private static final Table<?> LOCKS = DSL.table("locks");
    private static final Field<String> PATH =
            DSL.field("path", SQLDataType.VARCHAR(255).nullable(false));
    private static final Field<String> OWNER = DSL.field("owner", SQLDataType.VARCHAR(255));
    private static final Field<String> VALUE = DSL.field(DSL.name("value"), SQLDataType.VARCHAR(4096));
    private static final Field<String> TYPE =
            DSL.field(DSL.name("type"), SQLDataType.VARCHAR(255).defaultValue(DSL.inline("")));
    private static final Field<Long> MODIFIED_INDEX =
            DSL.field("modified_index", SQLDataType.BIGINT.defaultValue(DSL.inline(0L)));
    private static final Field<String> MODIFIED_ID =
            DSL.field("modified_id", SQLDataType.VARCHAR(255).defaultValue(DSL.inline("")));
    private static final Field<Long> TTL = DSL.field("ttl", SQLDataType.BIGINT.defaultValue(DSL.inline(0L)));
    private static final Table<?> HEALTH = DSL.table("locket_health_check");
    private static final Field<Integer> HEALTH_ID = DSL.field("id", SQLDataType.INTEGER.nullable(false));
    private static final Field<Long> HEALTH_TIME = DSL.field(DSL.name("time"), SQLDataType.BIGINT.nullable(false));

    private final Database database;
    private final Supplier<String> ids;

    /** @param ids makes a new random id at each call */
    LeaseStore(Database database, Supplier<String> ids) {
        this.database = database;
        this.ids = ids;
    }

    void createTables() {
        database.writeVoid(dsl -> {
            dsl.createTableIfNotExists(LOCKS)
                    .columns(PATH, OWNER, VALUE, TYPE, MODIFIED_INDEX, MODIFIED_ID, TTL)
                    .constraints(DSL.primaryKey(PATH))
                    .execute();
            dsl.createTableIfNotExists(HEALTH)
                    .columns(HEALTH_ID, HEALTH_TIME)
                    .constraints(DSL.primaryKey(HEALTH_ID))
                    .execute();
        });
    }

    /** Takes or renews; empty when somebody else holds the key. */
    Optional<Lease> lock(String key, String owner, String value, String type, long ttlSeconds) {
        try {
            return database.write(dsl -> lock(dsl, key, owner, value, type, ttlSeconds));
        } catch (IntegrityConstraintViolationException e) {
            // Two took a free key at once and the other was faster; its row is there now.
            return database.write(dsl -> lock(dsl, key, owner, value, type, ttlSeconds));
        }
    }

    private Optional<Lease> lock(DSLContext dsl, String key, String owner, String value, String type, long ttlSeconds) {
        Optional<Lease> present = forUpdate(dsl, key);
        if (present.isEmpty()) {
            var lease = new Lease(key, owner, value, type, 1, ids.get(), ttlSeconds);
            dsl.insertInto(LOCKS)
                    .columns(PATH, OWNER, VALUE, TYPE, MODIFIED_INDEX, MODIFIED_ID, TTL)
                    .values(key, owner, value, type, 1L, lease.modifiedId(), ttlSeconds)
                    .execute();
            return Optional.of(lease);
        }
        Lease held = present.get();
        boolean free = held.owner().isEmpty();
        if (!free && !held.owner().equals(owner)) {
            return Optional.empty();
        }
        String id = free ? ids.get() : held.modifiedId();
        var lease = new Lease(key, owner, value, type, held.modifiedIndex() + 1, id, ttlSeconds);
        dsl.update(LOCKS)
                .set(OWNER, owner)
                .set(VALUE, value)
                .set(TYPE, type)
                .set(MODIFIED_INDEX, lease.modifiedIndex())
                .set(MODIFIED_ID, id)
                .set(TTL, ttlSeconds)
                .where(PATH.eq(key))
                .execute();
        return Optional.of(lease);
    }

    /** False when somebody else holds the key; what nobody holds counts as released. */
    boolean release(String key, String owner) {
        return database.write(dsl -> {
            Optional<Lease> held = forUpdate(dsl, key);
            if (held.isPresent() && !held.get().owner().equals(owner)) {
                return false;
            }
            dsl.deleteFrom(LOCKS).where(PATH.eq(key)).execute();
            return true;
        });
    }

    Optional<Lease> fetch(String key) {
        return database.read(
                dsl -> select(dsl).where(PATH.eq(key), OWNER.ne("")).fetchOptional(LeaseStore::toLease));
    }

    List<Lease> fetchAll() {
        return database.read(dsl -> select(dsl).where(OWNER.ne("")).fetch(LeaseStore::toLease));
    }

    List<Lease> fetchAll(String type) {
        return database.read(
                dsl -> select(dsl).where(OWNER.ne(""), TYPE.eq(type)).fetch(LeaseStore::toLease));
    }

    /** Deletes the row if it is still exactly this lease, not renewed and not another's. */
    boolean deleteIfUnchanged(Lease lease) {
        return database.write(dsl -> dsl.deleteFrom(LOCKS)
                        .where(
                                PATH.eq(lease.key()),
                                OWNER.eq(lease.owner()),
                                MODIFIED_ID.eq(lease.modifiedId()),
                                MODIFIED_INDEX.eq(lease.modifiedIndex()))
                        .execute()
                == 1);
    }

    /** Writes the time and reads it back. */
    boolean writesAndReads(long time) {
        database.writeVoid(dsl -> {
            int updated = dsl.update(HEALTH)
                    .set(HEALTH_TIME, time)
                    .where(HEALTH_ID.eq(1))
                    .execute();
            if (updated == 0) {
                dsl.insertInto(HEALTH)
                        .columns(HEALTH_ID, HEALTH_TIME)
                        .values(1, time)
                        .execute();
            }
        });
        Long read = database.read(dsl ->
                dsl.select(HEALTH_TIME).from(HEALTH).where(HEALTH_ID.eq(1)).fetchOne(HEALTH_TIME));
        return read != null && read == time;
    }

    /** Whether the table itself is missing, which no retry can mend. */
    boolean isTableLost() {
        try {
            database.read(dsl -> dsl.selectCount().from(LOCKS).fetchOne(0, Integer.class));
            return false;
        } catch (DataAccessException e) {
            var cause = e.getCause(java.sql.SQLException.class);
            return cause != null
                    && ("42P01".equals(cause.getSQLState())
                            || cause.getErrorCode() == 1146
                            || String.valueOf(cause.getMessage()).contains("no such table"));
        }
    }

    private static org.jooq.SelectJoinStep<?> select(DSLContext dsl) {
        return dsl.select(PATH, OWNER, VALUE, TYPE, MODIFIED_INDEX, MODIFIED_ID, TTL)
                .from(LOCKS);
    }

    private static Optional<Lease> forUpdate(DSLContext dsl, String key) {
        var query = select(dsl).where(PATH.eq(key));
        // SQLite has one writer at a time and no row locks.
        var locking = dsl.dialect() == SQLDialect.SQLITE ? query : query.forUpdate();
        return locking.fetchOptional(LeaseStore::toLease);
    }

    private static Lease toLease(Record row) {
        return new Lease(
                row.get(PATH),
                orEmpty(row.get(OWNER)),
                orEmpty(row.get(VALUE)),
                orEmpty(row.get(TYPE)),
                row.get(MODIFIED_INDEX),
                orEmpty(row.get(MODIFIED_ID)),
                row.get(TTL));
    }

    private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }
}
