package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.CREATED_AT;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.UPDATED_AT;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.InsertSetMoreStep;
import org.jooq.Record;
import org.jooq.RecordMapper;
import org.jooq.Table;
import org.jooq.UpdateSetMoreStep;
import org.jooq.impl.DSL;

/**
 * What all repositories do alike with their table: find, page, stamp, delete. Blocking; any thread.
 *
 * @param <R> the record a row becomes
 */
final class ResourceTable<R> {
    private final Table<?> table;
    private final RecordMapper<Record, R> mapper;

    ResourceTable(Table<?> table, RecordMapper<Record, R> mapper) {
        this.table = table;
        this.mapper = mapper;
    }

    Table<?> table() {
        return table;
    }

    Optional<R> find(DSLContext dsl, String guid) {
        return findWhere(dsl, GUID.eq(guid));
    }

    /** The oldest row that fits. */
    Optional<R> findWhere(DSLContext dsl, Condition where) {
        return dsl.selectFrom(table).where(where).orderBy(CREATED_AT, GUID).limit(1).fetch().map(mapper).stream()
                .findFirst();
    }

    /** The youngest row that fits. */
    Optional<R> newestWhere(DSLContext dsl, Condition where) {
        return dsl
                .selectFrom(table)
                .where(where)
                .orderBy(CREATED_AT.desc(), GUID.desc())
                .limit(1)
                .fetch()
                .map(mapper)
                .stream()
                .findFirst();
    }

    /** Oldest first. */
    List<R> all(DSLContext dsl, Condition where) {
        return dsl.selectFrom(table)
                .where(where)
                .orderBy(CREATED_AT, GUID)
                .fetch()
                .map(mapper);
    }

    List<R> all(DSLContext dsl, Collection<String> guids) {
        return guids.isEmpty() ? List.of() : all(dsl, GUID.in(guids));
    }

    boolean exists(DSLContext dsl, Condition where) {
        return dsl.fetchExists(dsl.selectOne().from(table).where(where));
    }

    int count(DSLContext dsl, Condition where) {
        return dsl.fetchCount(dsl.selectOne().from(table).where(where));
    }

    Page<R> page(DSLContext dsl, Condition where, ListQuery query) {
        int total = count(dsl, where);
        List<R> items = dsl.selectFrom(table)
                .where(where)
                .orderBy(query.ordering())
                .limit(query.perPage())
                .offset((long) (query.page() - 1) * query.perPage())
                .fetch()
                .map(mapper);
        return new Page<>(total, items);
    }

    InsertSetMoreStep<?> insert(DSLContext dsl, Stamp stamp) {
        return dsl.insertInto(table)
                .set(GUID, stamp.guid())
                .set(CREATED_AT, stamp.createdAt())
                .set(UPDATED_AT, stamp.updatedAt());
    }

    /** An update that also sets {@code updated_at}; the caller adds the condition. */
    UpdateSetMoreStep<?> update(DSLContext dsl, long now) {
        return dsl.update(table).set(UPDATED_AT, now);
    }

    void delete(DSLContext dsl, Condition where) {
        dsl.deleteFrom(table).where(where).execute();
    }

    /** As a subquery, for conditions on other tables. */
    Condition refersTo(Field<String> foreignGuid, Condition where) {
        return foreignGuid.in(DSL.select(GUID).from(table).where(where));
    }

    static Stamp stamp(Record row) {
        return new Stamp(row.get(GUID), row.get(CREATED_AT), row.get(UPDATED_AT));
    }
}
