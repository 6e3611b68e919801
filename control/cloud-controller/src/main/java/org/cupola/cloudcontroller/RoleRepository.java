package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.TYPE;
import static org.cupola.cloudcontroller.Columns.guid;

import java.util.Collection;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record1;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Who is what where. Blocking; any thread. */
final class RoleRepository {
    static final Table<?> ROLES = Columns.table("roles");
    static final Field<String> USER_GUID = guid("user_guid");

    final ResourceTable<Role> table = new ResourceTable<>(ROLES, RoleRepository::toRole);

    void insert(DSLContext dsl, Role role) {
        table.insert(dsl, role.stamp())
                .set(TYPE, role.type().wire())
                .set(USER_GUID, role.userGuid())
                .set(ORGANIZATION_GUID, role.organizationGuid())
                .set(SPACE_GUID, role.spaceGuid())
                .execute();
    }

    List<Role> ofUser(DSLContext dsl, String userGuid) {
        return table.all(dsl, USER_GUID.eq(userGuid));
    }

    /** The spaces in which the user has one of these roles, as a subquery. */
    static Select<Record1<String>> spacesOf(String userGuid, Collection<RoleType> types) {
        return DSL.select(SPACE_GUID).from(ROLES).where(held(userGuid, types));
    }

    /** The organizations in which the user has one of these roles, as a subquery. */
    static Select<Record1<String>> organizationsOf(String userGuid, Collection<RoleType> types) {
        return DSL.select(ORGANIZATION_GUID).from(ROLES).where(held(userGuid, types));
    }

    private static Condition held(String userGuid, Collection<RoleType> types) {
        return USER_GUID
                .eq(userGuid)
                .and(TYPE.in(types.stream().map(RoleType::wire).toList()));
    }

    private static Role toRole(Record row) {
        return new Role(
                ResourceTable.stamp(row),
                RoleType.of(row.get(TYPE)).orElseThrow(),
                row.get(USER_GUID),
                row.get(ORGANIZATION_GUID),
                row.get(SPACE_GUID));
    }
}
