package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.CREATED_AT;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.UPDATED_AT;
import static org.cupola.cloudcontroller.Columns.flag;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.OrganizationRepository.ORGANIZATIONS;
import static org.cupola.cloudcontroller.OrganizationRepository.SUSPENDED;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Spaces, as stored, read together with what matters of their organization. Blocking; any thread. */
final class SpaceRepository {
    static final Table<?> SPACES = Columns.table("spaces");
    static final Field<Boolean> SSH_ALLOWED = flag("ssh_allowed");
    static final Field<String> QUOTA_GUID = guid("quota_guid");

    private static final Field<String> ORG_NAME = guid("org_name");
    private static final Field<Boolean> ORG_SUSPENDED = flag("org_suspended");
    private static final Table<?> ORGS = DSL.select(
                    GUID.as("org_guid"), NAME.as("org_name"), SUSPENDED.as("org_suspended"))
            .from(ORGANIZATIONS)
            .asTable("orgs");

    /** A derived table, so that conditions and orderings read as for any other resource. */
    private static final Table<?> WITH_ORGANIZATION = DSL.select(
                    GUID,
                    CREATED_AT,
                    UPDATED_AT,
                    NAME,
                    ORGANIZATION_GUID,
                    SSH_ALLOWED,
                    QUOTA_GUID,
                    ORG_NAME,
                    ORG_SUSPENDED)
            .from(SPACES)
            .join(ORGS)
            .on(ORGANIZATION_GUID.eq(guid("org_guid")))
            .asTable("spaces_with_organization");

    final ResourceTable<Space> table = new ResourceTable<>(WITH_ORGANIZATION, SpaceRepository::toSpace);
    private final ResourceTable<Space> stored = new ResourceTable<>(SPACES, SpaceRepository::toSpace);

    void insert(DSLContext dsl, Stamp stamp, String name, String organizationGuid) {
        stored.insert(dsl, stamp)
                .set(NAME, name)
                .set(ORGANIZATION_GUID, organizationGuid)
                .set(SSH_ALLOWED, true)
                .execute();
    }

    void rename(DSLContext dsl, String guid, String name, long now) {
        stored.update(dsl, now).set(NAME, name).where(GUID.eq(guid)).execute();
    }

    void allowSsh(DSLContext dsl, String guid, boolean allowed, long now) {
        stored.update(dsl, now).set(SSH_ALLOWED, allowed).where(GUID.eq(guid)).execute();
    }

    void setQuota(DSLContext dsl, String guid, @Nullable String quotaGuid, long now) {
        stored.update(dsl, now).set(QUOTA_GUID, quotaGuid).where(GUID.eq(guid)).execute();
    }

    void delete(DSLContext dsl, String guid) {
        stored.delete(dsl, GUID.eq(guid));
    }

    private static Space toSpace(Record row) {
        return new Space(
                ResourceTable.stamp(row),
                row.get(NAME),
                row.get(ORGANIZATION_GUID),
                row.get(ORG_NAME),
                row.get(ORG_SUSPENDED),
                row.get(SSH_ALLOWED),
                row.get(QUOTA_GUID));
    }
}
