package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.CREATED_AT;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.TYPE;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.function.Consumer;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Who did what to which; written in the transaction of the change itself. Blocking; any thread. */
final class AuditEvents {
    static final Table<?> EVENTS = Columns.table("audit_events");
    static final Field<String> ACTOR_GUID = guid("actor_guid");
    static final Field<String> ACTOR_TYPE = guid("actor_type");
    static final Field<String> ACTOR_NAME = guid("actor_name");
    static final Field<String> TARGET_GUID = guid("target_guid");
    static final Field<String> TARGET_TYPE = guid("target_type");
    static final Field<String> TARGET_NAME = guid("target_name");
    static final Field<String> DATA = text("event_data");

    final ResourceTable<Event> table = new ResourceTable<>(EVENTS, AuditEvents::toEvent);
    private final Stamps stamps;
    private volatile Consumer<Event> listener = event -> {};

    /** Someone or something an event speaks of. */
    record Party(String guid, String type, String name) {
        static Party of(Caller caller) {
            return new Party(caller.guid(), caller.equals(Caller.SYSTEM) ? "system" : "user", caller.name());
        }

        static Party of(App app) {
            return new Party(app.guid(), "app", app.name());
        }
    }

    /** One event; space and organization say who may see it. */
    record Event(
            Stamp stamp,
            String type,
            Party actor,
            Party target,
            ObjectNode data,
            @Nullable String spaceGuid,
            @Nullable String organizationGuid) {}

    AuditEvents(Stamps stamps) {
        this.stamps = stamps;
    }

    /** Told of each event as it is written, in its transaction and on its thread; must neither block nor throw. */
    void onRecord(Consumer<Event> told) {
        listener = told;
    }

    void record(DSLContext dsl, Caller caller, String type, Party target, Space space) {
        record(dsl, Party.of(caller), type, target, Docs.object(), space.guid(), space.organizationGuid());
    }

    void record(DSLContext dsl, Caller caller, String type, Party target, Space space, ObjectNode data) {
        record(dsl, Party.of(caller), type, target, data, space.guid(), space.organizationGuid());
    }

    void record(
            DSLContext dsl,
            Party actor,
            String type,
            Party target,
            ObjectNode data,
            @Nullable String spaceGuid,
            @Nullable String organizationGuid) {
        Stamp stamp = stamps.create();
        table.insert(dsl, stamp)
                .set(TYPE, type)
                .set(ACTOR_GUID, actor.guid())
                .set(ACTOR_TYPE, actor.type())
                .set(ACTOR_NAME, actor.name())
                .set(TARGET_GUID, target.guid())
                .set(TARGET_TYPE, target.type())
                .set(TARGET_NAME, target.name())
                .set(DATA, data.toString())
                .set(SPACE_GUID, spaceGuid)
                .set(ORGANIZATION_GUID, organizationGuid)
                .execute();
        listener.accept(new Event(stamp, type, actor, target, data, spaceGuid, organizationGuid));
    }

    void deleteOlderThan(DSLContext dsl, long micros) {
        table.delete(dsl, CREATED_AT.lt(micros));
    }

    private static Event toEvent(Record row) {
        return new Event(
                ResourceTable.stamp(row),
                row.get(TYPE),
                new Party(row.get(ACTOR_GUID), row.get(ACTOR_TYPE), row.get(ACTOR_NAME)),
                new Party(row.get(TARGET_GUID), row.get(TARGET_TYPE), row.get(TARGET_NAME)),
                Docs.parse(row.get(DATA)),
                row.get(SPACE_GUID),
                row.get(ORGANIZATION_GUID));
    }
}
