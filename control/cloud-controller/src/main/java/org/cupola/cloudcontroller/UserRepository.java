package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.guid;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jspecify.annotations.Nullable;

/** Users this Cloud Controller has met, with their names as last heard from the UAA. Blocking; any thread. */
final class UserRepository {
    static final Table<?> USERS = Columns.table("users");
    static final Field<String> USERNAME = guid("username");
    static final Field<String> ORIGIN = guid("origin");

    final ResourceTable<User> table = new ResourceTable<>(USERS, UserRepository::toUser);

    void insert(DSLContext dsl, User user) {
        table.insert(dsl, user.stamp())
                .set(USERNAME, user.username())
                .set(ORIGIN, user.origin())
                .execute();
    }

    void rename(DSLContext dsl, String guid, @Nullable String username, @Nullable String origin, long now) {
        table.update(dsl, now)
                .set(USERNAME, username)
                .set(ORIGIN, origin)
                .where(GUID.eq(guid))
                .execute();
    }

    private static User toUser(Record row) {
        return new User(ResourceTable.stamp(row), row.get(USERNAME), row.get(ORIGIN));
    }
}
