package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/users}: those the Cloud Controller knows; their names come from the UAA and are remembered. */
final class Users {
    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final UserDirectory directory;

    Users(Api api, UserDirectory directory) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.directory = directory;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/users", this::list)
                .post("/v3/users", this::create)
                .get("/v3/users/{guid}", call -> Reply.ok(present(find(call))))
                .patch("/v3/users/{guid}", this::update)
                .delete("/v3/users/{guid}", this::delete)
                .get("/v3/organizations/{guid}/users", this::ofOrganization)
                .get("/v3/spaces/{guid}/users", this::ofSpace);
    }

    private Reply list(Call call) {
        return list(call, DSL.noCondition());
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query = call.list("usernames", "origins", "label_selector");
        if (query.has("origins") && !query.has("usernames")) {
            throw ApiException.badQuery(
                    "Origins filter cannot be provided without usernames or partial_usernames filter.");
        }
        Condition where = restriction
                .and(seen(call))
                .and(query.common())
                .and(named(query))
                .and(LabelSelector.condition(query));
        Page<User> page = store.database.read(dsl -> store.users.table.page(dsl, where, query));
        List<User> items = refreshed(page.items());
        return Reply.ok(listing.document(call, query, new Page<>(page.total(), items), User::guid, this::present));
    }

    private Condition named(ListQuery query) {
        if (!query.has("usernames")) {
            return DSL.noCondition();
        }
        Set<String> origins = Set.copyOf(query.values("origins"));
        Set<String> guids = new LinkedHashSet<>();
        for (String name : query.values("usernames")) {
            directory.find(name, Optional.empty()).stream()
                    .filter(entry -> origins.isEmpty() || origins.contains(entry.origin()))
                    .forEach(entry -> guids.add(entry.guid()));
        }
        return GUID.in(guids);
    }

    /** Everyone who shares an organization with the caller, and oneself. */
    private static Condition seen(Call call) {
        if (call.caller().readsEverything()) {
            return DSL.noCondition();
        }
        return GUID.eq(call.caller().guid())
                .or(GUID.in(DSL.select(RoleRepository.USER_GUID)
                        .from(RoleRepository.ROLES)
                        .where(ORGANIZATION_GUID.isNotNull())
                        .and(call.permissions().visibleOrganizations(ORGANIZATION_GUID))));
    }

    private Reply ofOrganization(Call call) {
        Organization organization = visible.organization(call, call.guid());
        return list(
                call,
                GUID.in(DSL.select(RoleRepository.USER_GUID)
                        .from(RoleRepository.ROLES)
                        .where(ORGANIZATION_GUID.eq(organization.guid()))));
    }

    private Reply ofSpace(Call call) {
        Space space = visible.space(call, call.guid());
        return list(
                call,
                GUID.in(DSL.select(RoleRepository.USER_GUID)
                        .from(RoleRepository.ROLES)
                        .where(SPACE_GUID.eq(space.guid()))));
    }

    private User find(Call call) {
        return store.database
                .read(dsl ->
                        store.users.table.findWhere(dsl, GUID.eq(call.guid()).and(seen(call))))
                .map(user -> refreshed(List.of(user)).getFirst())
                .orElseThrow(() -> ApiException.notFound("User"));
    }

    private Reply create(Call call) {
        call.permissions().requireAdmin();
        Body body = call.body().allow("guid", "username", "origin", "metadata");
        Metadata metadata = Metadata.read(body);
        String guid = body.has("username") ? guidOf(body) : body.requiredString("guid");
        body.check();
        User created = store.database.write(dsl -> {
            if (store.users.table.find(dsl, guid).isPresent()) {
                throw ApiException.unprocessable("User with guid '" + guid + "' already exists.");
            }
            User user = new User(store.stamps.create(guid), null, null);
            store.users.insert(dsl, user);
            store.metadata.merge(dsl, guid, metadata);
            return user;
        });
        return Reply.created(present(refreshed(List.of(created)).getFirst()));
    }

    private String guidOf(Body body) {
        String username = body.requiredString("username");
        String origin = body.requiredString("origin");
        body.check();
        return directory.find(username, Optional.of(origin)).stream()
                .findFirst()
                .orElseThrow(() -> ApiException.unprocessable(
                        "No user exists with the username '" + username + "' and origin '" + origin + "'."))
                .guid();
    }

    private Reply update(Call call) {
        call.permissions().requireAdmin();
        User user = find(call);
        Body body = call.body().allow("metadata");
        Metadata metadata = Metadata.read(body);
        body.check();
        store.database.writeVoid(dsl -> store.metadata.merge(dsl, user.guid(), metadata));
        return Reply.ok(present(user));
    }

    private Reply delete(Call call) {
        call.permissions().requireAdmin();
        return jobs.delete("user", find(call).guid());
    }

    /** The users with their names as the UAA tells them now, as far as they were not known. */
    List<User> refreshed(List<User> users) {
        Set<String> unnamed = users.stream()
                .filter(user -> user.username() == null)
                .map(User::guid)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (unnamed.isEmpty()) {
            return users;
        }
        Map<String, UserDirectory.Entry> names = directory.names(unnamed);
        if (names.isEmpty()) {
            return users;
        }
        store.database.writeVoid(dsl -> names.values()
                .forEach(entry -> store.users.rename(
                        dsl, entry.guid(), entry.username(), entry.origin(), store.stamps.micros())));
        return users.stream().map(user -> named(user, names.get(user.guid()))).toList();
    }

    private static User named(User user, UserDirectory.@Nullable Entry entry) {
        return entry == null ? user : new User(user.stamp(), entry.username(), entry.origin());
    }

    private ObjectNode present(User user) {
        return present(user, store.database.read(dsl -> store.metadata.of(dsl, user.guid())));
    }

    ObjectNode present(User user, Metadata metadata) {
        ObjectNode document = user.stamp()
                .document()
                .put("username", user.username())
                .put("presentation_name", user.presentationName())
                .put("origin", user.origin());
        document.set("metadata", metadata.document());
        document.putObject("links").set("self", urls.link("/users/" + user.guid()));
        return document;
    }
}
