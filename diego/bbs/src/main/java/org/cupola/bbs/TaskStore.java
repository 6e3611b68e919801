package org.cupola.bbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskDefinition;
import org.cupola.protocol.bbs.proto.TasksRequest;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** The rows of tasks. Runs in the caller's transaction; a row whose definition cannot be decoded is a {@link Refusal}. */
final class TaskStore {
    static final Table<?> TASKS = DSL.table("tasks");
    static final Field<String> GUID = DSL.field("guid", SQLDataType.VARCHAR(255));
    static final Field<String> TASK_DEFINITION = DSL.field("task_definition", SQLDataType.CLOB);

    private static final Field<String> DOMAIN = DSL.field(DSL.name("domain"), SQLDataType.VARCHAR(255));
    private static final Field<Long> UPDATED_AT = DSL.field("updated_at", SQLDataType.BIGINT);
    private static final Field<Long> CREATED_AT = DSL.field("created_at", SQLDataType.BIGINT);
    private static final Field<Long> FIRST_COMPLETED_AT = DSL.field("first_completed_at", SQLDataType.BIGINT);
    private static final Field<Integer> STATE = DSL.field("state", SQLDataType.INTEGER);
    private static final Field<String> CELL_ID = DSL.field("cell_id", SQLDataType.VARCHAR(255));
    private static final Field<String> RESULT = DSL.field(DSL.name("result"), SQLDataType.CLOB);
    private static final Field<Boolean> FAILED = DSL.field("failed", SQLDataType.BOOLEAN);
    private static final Field<String> FAILURE_REASON = DSL.field("failure_reason", SQLDataType.VARCHAR(1024));
    private static final Field<Integer> REJECTION_COUNT = DSL.field("rejection_count", SQLDataType.INTEGER);
    private static final Field<String> REJECTION_REASON = DSL.field("rejection_reason", SQLDataType.VARCHAR(1024));
    private static final int MAX_NAME = 255;

    private final RecordCodec codec;

    TaskStore(RecordCodec codec) {
        this.codec = codec;
    }

    void insert(DSLContext dsl, Task task) {
        if (task.getTaskGuid().length() > MAX_NAME || task.getDomain().length() > MAX_NAME) {
            throw Refusal.badRequest();
        }
        dsl.insertInto(TASKS)
                .set(GUID, task.getTaskGuid())
                .set(DOMAIN, task.getDomain())
                .set(CREATED_AT, task.getCreatedAt())
                .set(UPDATED_AT, task.getUpdatedAt())
                .set(FIRST_COMPLETED_AT, task.getFirstCompletedAt())
                .set(STATE, task.getStateValue())
                .set(RESULT, task.getResult())
                .set(TASK_DEFINITION, codec.protobuf(task.getTaskDefinition()))
                .execute();
    }

    /** Writes all but what never changes: guid, domain, definition and the time of creation. */
    void update(DSLContext dsl, Task task) {
        dsl.update(TASKS)
                .set(UPDATED_AT, task.getUpdatedAt())
                .set(FIRST_COMPLETED_AT, task.getFirstCompletedAt())
                .set(STATE, task.getStateValue())
                .set(CELL_ID, task.getCellId())
                .set(RESULT, task.getResult())
                .set(FAILED, task.getFailed())
                .set(FAILURE_REASON, task.getFailureReason())
                .set(REJECTION_COUNT, task.getRejectionCount())
                .set(REJECTION_REASON, task.getRejectionReason())
                .where(GUID.eq(task.getTaskGuid()))
                .execute();
    }

    void delete(DSLContext dsl, String guid) {
        dsl.deleteFrom(TASKS).where(GUID.eq(guid)).execute();
    }

    Optional<Task> find(DSLContext dsl, String guid) {
        return dsl.select(columns()).from(TASKS).where(GUID.eq(guid)).fetchOptional(this::toTask);
    }

    Task forUpdate(DSLContext dsl, String guid) {
        var query = dsl.select(columns()).from(TASKS).where(GUID.eq(guid));
        var locking = dsl.dialect() == SQLDialect.SQLITE ? query : query.forUpdate();
        return locking.fetchOptional(this::toTask).orElseThrow(Refusal::notFound);
    }

    List<Task> list(DSLContext dsl, TasksRequest filter) {
        List<Condition> conditions = new ArrayList<>();
        if (!filter.getDomain().isEmpty()) {
            conditions.add(DOMAIN.eq(filter.getDomain()));
        }
        if (!filter.getCellId().isEmpty()) {
            conditions.add(CELL_ID.eq(filter.getCellId()));
        }
        return dsl.select(columns()).from(TASKS).where(conditions).orderBy(GUID).fetch(this::toTask);
    }

    /** For convergence: the tasks that can be decoded, and the guids of those that cannot. */
    Inventory inventory(DSLContext dsl) {
        List<Task> tasks = new ArrayList<>();
        List<String> undecodable = new ArrayList<>();
        for (Record row : dsl.select(columns()).from(TASKS).fetch()) {
            try {
                tasks.add(toTask(row));
            } catch (Refusal e) {
                undecodable.add(row.get(GUID));
            }
        }
        return new Inventory(List.copyOf(tasks), List.copyOf(undecodable));
    }

    record Inventory(List<Task> tasks, List<String> undecodable) {}

    private static List<Field<?>> columns() {
        return List.of(
                GUID,
                DOMAIN,
                UPDATED_AT,
                CREATED_AT,
                FIRST_COMPLETED_AT,
                STATE,
                CELL_ID,
                RESULT,
                FAILED,
                FAILURE_REASON,
                TASK_DEFINITION,
                REJECTION_COUNT,
                REJECTION_REASON);
    }

    private Task toTask(Record row) {
        String result = row.get(RESULT);
        return Task.newBuilder()
                .setTaskDefinition(codec.protobuf(row.get(TASK_DEFINITION), TaskDefinition.parser()))
                .setTaskGuid(row.get(GUID))
                .setDomain(row.get(DOMAIN))
                .setCreatedAt(orZero(row.get(CREATED_AT)))
                .setUpdatedAt(orZero(row.get(UPDATED_AT)))
                .setFirstCompletedAt(orZero(row.get(FIRST_COMPLETED_AT)))
                .setStateValue(row.get(STATE))
                .setCellId(row.get(CELL_ID))
                .setResult(result == null ? "" : result)
                .setFailed(Boolean.TRUE.equals(row.get(FAILED)))
                .setFailureReason(row.get(FAILURE_REASON))
                .setRejectionCount(row.get(REJECTION_COUNT))
                .setRejectionReason(row.get(REJECTION_REASON))
                .build();
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }
}
