package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.sql.Database;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;

/** Users, as stored. Blocking, any thread. */
final class UserStore {
    private static final FilterSql FILTER = new FilterSql(Map.ofEntries(
            Map.entry("id", new FilterSql.IdColumn(ID)),
            Map.entry("username", new FilterSql.TextColumn(USER_KEY, true)),
            Map.entry("origin", new FilterSql.TextColumn(ORIGIN, false)),
            Map.entry("externalid", new FilterSql.TextColumn(EXTERNAL_ID, false)),
            Map.entry("active", new FilterSql.FlagColumn(ACTIVE)),
            Map.entry("verified", new FilterSql.FlagColumn(VERIFIED)),
            Map.entry("givenname", new FilterSql.TextColumn(GIVEN_NAME, false)),
            Map.entry("name.givenname", new FilterSql.TextColumn(GIVEN_NAME, false)),
            Map.entry("familyname", new FilterSql.TextColumn(FAMILY_NAME, false)),
            Map.entry("name.familyname", new FilterSql.TextColumn(FAMILY_NAME, false)),
            Map.entry("email", new FilterSql.TextColumn(EMAIL, false)),
            Map.entry("emails.value", new FilterSql.TextColumn(EMAIL, false)),
            Map.entry("phonenumber", new FilterSql.TextColumn(PHONE, false)),
            Map.entry("phonenumbers.value", new FilterSql.TextColumn(PHONE, false)),
            Map.entry(
                    "groups.display",
                    new FilterSql.ElsewhereColumn(
                            new FilterSql.TextColumn(DISPLAY_NAME, false), UserStore::memberOfGroupWhere)),
            Map.entry("created", new FilterSql.TimeColumn(CREATED_AT)),
            Map.entry("meta.created", new FilterSql.TimeColumn(CREATED_AT)),
            Map.entry("lastmodified", new FilterSql.TimeColumn(MODIFIED_AT)),
            Map.entry("meta.lastmodified", new FilterSql.TimeColumn(MODIFIED_AT))));

    private final Database database;

    /** Direct members only, as the original filters. */
    private static Condition memberOfGroupWhere(Condition onGroup) {
        return ID.in(DSL.select(MEMBER_ID)
                .from(MEMBERS)
                .where(GROUP_ID.in(DSL.select(ID).from(GROUPS).where(onGroup))));
    }

    UserStore(Database database) {
        this.database = database;
    }

    Optional<User> find(String id) {
        return database.read(dsl -> dsl.selectFrom(USERS).where(ID.eq(id)).fetchOptional(UserStore::user));
    }

    Optional<User> find(String userName, String origin) {
        return database.read(dsl -> dsl.selectFrom(USERS)
                .where(USER_KEY.eq(User.key(userName)), ORIGIN.eq(origin))
                .fetchOptional(UserStore::user));
    }

    ListRequest.Page<User> list(ListRequest request, boolean activeOnly) {
        Condition condition = FILTER.condition(request.filter());
        Condition all = activeOnly ? condition.and(ACTIVE.eq(true)) : condition;
        Field<?> sort = request.sortBy().isBlank() ? CREATED_AT : FILTER.sortField(request.sortBy());
        return database.read(dsl -> new ListRequest.Page<>(
                dsl.selectFrom(USERS)
                        .where(all)
                        .orderBy(request.ascending() ? sort.asc() : sort.desc(), ID.asc())
                        .limit(request.count())
                        .offset(request.start() - 1)
                        .fetch(UserStore::user),
                dsl.fetchCount(USERS, all)));
    }

    /** False when the name is taken within its origin. */
    boolean add(User user) {
        try {
            database.writeVoid(dsl -> dsl.insertInto(USERS).set(values(user)).execute());
            return true;
        } catch (IntegrityConstraintViolationException e) {
            return false;
        }
    }

