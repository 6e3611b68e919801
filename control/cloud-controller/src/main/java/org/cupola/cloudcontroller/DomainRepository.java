package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.flag;
import static org.cupola.cloudcontroller.Columns.guid;

import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Domains and with which organizations they are shared. Blocking; any thread. */
final class DomainRepository {
    static final Table<?> DOMAINS = Columns.table("domains");
    static final Table<?> SHARES = Columns.table("domain_shares");
    static final Field<String> DOMAIN_GUID = guid("domain_guid");
    static final Field<Boolean> INTERNAL = flag("internal");
    static final Field<String> ROUTER_GROUP_GUID = guid("router_group_guid");

    final ResourceTable<Domain> table = new ResourceTable<>(DOMAINS, DomainRepository::toDomain);

    void insert(DSLContext dsl, Domain domain) {
        table.insert(dsl, domain.stamp())
                .set(NAME, domain.name())
                .set(INTERNAL, domain.internal())
                .set(ROUTER_GROUP_GUID, domain.routerGroupGuid())
                .set(ORGANIZATION_GUID, domain.organizationGuid())
                .execute();
    }

    void delete(DSLContext dsl, String guid) {
        dsl.deleteFrom(SHARES).where(DOMAIN_GUID.eq(guid)).execute();
        table.delete(dsl, GUID.eq(guid));
    }

    Optional<Domain> named(DSLContext dsl, String name) {
        return table.findWhere(dsl, NAME.eq(name));
    }

    /** Shared with everyone, owned by the organization or shared with it. */
    static Condition usableIn(String organizationGuid) {
        return ORGANIZATION_GUID
                .isNull()
                .or(ORGANIZATION_GUID.eq(organizationGuid))
                .or(GUID.in(DSL.select(DOMAIN_GUID).from(SHARES).where(ORGANIZATION_GUID.eq(organizationGuid))));
    }

    boolean usableIn(DSLContext dsl, Domain domain, String organizationGuid) {
        return domain.shared()
                || organizationGuid.equals(domain.organizationGuid())
                || sharedWith(dsl, domain.guid()).contains(organizationGuid);
    }

    /** Where a route goes that names no domain: the oldest shared HTTP one, else the organization's first own. */
    Optional<Domain> defaultOf(DSLContext dsl, String organizationGuid) {
        Condition http = INTERNAL.eq(false).and(ROUTER_GROUP_GUID.isNull());
        return table.findWhere(dsl, http.and(ORGANIZATION_GUID.isNull()))
                .or(() -> table.findWhere(dsl, http.and(ORGANIZATION_GUID.eq(organizationGuid))));
    }

    List<String> sharedWith(DSLContext dsl, String domainGuid) {
        return dsl.select(ORGANIZATION_GUID)
                .from(SHARES)
                .where(DOMAIN_GUID.eq(domainGuid))
                .fetch(ORGANIZATION_GUID);
    }

    void share(DSLContext dsl, String domainGuid, String organizationGuid) {
        if (!sharedWith(dsl, domainGuid).contains(organizationGuid)) {
            dsl.insertInto(SHARES)
                    .set(DOMAIN_GUID, domainGuid)
                    .set(ORGANIZATION_GUID, organizationGuid)
                    .execute();
        }
    }

    void unshare(DSLContext dsl, String domainGuid, String organizationGuid) {
        dsl.deleteFrom(SHARES)
                .where(DOMAIN_GUID.eq(domainGuid), ORGANIZATION_GUID.eq(organizationGuid))
                .execute();
    }

    static Domain toDomain(Record row) {
        return new Domain(
                ResourceTable.stamp(row),
                row.get(NAME),
                row.get(INTERNAL),
                row.get(ROUTER_GROUP_GUID),
                row.get(ORGANIZATION_GUID));
    }
}
