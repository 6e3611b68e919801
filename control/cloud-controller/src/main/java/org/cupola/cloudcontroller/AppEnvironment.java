package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** The environment of apps, and that of all apps: {@code …/env}, {@code …/environment_variables}, the groups. */
final class AppEnvironment {
    private final Store store;
    private final Urls urls;
    private final Visible visible;
    private final AppEnvironmentRules rules;

    AppEnvironment(Api api, AppEnvironmentRules rules) {
        this.store = api.store();
        this.urls = api.urls();
        this.visible = api.visible();
        this.rules = rules;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/apps/{guid}/env", this::env)
                .get("/v3/apps/{guid}/environment_variables", this::show)
                .patch("/v3/apps/{guid}/environment_variables", this::update)
                .get("/v3/environment_variable_groups/{name}", this::group)
                .patch("/v3/environment_variable_groups/{name}", this::updateGroup);
    }

    private Visible.AppIn readable(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        if (!call.permissions().readsEnvironment(in.space())) {
            throw ApiException.notAuthorized();
        }
        store.flags.require(call.permissions(), "env_var_visibility");
        if (!call.caller().readsAllSecrets()) {
            store.flags.require(call.permissions(), "space_developer_env_var_visibility");
        }
        return in;
    }

    private Reply env(Call call) {
        Visible.AppIn in = readable(call);
        ObjectNode document = Docs.object();
        document.set(
                "staging_env_json",
                variables(
                        store.environmentGroups.find(EnvironmentGroups.STAGING).variables()));
        document.set(
                "running_env_json",
                variables(
                        store.environmentGroups.find(EnvironmentGroups.RUNNING).variables()));
        document.set("environment_variables", variables(in.app().environment()));
        document.putObject("system_env_json").putObject("VCAP_SERVICES");
        ProcessRow web = store.database
                .read(dsl -> store.processes.ofApp(dsl, in.guid(), ProcessRow.WEB))
                .orElseThrow(() -> ApiException.notFound("Process"));
        ObjectNode application = rules.vcapApplication(in.app(), in.space(), web.memoryMb(), web.diskMb());
        var uris = Docs.strings(uris(in.guid()));
        application.set("application_uris", uris);
        application.set("uris", uris);
        application.putNull("users");
        document.putObject("application_env_json").set("VCAP_APPLICATION", application);
        return Reply.ok(document);
    }

    private List<String> uris(String appGuid) {
        return store.database.read(dsl -> store.destinations.all(dsl, Columns.APP_GUID.eq(appGuid)).stream()
                .flatMap(destination -> store.routes.find(dsl, destination.routeGuid()).stream())
                .map(Route::url)
                .distinct()
                .toList());
    }

    private Reply show(Call call) {
        Visible.AppIn in = readable(call);
        return Reply.ok(document(in.guid(), in.app().environment()));
    }

    private Reply update(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        call.permissions().requireManage(in.space());
        Body body = call.body().allow("var");
        Map<String, String> merged =
                EnvironmentVariables.merged(in.app().environment(), body.node("var"), body::refuse);
        body.check();
        store.database.writeVoid(dsl -> {
            store.apps.setEnvironment(dsl, in.guid(), merged, store.stamps.micros());
            store.events.record(dsl, call.caller(), "audit.app.update", AuditEvents.Party.of(in.app()), in.space());
        });
        return Reply.ok(document(in.guid(), merged));
    }

    private ObjectNode document(String appGuid, Map<String, String> variables) {
        ObjectNode document = Docs.object();
        document.set("var", variables(variables));
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link("/apps/" + appGuid + "/environment_variables"));
        links.set("app", urls.link("/apps/" + appGuid));
        return document;
    }

    private Reply group(Call call) {
        return Reply.ok(document(store.environmentGroups.find(groupName(call))));
    }

    private Reply updateGroup(Call call) {
        call.permissions().requireAdmin();
        String name = groupName(call);
        Body body = call.body().allow("var");
        EnvironmentVariables.merged(Map.of(), body.node("var"), body::refuse);
        body.check();
        return Reply.ok(document(store.environmentGroups.merge(name, body.node("var"))));
    }

    private static String groupName(Call call) {
        String name = call.parameter("name");
        if (!name.equals(EnvironmentGroups.RUNNING) && !name.equals(EnvironmentGroups.STAGING)) {
            throw ApiException.notFound("Environment variable group");
        }
        return name;
    }

    private ObjectNode document(EnvironmentGroups.Group group) {
        ObjectNode document = Docs.object();
        if (group.updatedAt() == 0) {
            document.putNull("updated_at");
        } else {
            document.put("updated_at", Stamp.text(group.updatedAt()));
        }
        document.put("name", group.name());
        document.set("var", variables(group.variables()));
        document.putObject("links").set("self", urls.link("/environment_variable_groups/" + group.name()));
        return document;
    }

    private static ObjectNode variables(Map<String, String> variables) {
        return Docs.parse(Stored.map(variables));
    }
}
