package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.CREATED_AT;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.STATE;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.List;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Jobs, as stored. Blocking; any thread. */
final class JobRepository {
    static final Table<?> JOBS = Columns.table("jobs");
    static final Field<String> OPERATION = guid("operation");
    static final Field<String> RESOURCE_TYPE = guid("resource_type");
    static final Field<String> RESOURCE_GUID = guid("resource_guid");
    static final Field<String> ERRORS = text("errors");
    static final Field<String> WARNINGS = text("warnings");

    final ResourceTable<Job> table = new ResourceTable<>(JOBS, JobRepository::toJob);

    void insert(DSLContext dsl, Job job) {
        table.insert(dsl, job.stamp())
                .set(OPERATION, job.operation())
                .set(STATE, job.state())
                .set(RESOURCE_TYPE, job.resourceType())
                .set(RESOURCE_GUID, job.resourceGuid())
                .execute();
    }

    void finish(DSLContext dsl, String guid, String state, List<ApiError> errors, List<String> warnings, long now) {
        table.update(dsl, now)
                .set(STATE, state)
                .set(ERRORS, Stored.errors(errors))
                .set(WARNINGS, Stored.list(warnings))
                .where(GUID.eq(guid))
                .execute();
    }

    /** Those that were under way when an earlier run of this Cloud Controller ended. */
    List<Job> unfinished(DSLContext dsl) {
        return table.all(dsl, STATE.eq(Job.PROCESSING));
    }

    void deleteOlderThan(DSLContext dsl, long micros) {
        table.delete(dsl, CREATED_AT.lt(micros));
    }

    private static Job toJob(Record row) {
        return new Job(
                ResourceTable.stamp(row),
                row.get(OPERATION),
                row.get(STATE),
                row.get(RESOURCE_TYPE),
                row.get(RESOURCE_GUID),
                Stored.errors(row.get(ERRORS)),
                Stored.list(row.get(WARNINGS)));
    }
}
