package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.TYPE;
import static org.cupola.cloudcontroller.RoleRepository.USER_GUID;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/roles}. */
final class Roles {
    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Jobs jobs;
    private final Users users;
    private final Spaces spaces;
    private final Organizations organizations;
    private final UserDirectory directory;

    Roles(Api api, Users users, Organizations organizations, Spaces spaces, UserDirectory directory) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.jobs = api.jobs();
        this.users = users;
        this.organizations = organizations;
        this.spaces = spaces;
        this.directory = directory;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/roles", this::list)
                .post("/v3/roles", this::create)
                .get("/v3/roles/{guid}", call -> Reply.ok(present(find(call))))
                .delete("/v3/roles/{guid}", this::delete);
    }

    private Reply list(Call call) {
        ListQuery query = call.list("types", "organization_guids", "space_guids", "user_guids", "include");
        Condition where = visible(call)
                .and(query.common())
                .and(query.in("types", TYPE))
                .and(query.in("organization_guids", ORGANIZATION_GUID))
                .and(query.in("space_guids", SPACE_GUID))
                .and(query.in("user_guids", USER_GUID));
        Page<Role> page = store.database.read(dsl -> store.roles.table.page(dsl, where, query));
        ObjectNode document = listing.document(call, query, page, this::present);
        include(query.values("include"), page.items(), document);
        return Reply.ok(document);
    }

    private void include(List<String> include, List<Role> roles, ObjectNode document) {
        if (include.isEmpty()) {
            return;
        }
        ObjectNode included = document.putObject("included");
        for (String value : include) {
            switch (value) {
                case "user" -> includeUsers(roles, included);
                case "space" ->
                    spaces.includeSpaces(
                            roles.stream()
                                    .map(Role::spaceGuid)
                                    .filter(guid -> guid != null)
                                    .collect(Collectors.toCollection(LinkedHashSet::new)),
                            included);
                case "organization" -> includeOrganizations(roles, included);
                default ->
                    throw ApiException.badQuery("Invalid included resource: '" + value
                            + "'. Valid included resources are: 'user', 'organization', 'space'");
            }
        }
    }

    private void includeUsers(List<Role> roles, ObjectNode included) {
        Set<String> guids = roles.stream().map(Role::userGuid).collect(Collectors.toCollection(LinkedHashSet::new));
        List<User> found = users.refreshed(store.database.read(dsl -> store.users.table.all(dsl, guids)));
        var metadata = listing.metadata(found, User::guid);
        ArrayNode array = included.putArray("users");
        found.forEach(user -> array.add(users.present(user, metadata.getOrDefault(user.guid(), Metadata.NONE))));
    }

    private void includeOrganizations(List<Role> roles, ObjectNode included) {
        Set<String> guids = new LinkedHashSet<>();
        roles.forEach(role -> {
            if (role.organizationGuid() != null) {
                guids.add(role.organizationGuid());
            }
        });
        ArrayNode array = included.putArray("organizations");
        store.database
                .read(dsl -> store.organizations.table.all(dsl, guids))
                .forEach(organization -> array.add(organizations.present(organization)));
    }

    private static Condition visible(Call call) {
        if (call.caller().readsEverything()) {
            return DSL.noCondition();
        }
        return USER_GUID
                .eq(call.caller().guid())
                .or(call.permissions().visibleOrganizations(ORGANIZATION_GUID))
                .or(call.permissions().visibleSpaces(SPACE_GUID));
    }

    private Role find(Call call) {
        return store.database
                .read(dsl ->
                        store.roles.table.findWhere(dsl, GUID.eq(call.guid()).and(visible(call))))
                .orElseThrow(() -> ApiException.notFound("Role"));
    }

    private Reply create(Call call) {
        Body body = call.body().allow("type", "relationships");
        String typeName = body.requiredString("type");
        Optional<RoleType> type = RoleType.of(typeName);
        if (type.isEmpty() && !typeName.isEmpty()) {
            body.refuse("Type must be one of the allowed types "
                    + List.of(RoleType.values()).stream().map(RoleType::wire).toList());
        }
        body.check();
        String where = type.orElseThrow().ofSpace() ? "space" : "organization";
        String placeGuid = body.requiredRelationship(where);
        body.check();
        RoleType role = type.orElseThrow();
        return role.ofSpace()
                ? createInSpace(call, role, placeGuid, body)
                : createInOrganization(call, role, placeGuid, body);
    }

    private Reply createInOrganization(Call call, RoleType type, String organizationGuid, Body body) {
        Organization organization = store.database
                .read(dsl -> store.organizations.table.find(dsl, organizationGuid))
                .filter(found -> call.permissions().readsOrganization(found.guid()))
                .orElseThrow(() -> ApiException.unprocessable(
                        "Invalid organization. Ensure the organization exists and you have access to it."));
        call.permissions().requireManager(organization);
        UserDirectory.Entry user = user(call, body);
        Role created = store.database.write(dsl -> {
            remember(dsl, user);
            if (store.roles.table.exists(
                    dsl,
                    USER_GUID.eq(user.guid()).and(TYPE.eq(type.wire())).and(ORGANIZATION_GUID.eq(organizationGuid)))) {
                throw ApiException.unprocessable("User '" + name(user) + "' already has '" + type.wire()
                        + "' role in organization '" + organization.name() + "'.");
            }
            Role role = new Role(store.stamps.create(), type, user.guid(), organizationGuid, null);
            store.roles.insert(dsl, role);
            event(dsl, call, role, user, "add", null, organizationGuid);
            return role;
        });
        return Reply.created(present(created));
    }

    private Reply createInSpace(Call call, RoleType type, String spaceGuid, Body body) {
        Space space = store.database
                .read(dsl -> store.spaces.table.find(dsl, spaceGuid))
                .filter(found -> call.permissions().readsSpace(found))
                .orElseThrow(() -> ApiException.unprocessable(
                        "Invalid space. Ensure that the space exists and you have access to it."));
        call.permissions().requireChange(space);
        UserDirectory.Entry user = user(call, body);
        Role created = store.database.write(dsl -> {
            remember(dsl, user);
            if (!store.roles.table.exists(
                    dsl, USER_GUID.eq(user.guid()).and(ORGANIZATION_GUID.eq(space.organizationGuid())))) {
                throw ApiException.unprocessable(
                        "Users cannot be assigned roles in a space if they do not have a role in that space's organization.");
            }
            if (store.roles.table.exists(
                    dsl, USER_GUID.eq(user.guid()).and(TYPE.eq(type.wire())).and(SPACE_GUID.eq(spaceGuid)))) {
                throw ApiException.unprocessable("User '" + name(user) + "' already has '" + type.wire()
                        + "' role in space '" + space.name() + "'.");
            }
            Role role = new Role(store.stamps.create(), type, user.guid(), null, spaceGuid);
            store.roles.insert(dsl, role);
            event(dsl, call, role, user, "add", spaceGuid, space.organizationGuid());
            return role;
        });
        return Reply.created(present(created));
    }

    /** The user a body names by guid or by user name and origin. */
    private UserDirectory.Entry user(Call call, Body body) {
        JsonNode data = body.node("relationships", "user", "data");
        if (data.path("guid").isString()) {
            String guid = data.path("guid").asString();
            if (store.database.read(dsl -> store.users.table.find(dsl, guid)).isEmpty()) {
                throw ApiException.unprocessable(
                        "Invalid user. Ensure that the user exists and you have access to it.");
            }
            String name = store.database
                    .read(dsl -> store.users.table.find(dsl, guid))
                    .map(User::presentationName)
                    .orElse(guid);
            return new UserDirectory.Entry(guid, name, "");
        }
        if (!data.path("username").isString()) {
            throw ApiException.unprocessable(
                    "Relationships User must be structured like this: \"user: {\"data\": {\"guid\": \"valid-guid\"}}\"");
        }
        store.flags.require(call.permissions(), "set_roles_by_username");
        String username = data.path("username").asString();
        Optional<String> origin =
                data.path("origin").isString() ? Optional.of(data.path("origin").asString()) : Optional.empty();
        List<UserDirectory.Entry> found = directory.find(username, origin);
        if (found.isEmpty()) {
            throw ApiException.unprocessable("No user exists with the username '" + username + "'"
                    + origin.map(name -> " and origin '" + name + "'").orElse("") + ".");
        }
        if (found.size() > 1) {
            throw ApiException.unprocessable("Ambiguous user. User with username '" + username
                    + "' exists in the following origins: "
                    + found.stream().map(UserDirectory.Entry::origin).sorted().collect(Collectors.joining(", "))
                    + ". Specify an origin to disambiguate.");
        }
        return found.getFirst();
    }

    private void remember(DSLContext dsl, UserDirectory.Entry user) {
        if (store.users.table.find(dsl, user.guid()).isEmpty()) {
            store.users.insert(dsl, new User(store.stamps.create(user.guid()), user.username(), user.origin()));
        }
    }

    private static String name(UserDirectory.Entry user) {
        return user.username().isEmpty() ? user.guid() : user.username();
    }

    private Reply delete(Call call) {
        Role role = find(call);
        requireMayDelete(call, role);
        store.database.writeVoid(dsl -> {
            refuseWhileSpaceRolesRemain(dsl, role);
            String name = store.users
                    .table
                    .find(dsl, role.userGuid())
                    .map(User::presentationName)
                    .orElse(role.userGuid());
            event(
                    dsl,
                    call,
                    role,
                    new UserDirectory.Entry(role.userGuid(), name, ""),
                    "remove",
                    role.spaceGuid(),
                    role.organizationGuid());
        });
        return jobs.delete("role", role.guid());
    }

    private void requireMayDelete(Call call, Role role) {
        String spaceGuid = role.spaceGuid();
        String organizationGuid = role.organizationGuid();
        if (spaceGuid != null) {
            call.permissions()
                    .requireChange(store.database
                            .read(dsl -> store.spaces.table.find(dsl, spaceGuid))
                            .orElseThrow(() -> ApiException.notFound("Role")));
        } else if (organizationGuid != null) {
            call.permissions()
                    .requireManager(store.database
                            .read(dsl -> store.organizations.table.find(dsl, organizationGuid))
                            .orElseThrow(() -> ApiException.notFound("Role")));
        }
    }

    private void refuseWhileSpaceRolesRemain(DSLContext dsl, Role role) {
        String organizationGuid = role.organizationGuid();
        if (role.type() != RoleType.ORGANIZATION_USER || organizationGuid == null) {
            return;
        }
        Condition inOrganization = SPACE_GUID.in(
                DSL.select(GUID).from(SpaceRepository.SPACES).where(ORGANIZATION_GUID.eq(organizationGuid)));
        if (store.roles.table.exists(dsl, USER_GUID.eq(role.userGuid()).and(inOrganization))) {
            throw ApiException.unprocessable(
                    "Cannot delete organization_user role while user has roles in spaces in that organization.");
        }
    }

    private void event(
            DSLContext dsl,
            Call call,
            Role role,
            UserDirectory.Entry user,
            String what,
            @Nullable String spaceGuid,
            @Nullable String organizationGuid) {
        store.events.record(
                dsl,
                AuditEvents.Party.of(call.caller()),
                "audit.user." + role.type().wire() + "_" + what,
                new AuditEvents.Party(user.guid(), "user", name(user)),
                Docs.object(),
                spaceGuid,
                organizationGuid);
    }

    private ObjectNode present(Role role) {
        ObjectNode document = role.stamp().document().put("type", role.type().wire());
        ObjectNode relationships = document.putObject("relationships");
        relationships.set("user", Docs.toOne(role.userGuid()));
        relationships.set("organization", Docs.toOne(role.organizationGuid()));
        relationships.set("space", Docs.toOne(role.spaceGuid()));
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/roles/" + role.guid()));
        links.set("user", urls.link("/users/" + role.userGuid()));
        if (role.organizationGuid() != null) {
            links.set("organization", urls.link("/organizations/" + role.organizationGuid()));
        }
        if (role.spaceGuid() != null) {
            links.set("space", urls.link("/spaces/" + role.spaceGuid()));
        }
        return document;
    }
}
