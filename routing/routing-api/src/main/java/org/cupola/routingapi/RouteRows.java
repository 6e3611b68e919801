package org.cupola.routingapi;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.routingapi.RouteChange.Kind;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.exception.DataAccessException;
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
        Map<String, StoredRoute<R>> inserts = new LinkedHashMap<>();
        Map<String, StoredRoute<R>> updates = new LinkedHashMap<>();
        Set<String> deletes = new LinkedHashSet<>();
        for (RouteChange<R> change : changes) {
            String guid = change.row().rowGuid();
            if (change.kind().removes()) {
                deletes.add(guid);
            } else if (change.kind() == Kind.CREATED || inserts.containsKey(guid)) {
                inserts.put(
                        guid, change.row()); // created and then changed in one request: only its last state is stored
            } else {
                updates.put(guid, change.row());
            }
        }
        run(db, insert(db, table, allFields()), inserts.values(), row -> allValues(row, now));
        run(db, updateByGuid(db, table, changingFields()), updates.values(), row -> changingValues(row, now));
        delete(db, deletes);
    }

    void delete(DSLContext db, Collection<String> rowGuids) {
        run(db, db.deleteFrom(table).where(GUID.eq("")), rowGuids, guid -> new Object[] {guid});
    }

    private static Query insert(DSLContext db, Table<?> into, List<Field<?>> fields) {
        return db.insertInto(into, fields).values(Collections.nCopies(fields.size(), null));
    }

    private static Query updateByGuid(DSLContext db, Table<?> what, List<Field<?>> fields) {
        Map<Field<?>, @Nullable Object> parameters = new LinkedHashMap<>();
        fields.forEach(field -> parameters.put(field, null));
        return db.update(what).set(parameters).where(GUID.eq(""));
    }

    /** Once for each item, with parameters bound by JDBC itself: with jOOQ that was a third of all work for a write. */
    private static <T> void run(
            DSLContext db, Query statement, Collection<T> items, Function<T, @Nullable Object[]> parameters) {
        if (items.isEmpty()) {
            return;
        }
        String sql = statement.getSQL();
        db.connection(connection -> {
            try (PreparedStatement prepared = connection.prepareStatement(sql)) {
                for (T item : items) {
                    @Nullable Object[] values = parameters.apply(item);
                    for (int i = 0; i < values.length; i++) {
                        prepared.setObject(i + 1, values[i]);
                    }
                    prepared.addBatch();
                }
                prepared.executeBatch();
            } catch (SQLException e) {
                throw new DataAccessException("SQL [" + sql + "]; " + e.getMessage(), e);
            }
        });
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
