package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.ORGANIZATION_GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/apps}: the apps themselves and what is done with them as a whole. */
final class Apps {
    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final Jobs jobs;
    private final AppActions actions;
    private final LifecycleRules lifecycles;
    private final Spaces spaces;

    /** What happens to an app by a POST to one of its actions. */
    @FunctionalInterface
    private interface Action {
        App run(Caller caller, Space space, App app);
    }

    Apps(Api api, AppActions actions, LifecycleRules lifecycles, Spaces spaces) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.jobs = api.jobs();
        this.actions = actions;
        this.lifecycles = lifecycles;
        this.spaces = spaces;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/apps", this::list)
                .post("/v3/apps", this::create)
                .get("/v3/apps/{guid}", this::show)
                .patch("/v3/apps/{guid}", this::update)
                .delete("/v3/apps/{guid}", this::delete)
                .post("/v3/apps/{guid}/actions/start", call -> act(call, actions::start))
                .post("/v3/apps/{guid}/actions/stop", call -> act(call, actions::stop))
                .post("/v3/apps/{guid}/actions/restart", call -> act(call, actions::restart))
                .get("/v3/apps/{guid}/relationships/current_droplet", this::currentDroplet)
                .patch("/v3/apps/{guid}/relationships/current_droplet", this::assignDroplet)
                .get("/v3/apps/{guid}/permissions", this::permissions)
                .get("/v3/stacks/{guid}/apps", this::ofStack);
    }

    private Reply list(Call call) {
        return list(call, DSL.noCondition());
    }

    private Reply ofStack(Call call) {
        String stack = store.database
                .read(dsl -> store.stacks.table.find(dsl, call.guid()))
                .orElseThrow(() -> ApiException.notFound("Stack"))
                .name();
        return list(call, AppRepository.STACK.eq(stack));
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query = call.list(
                        "names",
                        "organization_guids",
                        "space_guids",
                        "stacks",
                        "lifecycle_type",
                        "label_selector",
                        "include")
                .orderedByName()
                .orderedBy("state", AppRepository.STARTED);
        Condition where = restriction
                .and(call.permissions().visibleSpaces(SPACE_GUID))
                .and(query.common())
                .and(query.in("names", NAME))
                .and(query.in("space_guids", SPACE_GUID))
                .and(query.in("stacks", AppRepository.STACK))
                .and(query.in("lifecycle_type", AppRepository.LIFECYCLE_TYPE))
                .and(LabelSelector.condition(query))
                .and(inOrganizations(query));
        Page<App> page = store.database.read(dsl -> store.apps.table.page(dsl, where, query));
        ObjectNode document = listing.document(call, query, page, App::guid, this::present);
        include(query.values("include"), page.items(), document);
        return Reply.ok(document);
    }

    static Condition inOrganizations(ListQuery query) {
        return query.has("organization_guids")
                ? SPACE_GUID.in(DSL.select(GUID)
                        .from(SpaceRepository.SPACES)
                        .where(ORGANIZATION_GUID.in(query.values("organization_guids"))))
                : DSL.noCondition();
    }

    private void include(List<String> include, List<App> apps, ObjectNode document) {
        if (include.isEmpty()) {
            return;
        }
        Set<String> guids = apps.stream().map(App::spaceGuid).collect(Collectors.toCollection(LinkedHashSet::new));
        ObjectNode included = document.putObject("included");
        for (String value : include) {
            switch (value) {
                case "space" -> spaces.includeSpaces(guids, included);
                case "org", "space.organization" -> {
                    spaces.includeSpaces(guids, included);
                    spaces.includeOrganizations(
                            store.database.read(dsl -> store.spaces.table.all(dsl, guids)), included);
                }
                default ->
                    throw ApiException.badQuery("Invalid included resource: '" + value
                            + "'. Valid included resources are: 'space', 'org', 'space.organization'");
            }
        }
    }

    private Reply show(Call call) {
        call.allowParameters("include");
        App app = visible.app(call, call.guid()).app();
        ObjectNode document = present(app);
        String include = call.query().get("include");
        include(include == null ? List.of() : List.of(include.split(",")), List.of(app), document);
        return Reply.ok(document);
    }

    private Reply create(Call call) {
        Body body = call.body().allow("name", "environment_variables", "relationships", "lifecycle", "metadata");
        String name = body.requiredString("name");
        String spaceGuid = body.requiredRelationship("space");
        App.Lifecycle lifecycle = lifecycles.read(body, lifecycles.initial(), false);
        Map<String, String> environment =
                EnvironmentVariables.merged(Map.of(), body.node("environment_variables"), body::refuse);
        Metadata metadata = Metadata.read(body);
        body.check();
        Space space = visible.findSpace(call, spaceGuid)
                .orElseThrow(() -> ApiException.unprocessable(
                        "Invalid space. Ensure that the space exists and you have access to it."));
        call.permissions().requireWrite(space);
        App app = actions.create(call.caller(), space, name, lifecycle, environment, metadata);
        return Reply.created(present(app, metadata));
    }

    private Reply update(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        call.permissions().requireWrite(in.space());
        Body body = call.body().allow("name", "lifecycle", "metadata");
        Optional<String> name = body.name("name");
        App.Lifecycle lifecycle = lifecycles.read(body, in.app().lifecycle(), true);
        Metadata metadata = Metadata.read(body);
        body.check();
        try {
            store.database.writeVoid(dsl -> {
                name.ifPresent(text -> store.apps.rename(dsl, in.guid(), text, store.stamps.micros()));
                store.apps.setLifecycle(dsl, in.guid(), lifecycle, store.stamps.micros());
                store.metadata.merge(dsl, in.guid(), metadata);
                store.events.record(dsl, call.caller(), "audit.app.update", AuditEvents.Party.of(in.app()), in.space());
            });
        } catch (IntegrityConstraintViolationException e) {
            throw AppActions.nameTaken(name.orElse(""), e);
        }
        return Reply.ok(present(visible.app(call, call.guid()).app()));
    }

    private Reply delete(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        call.permissions().requireWrite(in.space());
        store.database.writeVoid(dsl -> store.events.record(
                dsl, call.caller(), "audit.app.delete-request", AuditEvents.Party.of(in.app()), in.space()));
        return jobs.delete("app", in.guid());
    }

    private Reply act(Call call, Action action) {
        Visible.AppIn in = visible.app(call, call.guid());
        call.permissions().requireManage(in.space());
        return Reply.ok(present(action.run(call.caller(), in.space(), in.app())));
    }

    private Reply currentDroplet(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        String droplet = in.app().dropletGuid();
        if (droplet == null) {
            throw ApiException.notFound("Droplet");
        }
        return Reply.ok(currentDroplet(in.guid(), droplet));
    }

    private ObjectNode currentDroplet(String appGuid, String dropletGuid) {
        ObjectNode document = Docs.toOne(dropletGuid);
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/apps/" + appGuid + "/relationships/current_droplet"));
        links.set("related", urls.link("/apps/" + appGuid + "/droplets/current"));
        return document;
    }

    private Reply assignDroplet(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        call.permissions().requireManage(in.space());
        Body body = call.body().allow("data");
        String guid = body.node("data", "guid").asString("");
        if (guid.isEmpty()) {
            throw ApiException.unprocessable("Current droplet cannot be null");
        }
        store.database.writeVoid(dsl -> {
            if (store.deployments.activeOf(dsl, in.guid()).isPresent()) {
                throw ApiException.unprocessable(
                        "Unable to assign current droplet while the app has a deployment in progress. Wait for the deployment to complete or cancel it.");
            }
            actions.assignDroplet(dsl, call.caller(), in.space(), in.app(), guid);
        });
        return Reply.ok(currentDroplet(in.guid(), guid));
    }

    private Reply permissions(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        return Reply.ok(Docs.object()
                .put("read_basic_data", true)
                .put("read_sensitive_data", call.permissions().readsSecrets(in.space())));
    }

    private ObjectNode present(App app) {
        return present(app, store.database.read(dsl -> store.metadata.of(dsl, app.guid())));
    }

    private ObjectNode present(App app, Metadata metadata) {
        String self = "/apps/" + app.guid();
        ObjectNode document = app.stamp().document().put("name", app.name()).put("state", app.state());
        document.set("lifecycle", lifecycle(app.lifecycle()));
        ObjectNode relationships = document.putObject("relationships");
        relationships.set("space", Docs.toOne(app.spaceGuid()));
        relationships.set("current_droplet", Docs.toOne(app.dropletGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("environment_variables", urls.link(self + "/environment_variables"));
        links.set("space", urls.link("/spaces/" + app.spaceGuid()));
        links.set("processes", urls.link(self + "/processes"));
        links.set("packages", urls.link(self + "/packages"));
        links.set("current_droplet", urls.link(self + "/droplets/current"));
        links.set("droplets", urls.link(self + "/droplets"));
        links.set("tasks", urls.link(self + "/tasks"));
        links.set("start", urls.post(self + "/actions/start"));
        links.set("stop", urls.post(self + "/actions/stop"));
        links.set("clear_buildpack_cache", urls.post(self + "/actions/clear_buildpack_cache"));
        links.set("revisions", urls.link(self + "/revisions"));
        links.set("deployed_revisions", urls.link(self + "/revisions/deployed"));
        links.set("features", urls.link(self + "/features"));
        return document;
    }

    static ObjectNode lifecycle(App.Lifecycle lifecycle) {
        ObjectNode document = Docs.object().put("type", lifecycle.type());
        ObjectNode data = document.putObject("data");
        if (!lifecycle.docker()) {
            data.set("buildpacks", Docs.strings(lifecycle.buildpacks()));
            data.put("stack", lifecycle.stack());
        }
        return document;
    }
}