    /** Replaces the user unless somebody else did since the given version; false then. */
    boolean replace(User user, int expectedVersion) {
        Map<Field<?>, Object> values = values(user);
        values.put(VERSION, expectedVersion + 1);
        return database.write(dsl -> dsl.update(USERS)
                        .set(values)
                        .where(ID.eq(user.id()), VERSION.eq(expectedVersion))
                        .execute()
                == 1);
    }

    void setPassword(String id, String hash, long nowMillis) {
        database.writeVoid(dsl -> dsl.update(USERS)
                .set(PASSWORD, hash)
                .set(PASSWORD_AT, nowMillis)
                .set(CHANGE_REQUIRED, false)
                .where(ID.eq(id))
                .execute());
    }

    void requirePasswordChange(String id, boolean required) {
        database.writeVoid(dsl -> dsl.update(USERS)
                .set(CHANGE_REQUIRED, required)
                .where(ID.eq(id))
                .execute());
    }

    void verify(String id) {
        database.writeVoid(
                dsl -> dsl.update(USERS).set(VERIFIED, true).where(ID.eq(id)).execute());
    }

    void setSalt(String id, String salt) {
        database.writeVoid(
                dsl -> dsl.update(USERS).set(SALT, salt).where(ID.eq(id)).execute());
    }

    void noteLogon(String id, long nowMillis) {
        database.writeVoid(dsl -> dsl.update(USERS)
                .set(PREVIOUS_LOGON, LAST_LOGON)
                .set(LAST_LOGON, nowMillis)
                .where(ID.eq(id))
                .execute());
    }

    /** Removes the user with everything that is the user's. */
    void delete(String id) {
        database.writeVoid(dsl -> {
            for (var table : List.of(APPROVALS, CODES, SESSIONS, TOKENS, REFRESH_FAMILIES, FAILURES)) {
                dsl.deleteFrom(table).where(USER_ID.eq(id)).execute();
            }
            dsl.deleteFrom(MEMBERS).where(MEMBER_ID.eq(id)).execute();
            dsl.deleteFrom(USERS).where(ID.eq(id)).execute();
        });
    }

    static boolean exists(DSLContext dsl, String id) {
        return dsl.fetchExists(DSL.selectOne().from(USERS).where(ID.eq(id)));
    }

    private static Map<Field<?>, Object> values(User user) {
        Map<Field<?>, Object> values = new java.util.LinkedHashMap<>();
        values.put(ID, user.id());
        values.put(USER_NAME, user.userName());
        values.put(USER_KEY, User.key(user.userName()));
        values.put(ORIGIN, user.origin());
        values.put(EXTERNAL_ID, user.externalId());
        values.put(GIVEN_NAME, user.givenName());
        values.put(FAMILY_NAME, user.familyName());
        values.put(EMAIL, user.email());
        values.put(PHONE, user.phone());
        values.put(ACTIVE, user.active());
        values.put(VERIFIED, user.verified());
        values.put(PASSWORD, user.passwordHash());
        values.put(CHANGE_REQUIRED, user.passwordChangeRequired());
        values.put(PASSWORD_AT, user.passwordMillis());
        values.put(SALT, user.salt());
        values.put(CREATED_AT, user.createdMillis());
        values.put(MODIFIED_AT, user.modifiedMillis());
        values.put(VERSION, user.version());
        return values;
    }

    private static User user(Record row) {
        return new User(
                row.get(ID),
                row.get(USER_NAME),
                row.get(ORIGIN),
                row.get(EXTERNAL_ID),
                row.get(GIVEN_NAME),
                row.get(FAMILY_NAME),
                row.get(EMAIL),
                row.get(PHONE),
                row.get(ACTIVE),
                row.get(VERIFIED),
                row.get(PASSWORD),
                row.get(CHANGE_REQUIRED),
                row.get(PASSWORD_AT),
                row.get(SALT),
                row.get(CREATED_AT),
                row.get(MODIFIED_AT),
                row.get(VERSION),
                row.get(LAST_LOGON),
                row.get(PREVIOUS_LOGON));
    }
}
