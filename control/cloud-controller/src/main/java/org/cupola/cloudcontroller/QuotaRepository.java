package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.text;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import tools.jackson.databind.node.ObjectNode;

/** Quotas of organizations and of spaces; the limits are kept as the API writes them. Blocking; any thread. */
final class QuotaRepository {
    static final Table<?> ORGANIZATION_QUOTAS = Columns.table("organization_quotas");
    static final Table<?> SPACE_QUOTAS = Columns.table("space_quotas");
    static final Field<String> LIMITS = text("limits");

    final ResourceTable<Quota> ofOrganizations = new ResourceTable<>(ORGANIZATION_QUOTAS, row -> toQuota(row, ""));
    final ResourceTable<Quota> ofSpaces =
            new ResourceTable<>(SPACE_QUOTAS, row -> toQuota(row, row.get(ORGANIZATION_GUID)));

    void insertOfOrganization(DSLContext dsl, Quota quota) {
        ofOrganizations
                .insert(dsl, quota.stamp())
                .set(NAME, quota.name())
                .set(LIMITS, quota.limits().toString())
                .execute();
    }

    void insertOfSpace(DSLContext dsl, Quota quota) {
        ofSpaces.insert(dsl, quota.stamp())
                .set(NAME, quota.name())
                .set(ORGANIZATION_GUID, quota.organizationGuid())
                .set(LIMITS, quota.limits().toString())
                .execute();
    }

    void update(DSLContext dsl, ResourceTable<Quota> table, String guid, String name, ObjectNode limits, long now) {
        table.update(dsl, now)
                .set(NAME, name)
                .set(LIMITS, limits.toString())
                .where(Columns.GUID.eq(guid))
                .execute();
    }

    private static Quota toQuota(Record row, String organizationGuid) {
        return new Quota(ResourceTable.stamp(row), row.get(NAME), organizationGuid, Docs.parse(row.get(LIMITS)));
    }
}
