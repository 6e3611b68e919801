package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.flag;
import static org.cupola.cloudcontroller.Columns.guid;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/** Organizations, as stored. Blocking; any thread. */
final class OrganizationRepository {
    static final Table<?> ORGANIZATIONS = Columns.table("organizations");
    static final Field<Boolean> SUSPENDED = flag("suspended");
    static final Field<String> QUOTA_GUID = guid("quota_guid");

    final ResourceTable<Organization> table =
            new ResourceTable<>(ORGANIZATIONS, OrganizationRepository::toOrganization);

    void insert(DSLContext dsl, Organization organization) {
        table.insert(dsl, organization.stamp())
                .set(NAME, organization.name())
                .set(SUSPENDED, organization.suspended())
                .set(QUOTA_GUID, organization.quotaGuid())
                .execute();
    }

    void update(DSLContext dsl, Organization organization, long now) {
        table.update(dsl, now)
                .set(NAME, organization.name())
                .set(SUSPENDED, organization.suspended())
                .set(QUOTA_GUID, organization.quotaGuid())
                .where(GUID.eq(organization.guid()))
                .execute();
    }

    private static Organization toOrganization(Record row) {
        return new Organization(ResourceTable.stamp(row), row.get(NAME), row.get(SUSPENDED), row.get(QUOTA_GUID));
    }
}
