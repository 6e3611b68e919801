package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.ERROR;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.integer;
import static org.cupola.cloudcontroller.Columns.number;
import static org.cupola.cloudcontroller.Columns.text;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Builds, as stored. Blocking; any thread. */
final class BuildRepository {
    static final Table<?> BUILDS = Columns.table("builds");
    static final Field<String> PACKAGE_GUID = guid("package_guid");
    static final Field<String> DROPLET_GUID = guid("droplet_guid");
    static final Field<String> LIFECYCLE = text("lifecycle");
    static final Field<Integer> MEMORY_MB = integer("memory_mb");
    static final Field<Integer> DISK_MB = integer("disk_mb");
    static final Field<Long> LOG_RATE = number("log_rate");
    static final Field<String> CREATED_BY_GUID = guid("created_by_guid");
    static final Field<String> CREATED_BY_NAME = guid("created_by_name");
    static final Field<String> CREATED_BY_EMAIL = guid("created_by_email");

    final ResourceTable<Build> table = new ResourceTable<>(BUILDS, BuildRepository::toBuild);

    void insert(DSLContext dsl, Build build) {
        table.insert(dsl, build.stamp())
                .set(APP_GUID, build.appGuid())
                .set(PACKAGE_GUID, build.packageGuid())
                .set(STATE, build.state())
                .set(LIFECYCLE, Stored.lifecycle(build.lifecycle()))
                .set(MEMORY_MB, build.memoryMb())
                .set(DISK_MB, build.diskMb())
                .set(LOG_RATE, build.logRate())
                .set(CREATED_BY_GUID, build.createdByGuid())
                .set(CREATED_BY_NAME, build.createdByName())
                .set(CREATED_BY_EMAIL, build.createdByEmail())
                .execute();
    }

    void staged(DSLContext dsl, String guid, String dropletGuid, long now) {
        table.update(dsl, now)
                .set(STATE, Build.STAGED)
                .set(DROPLET_GUID, dropletGuid)
                .where(GUID.eq(guid), STATE.eq(Build.STAGING))
                .execute();
    }

    void failed(DSLContext dsl, String guid, String error, long now) {
        table.update(dsl, now)
                .set(STATE, Build.FAILED)
                .set(ERROR, error)
                .where(GUID.eq(guid), STATE.eq(Build.STAGING))
                .execute();
    }

    private static Build toBuild(Record row) {
        return new Build(
                ResourceTable.stamp(row),
                row.get(APP_GUID),
                row.get(PACKAGE_GUID),
                row.get(STATE),
                row.get(ERROR),
                row.get(DROPLET_GUID),
                Stored.lifecycle(row.get(LIFECYCLE)),
                row.get(MEMORY_MB),
                row.get(DISK_MB),
                row.get(LOG_RATE),
                row.get(CREATED_BY_GUID),
                row.get(CREATED_BY_NAME),
                row.get(CREATED_BY_EMAIL));
    }
}
