package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.integer;
import static org.cupola.cloudcontroller.Columns.number;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.Collection;
import java.util.List;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Tasks, as stored. Blocking; any thread. */
final class TaskRepository {
    static final Table<?> TASKS = Columns.table("tasks");
    static final Field<String> DROPLET_GUID = guid("droplet_guid");
    static final Field<Integer> SEQUENCE_ID = integer("sequence_id");
    static final Field<String> COMMAND = text("command");
    static final Field<String> USER = guid("run_user");
    static final Field<Integer> MEMORY_MB = integer("memory_mb");
    static final Field<Integer> DISK_MB = integer("disk_mb");
    static final Field<Long> LOG_RATE = number("log_rate");
    static final Field<String> FAILURE_REASON = text("failure_reason");

    final ResourceTable<AppTask> table = new ResourceTable<>(TASKS, TaskRepository::toTask);

    void insert(DSLContext dsl, AppTask task) {
        table.insert(dsl, task.stamp())
                .set(APP_GUID, task.appGuid())
                .set(DROPLET_GUID, task.dropletGuid())
                .set(SEQUENCE_ID, task.sequenceId())
                .set(NAME, task.name())
                .set(COMMAND, task.command())
                .set(USER, task.user())
                .set(STATE, task.state().name())
                .set(MEMORY_MB, task.memoryMb())
                .set(DISK_MB, task.diskMb())
                .set(LOG_RATE, task.logRate())
                .execute();
    }

    int nextSequenceId(DSLContext dsl, String appGuid) {
        Integer last = dsl.select(DSL.max(SEQUENCE_ID))
                .from(TASKS)
                .where(APP_GUID.eq(appGuid))
                .fetchOne(0, Integer.class);
        return last == null ? 1 : last + 1;
    }

    /** Moves it on from one of these states; false when it is in another. */
    boolean advance(
            DSLContext dsl,
            String guid,
            Collection<AppTask.State> from,
            AppTask.State to,
            @Nullable String failureReason,
            long now) {
        return table.update(dsl, now)
                        .set(STATE, to.name())
                        .set(FAILURE_REASON, failureReason)
                        .where(
                                GUID.eq(guid),
                                STATE.in(from.stream().map(Enum::name).toList()))
                        .execute()
                == 1;
    }

    List<AppTask> unfinished(DSLContext dsl) {
        return table.all(
                dsl,
                STATE.in(AppTask.State.PENDING.name(), AppTask.State.RUNNING.name(), AppTask.State.CANCELING.name()));
    }

    private static AppTask toTask(Record row) {
        return new AppTask(
                ResourceTable.stamp(row),
                row.get(APP_GUID),
                row.get(DROPLET_GUID),
                row.get(SEQUENCE_ID),
                row.get(NAME),
                row.get(COMMAND),
                row.get(USER),
                AppTask.State.valueOf(row.get(STATE)),
                row.get(MEMORY_MB),
                row.get(DISK_MB),
                row.get(LOG_RATE),
                row.get(FAILURE_REASON));
    }
}
