package org.cupola.routingapi;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.routingapi.RouteChange.Kind;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** The rows of one table of routes. Blocking; immutable. */
abstract class RouteRows<R> {
    static final Field<String> GUID = text("guid");
    static final Field<String> MODIFICATION_GUID = text("modification_guid");
    static final Field<Long> MODIFICATION_INDEX = DSL.field(DSL.name("modification_index"), SQLDataType.BIGINT);
    static final Field<Integer> TTL = DSL.field(DSL.name("ttl"), SQLDataType.INTEGER);

    private final Table<?> table;

    RouteRows(String table) {
        this.table = DSL.table(DSL.name(table));
    }

    static Field<String> text(String name) {
        return DSL.field(DSL.name(name), SQLDataType.VARCHAR);
    }

    static Field<Integer> number(String name) {
        return DSL.field(DSL.name(name), SQLDataType.INTEGER);
    }

    /** All rows, expired ones too. */
    List<StoredRoute<R>> load(DSLContext db) {
        return db.select(allFields()).from(table).fetch(this::read);
    }

    /** Makes the changes, in as few statements as their kinds. To be called inside a transaction. */
    void write(DSLContext db, List<RouteChange<R>> changes, Instant now) {
        Map<String, RouteChange<R>> inserts = new LinkedHashMap<>();
        Map<String, RouteChange<R>> updates = new LinkedHashMap<>();
        Map<String, RouteChange<R>> deletes = new LinkedHashMap<>();
        for (RouteChange<R> change : changes) {
            String guid = change.row().rowGuid();
            if (change.kind().removes()) {
                deletes.put(guid, change);
            } else if (change.kind() == Kind.CREATED || inserts.containsKey(guid)) {
                inserts.put(guid, change); // created and then changed in one request: only its last state is stored
            } else {
                updates.put(guid, change);
            }
        }
        run(db, insert(db, table, allFields()), inserts.values(), row -> allValues(row, now));
        run(db, updateByGuid(db, table, changingFields()), updates.values(), row -> changingValues(row, now));
        delete(db, deletes.keySet());
    }

    void delete(DSLContext db, Collection<String> rowGuids) {
        if (!rowGuids.isEmpty()) {
            db.batch(db.deleteFrom(table).where(GUID.eq("")))
                    .bind(rowGuids.stream().map(guid -> new Object[] {guid}).toArray(Object[][]::new))
                    .execute();
        }
    }

    private static Query insert(DSLContext db, Table<?> into, List<Field<?>> fields) {
        return db.insertInto(into, fields).values(Collections.nCopies(fields.size(), null));
    }

    private static Query updateByGuid(DSLContext db, Table<?> what, List<Field<?>> fields) {
        Map<Field<?>, @Nullable Object> parameters = new LinkedHashMap<>();
        fields.forEach(field -> parameters.put(field, null));
        return db.update(what).set(parameters).where(GUID.eq(""));
    }

    private static <R> void run(
            DSLContext db,
            Query statement,
            Collection<RouteChange<R>> changes,
            Function<StoredRoute<R>, @Nullable Object[]> parameters) {
        if (!changes.isEmpty()) {
            db.batch(statement)
                    .bind(changes.stream()
                            .map(change -> parameters.apply(change.row()))
                            .toArray(Object[][]::new))
                    .execute();
        }
    }

    abstract List<Field<?>> allFields();

    abstract StoredRoute<R> read(Record row);

    /** For {@link #allFields}. */
    abstract @Nullable Object[] allValues(StoredRoute<R> row, Instant now);

    /** What can change in the life of a row. */
    abstract List<Field<?>> changingFields();

    /** For {@link #changingFields}, then the row's guid. */
    abstract @Nullable Object[] changingValues(StoredRoute<R> row, Instant now);

    static String text(Record row, Field<String> field) {
        @Nullable String value = row.get(field);
        return value == null ? "" : value;
    }

    static int number(Record row, Field<Integer> field) {
        @Nullable Integer value = row.get(field);
        return value == null ? 0 : value;
    }

    static ModificationTag tag(Record row) {
        @Nullable Long index = row.get(MODIFICATION_INDEX);
        return new ModificationTag(text(row, MODIFICATION_GUID), index == null ? 0 : index);
    }
}
