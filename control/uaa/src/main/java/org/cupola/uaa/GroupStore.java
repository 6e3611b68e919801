package org.cupola.uaa;

import static org.cupola.uaa.Schema.*;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.cupola.platform.sql.Database;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.exception.IntegrityConstraintViolationException;

/** Groups and who is in them. Every user is in the default groups without a row. Blocking, any thread. */
final class GroupStore {
    private static final FilterSql FILTER = new FilterSql(Map.of(
            "id", new FilterSql.IdColumn(ID),
            "displayname", new FilterSql.TextColumn(DISPLAY_NAME, false),
            "description", new FilterSql.TextColumn(DESCRIPTION, false),
            "created", new FilterSql.TimeColumn(CREATED_AT),
            "meta.created", new FilterSql.TimeColumn(CREATED_AT),
            "lastmodified", new FilterSql.TimeColumn(MODIFIED_AT),
            "meta.lastmodified", new FilterSql.TimeColumn(MODIFIED_AT)));

    private final Database database;
    private final List<String> defaultGroups;

    GroupStore(Database database, List<String> defaultGroups) {
        this.database = database;
        this.defaultGroups = defaultGroups;
    }

    Optional<Group> find(String id) {
        return database.read(dsl -> dsl.selectFrom(GROUPS).where(ID.eq(id)).fetchOptional(GroupStore::group));
    }

    Optional<Group> named(String name) {
        return database.read(
                dsl -> dsl.selectFrom(GROUPS).where(DISPLAY_NAME.eq(name)).fetchOptional(GroupStore::group));
    }

    ListRequest.Page<Group> list(ListRequest request) {
        Condition condition = FILTER.condition(request.filter());
        var sort = request.sortBy().isBlank() ? CREATED_AT : FILTER.sortField(request.sortBy());
        return database.read(dsl -> new ListRequest.Page<>(
                dsl.selectFrom(GROUPS)
                        .where(condition)
                        .orderBy(request.ascending() ? sort.asc() : sort.desc(), ID.asc())
                        .limit(request.count())
                        .offset(request.start() - 1)
                        .fetch(GroupStore::group),
                dsl.fetchCount(GROUPS, condition)));
    }

    /** False when the name is taken. */
    boolean add(Group group, Collection<Group.Member> members) {
        try {
            database.writeVoid(dsl -> {
                dsl.insertInto(GROUPS)
                        .columns(ID, DISPLAY_NAME, DESCRIPTION, CREATED_AT, MODIFIED_AT, VERSION)
                        .values(
                                group.id(),
                                group.name(),
                                group.description(),
                                group.createdMillis(),
                                group.modifiedMillis(),
                                group.version())
                        .execute();
                members.forEach(member -> insert(dsl, group.id(), member));
            });
            return true;
        } catch (IntegrityConstraintViolationException e) {
            return false;
        }
    }

    /** Those of the names that do not exist yet are added, in one transaction. */
    void ensure(Map<String, String> descriptions, long nowMillis) {
        database.writeVoid(dsl -> {
            Map<String, String> present =
                    dsl.select(DISPLAY_NAME, DESCRIPTION).from(GROUPS).fetchMap(DISPLAY_NAME, DESCRIPTION);
            descriptions.forEach((name, description) -> {
                if (!present.containsKey(name)) {
                    dsl.insertInto(GROUPS)
                            .columns(ID, DISPLAY_NAME, DESCRIPTION, CREATED_AT, MODIFIED_AT, VERSION)
                            .values(UUID.randomUUID().toString(), name, description, nowMillis, nowMillis, 0)
                            .onDuplicateKeyIgnore() // another instance may start at the same time
                            .execute();
                } else if (!description.isEmpty() && !description.equals(present.get(name))) {
                    dsl.update(GROUPS)
                            .set(DESCRIPTION, description)
                            .where(DISPLAY_NAME.eq(name))
                            .execute();
                }
            });
        });
    }

    /** Replaces name, description and members unless somebody else changed the group since; false then. */
    boolean replace(Group group, Collection<Group.Member> members, int expectedVersion) {
        return database.write(dsl -> {
            int changed = dsl.update(GROUPS)
                    .set(DISPLAY_NAME, group.name())
                    .set(DESCRIPTION, group.description())
                    .set(MODIFIED_AT, group.modifiedMillis())
                    .set(VERSION, expectedVersion + 1)
                    .where(ID.eq(group.id()), VERSION.eq(expectedVersion))
                    .execute();
            if (changed == 1) {
                dsl.deleteFrom(MEMBERS).where(GROUP_ID.eq(group.id())).execute();
                members.forEach(member -> insert(dsl, group.id(), member));
            }
            return changed == 1;
        });
    }

    void delete(String id) {
        database.writeVoid(dsl -> {
            dsl.deleteFrom(MEMBERS).where(GROUP_ID.eq(id).or(MEMBER_ID.eq(id))).execute();
            dsl.deleteFrom(EXTERNAL_GROUPS).where(GROUP_ID.eq(id)).execute();
            dsl.deleteFrom(GROUPS).where(ID.eq(id)).execute();
        });
    }

