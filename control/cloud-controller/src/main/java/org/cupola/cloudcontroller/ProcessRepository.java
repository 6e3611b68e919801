package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.TYPE;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.integer;
import static org.cupola.cloudcontroller.Columns.number;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Processes, as stored. Blocking; any thread. */
final class ProcessRepository {
    static final Table<?> PROCESSES = Columns.table("processes");
    static final Field<String> VERSION = guid("version");
    static final Field<String> COMMAND = text("command");
    static final Field<String> USER = guid("run_user");
    static final Field<Integer> INSTANCES = integer("instances");
    static final Field<Integer> MEMORY_MB = integer("memory_mb");
    static final Field<Integer> DISK_MB = integer("disk_mb");
    static final Field<Long> LOG_RATE = number("log_rate");
    static final Field<String> HEALTH_CHECK = text("health_check");
    static final Field<String> READINESS_CHECK = text("readiness_check");

    final ResourceTable<ProcessRow> table = new ResourceTable<>(PROCESSES, ProcessRepository::toProcess);

    void insert(DSLContext dsl, ProcessRow process) {
        table.insert(dsl, process.stamp())
                .set(APP_GUID, process.appGuid())
                .set(TYPE, process.type())
                .set(VERSION, process.version())
                .set(COMMAND, process.command())
                .set(USER, process.user())
                .set(INSTANCES, process.instances())
                .set(MEMORY_MB, process.memoryMb())
                .set(DISK_MB, process.diskMb())
                .set(LOG_RATE, process.logRate())
                .set(HEALTH_CHECK, Stored.healthCheck(process.healthCheck()))
                .set(READINESS_CHECK, Stored.healthCheck(process.readinessCheck()))
                .execute();
    }

    /** Writes everything but identity; {@code updated_at} becomes {@code now}, which the BBS gets as annotation. */
    void update(DSLContext dsl, ProcessRow process, long now) {
        table.update(dsl, now)
                .set(TYPE, process.type())
                .set(VERSION, process.version())
                .set(COMMAND, process.command())
                .set(USER, process.user())
                .set(INSTANCES, process.instances())
                .set(MEMORY_MB, process.memoryMb())
                .set(DISK_MB, process.diskMb())
                .set(LOG_RATE, process.logRate())
                .set(HEALTH_CHECK, Stored.healthCheck(process.healthCheck()))
                .set(READINESS_CHECK, Stored.healthCheck(process.readinessCheck()))
                .where(GUID.eq(process.guid()))
                .execute();
    }

    void setVersion(DSLContext dsl, String guid, String version, long now) {
        table.update(dsl, now).set(VERSION, version).where(GUID.eq(guid)).execute();
    }

    /** Lets the synchronization see that something about the process changed, such as its routes. */
    void touch(DSLContext dsl, String appGuid, String type, long now) {
        table.update(dsl, now)
                .set(TYPE, type)
                .where(APP_GUID.eq(appGuid), TYPE.eq(type))
                .execute();
    }

    List<ProcessRow> ofApp(DSLContext dsl, String appGuid) {
        return table.all(dsl, APP_GUID.eq(appGuid));
    }

    /** The process of that type; while a deployment runs there are two of type web, and the newest is meant. */
    Optional<ProcessRow> ofApp(DSLContext dsl, String appGuid, String type) {
        return table.newestWhere(dsl, APP_GUID.eq(appGuid).and(TYPE.eq(type)));
    }

    static ProcessRow toProcess(Record row) {
        return new ProcessRow(
                ResourceTable.stamp(row),
                row.get(APP_GUID),
                row.get(TYPE),
                row.get(VERSION),
                row.get(COMMAND),
                row.get(USER),
                row.get(INSTANCES),
                row.get(MEMORY_MB),
                row.get(DISK_MB),
                row.get(LOG_RATE),
                Stored.healthCheck(row.get(HEALTH_CHECK)),
                Stored.healthCheck(row.get(READINESS_CHECK)));
    }
}
