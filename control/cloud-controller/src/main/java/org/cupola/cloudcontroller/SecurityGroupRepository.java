package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.flag;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.text;

import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import tools.jackson.databind.node.ArrayNode;

/** Security groups and the spaces they are bound to, for running and for staging. Blocking; any thread. */
final class SecurityGroupRepository {
    static final Table<?> SECURITY_GROUPS = Columns.table("security_groups");
    static final Table<?> SPACES = Columns.table("security_group_spaces");
    static final Field<String> GROUP_GUID = guid("security_group_guid");
    static final Field<String> LIFECYCLE = guid("lifecycle");
    static final Field<String> RULES = text("rules");
    static final Field<Boolean> RUNNING = flag("running_default");
    static final Field<Boolean> STAGING = flag("staging_default");

    final ResourceTable<SecurityGroup> table = new ResourceTable<>(SECURITY_GROUPS, SecurityGroupRepository::toGroup);

    /** A named list of egress rules; running and staging say where it holds globally. */
    record SecurityGroup(Stamp stamp, String name, ArrayNode rules, boolean running, boolean staging) {
        String guid() {
            return stamp.guid();
        }
    }

    void insert(DSLContext dsl, SecurityGroup group) {
        table.insert(dsl, group.stamp())
                .set(NAME, group.name())
                .set(RULES, group.rules().toString())
                .set(RUNNING, group.running())
                .set(STAGING, group.staging())
                .execute();
    }

    void update(DSLContext dsl, SecurityGroup group, long now) {
        table.update(dsl, now)
                .set(NAME, group.name())
                .set(RULES, group.rules().toString())
                .set(RUNNING, group.running())
                .set(STAGING, group.staging())
                .where(GUID.eq(group.guid()))
                .execute();
    }

    void delete(DSLContext dsl, String guid) {
        dsl.deleteFrom(SPACES).where(GROUP_GUID.eq(guid)).execute();
        table.delete(dsl, GUID.eq(guid));
    }

    /** @param lifecycle {@code running} or {@code staging} */
    List<String> spacesOf(DSLContext dsl, String guid, String lifecycle) {
        return dsl.select(SPACE_GUID)
                .from(SPACES)
                .where(GROUP_GUID.eq(guid), LIFECYCLE.eq(lifecycle))
                .fetch(SPACE_GUID);
    }

    void bind(DSLContext dsl, String guid, String spaceGuid, String lifecycle) {
        if (!spacesOf(dsl, guid, lifecycle).contains(spaceGuid)) {
            dsl.insertInto(SPACES)
                    .set(GROUP_GUID, guid)
                    .set(SPACE_GUID, spaceGuid)
                    .set(LIFECYCLE, lifecycle)
                    .execute();
        }
    }

    boolean unbind(DSLContext dsl, String guid, String spaceGuid, String lifecycle) {
        return dsl.deleteFrom(SPACES)
                        .where(GROUP_GUID.eq(guid), SPACE_GUID.eq(spaceGuid), LIFECYCLE.eq(lifecycle))
                        .execute()
                > 0;
    }

    /** Those that hold in the space, globally or by binding. */
    static Condition holdsIn(String spaceGuid, String lifecycle) {
        return (lifecycle.equals("running") ? RUNNING : STAGING).eq(true).or(boundTo(List.of(spaceGuid), lifecycle));
    }

    static Condition boundTo(List<String> spaceGuids, String lifecycle) {
        return GUID.in(DSL.select(GROUP_GUID).from(SPACES).where(SPACE_GUID.in(spaceGuids), LIFECYCLE.eq(lifecycle)));
    }

    private static SecurityGroup toGroup(Record row) {
        return new SecurityGroup(
                ResourceTable.stamp(row),
                row.get(NAME),
                Docs.parseArray(row.get(RULES)),
                row.get(RUNNING),
                row.get(STAGING));
    }
}