    List<Group.Member> members(String groupId) {
        return database.read(dsl -> dsl.selectFrom(MEMBERS)
                .where(GROUP_ID.eq(groupId))
                .orderBy(MEMBER_ID)
                .fetch(row -> new Group.Member(
                        row.get(MEMBER_ID), row.get(MEMBER_TYPE).equals("GROUP"), row.get(ORIGIN))));
    }

    /** False when it is a member already. */
    boolean addMember(String groupId, Group.Member member) {
        return database.write(dsl -> {
            if (dsl.fetchExists(MEMBERS, GROUP_ID.eq(groupId).and(MEMBER_ID.eq(member.id())))) {
                return false;
            }
            insert(dsl, groupId, member);
            return true;
        });
    }

    void removeMember(String groupId, String memberId) {
        database.writeVoid(dsl -> dsl.deleteFrom(MEMBERS)
                .where(GROUP_ID.eq(groupId), MEMBER_ID.eq(memberId))
                .execute());
    }

    /** Makes the user a direct member of exactly these groups. */
    void setMemberships(User user, Collection<String> names) {
        database.writeVoid(dsl -> {
            dsl.deleteFrom(MEMBERS).where(MEMBER_ID.eq(user.id())).execute();
            dsl.select(ID)
                    .from(GROUPS)
                    .where(DISPLAY_NAME.in(names))
                    .fetch(ID)
                    .forEach(id -> insert(dsl, id, new Group.Member(user.id(), false, user.origin())));
        });
    }

    boolean memberExists(Group.Member member) {
        return database.read(dsl ->
                member.group() ? dsl.fetchExists(GROUPS, ID.eq(member.id())) : UserStore.exists(dsl, member.id()));
    }

    /** Groups of a user: default ones, those it is a member of, and those that contain one of these. */
    List<Group.Membership> of(String userId) {
        return database.read(dsl -> {
            Map<String, Group.Membership> found = new LinkedHashMap<>();
            dsl.selectFrom(GROUPS)
                    .where(DISPLAY_NAME.in(defaultGroups))
                    .fetch(GroupStore::group)
                    .forEach(group -> found.put(group.id(), new Group.Membership(group, true)));
            Set<String> frontier = new HashSet<>(found.keySet());
            List<Group> direct = containing(dsl, Set.of(userId));
            direct.forEach(group -> found.put(group.id(), new Group.Membership(group, true)));
            direct.forEach(group -> frontier.add(group.id()));
            while (!frontier.isEmpty()) {
                List<Group> outer = containing(dsl, frontier);
                frontier.clear();
                for (Group group : outer) {
                    if (found.putIfAbsent(group.id(), new Group.Membership(group, false)) == null) {
                        frontier.add(group.id());
                    }
                }
            }
            return List.copyOf(found.values());
        });
    }

    private static List<Group> containing(DSLContext dsl, Collection<String> members) {
        return dsl.selectFrom(GROUPS)
                .where(ID.in(dsl.select(GROUP_ID).from(MEMBERS).where(MEMBER_ID.in(members))))
                .fetch(GroupStore::group);
    }

    private static void insert(DSLContext dsl, String groupId, Group.Member member) {
        dsl.insertInto(MEMBERS)
                .columns(GROUP_ID, MEMBER_ID, MEMBER_TYPE, ORIGIN)
                .values(groupId, member.id(), member.type(), member.origin())
                .execute();
    }

    /** A group of another identity provider that stands for one of ours. */
    record ExternalGroup(Group group, String externalName, String origin) {}

    List<ExternalGroup> externalGroups() {
        return database.read(dsl -> {
            List<ExternalGroup> mappings = new ArrayList<>();
            for (Record row : dsl.selectFrom(EXTERNAL_GROUPS).fetch()) {
                dsl.selectFrom(GROUPS)
                        .where(ID.eq(row.get(GROUP_ID)))
                        .fetchOptional(GroupStore::group)
                        .ifPresent(group ->
                                mappings.add(new ExternalGroup(group, row.get(EXTERNAL_GROUP), row.get(ORIGIN))));
            }
            return List.copyOf(mappings);
        });
    }

    /** False when the mapping exists. */
    boolean mapExternal(ExternalGroup mapping) {
        try {
            database.writeVoid(dsl -> dsl.insertInto(EXTERNAL_GROUPS)
                    .columns(GROUP_ID, EXTERNAL_GROUP, ORIGIN)
                    .values(mapping.group().id(), mapping.externalName(), mapping.origin())
                    .execute());
            return true;
        } catch (IntegrityConstraintViolationException e) {
            return false;
        }
    }

    boolean unmapExternal(String groupId, String externalName, String origin) {
        return database.write(dsl -> dsl.deleteFrom(EXTERNAL_GROUPS)
                        .where(GROUP_ID.eq(groupId), EXTERNAL_GROUP.eq(externalName), ORIGIN.eq(origin))
                        .execute()
                == 1);
    }

    private static Group group(Record row) {
        return new Group(
                row.get(ID),
                row.get(DISPLAY_NAME),
                row.get(DESCRIPTION),
                row.get(CREATED_AT),
                row.get(MODIFIED_AT),
                row.get(VERSION));
    }
}
