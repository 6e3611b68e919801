package org.cupola.cloudcontroller;

import org.jooq.Field;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/apps/:guid/features} and {@code …/ssh_enabled}. */
final class AppFeatures {
    private final Store store;
    private final Visible visible;
    private final boolean sshAllowed;

    AppFeatures(Api api) {
        this.store = api.store();
        this.visible = api.visible();
        this.sshAllowed = api.config().platform().sshAllowed();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/apps/{guid}/features", this::list)
                .get("/v3/apps/{guid}/features/{name}", this::show)
                .patch("/v3/apps/{guid}/features/{name}", this::update)
                .get("/v3/apps/{guid}/ssh_enabled", this::sshEnabled);
    }

    private Reply list(Call call) {
        App app = visible.app(call, call.guid()).app();
        ObjectNode document = Docs.object();
        ObjectNode pagination =
                document.putObject("pagination").put("total_results", 2).put("total_pages", 1);
        pagination.set("first", Docs.link(call.path()));
        pagination.set("last", Docs.link(call.path()));
        pagination.putNull("next");
        pagination.putNull("previous");
        ArrayNode resources = document.putArray("resources");
        resources.add(feature(app, "ssh"));
        resources.add(feature(app, "revisions"));
        return Reply.ok(document);
    }

    private Reply show(Call call) {
        App app = visible.app(call, call.guid()).app();
        return Reply.ok(feature(app, call.parameter("name")));
    }

    private Reply update(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        call.permissions().requireManage(in.space());
        String name = call.parameter("name");
        feature(in.app(), name);
        Body body = call.body().allow("enabled");
        boolean enabled = body.bool("enabled").orElseGet(() -> {
            body.refuse("Enabled must be a boolean");
            return false;
        });
        body.check();
        store.database.writeVoid(
                dsl -> store.apps.setFeature(dsl, in.guid(), column(name), enabled, store.stamps.micros()));
        return Reply.ok(feature(visible.app(call, call.guid()).app(), name));
    }

    private static Field<Boolean> column(String name) {
        return switch (name) {
            case "ssh" -> AppRepository.SSH_ENABLED;
            case "revisions" -> AppRepository.REVISIONS_ENABLED;
            default -> throw ApiException.notFound("Feature");
        };
    }

    private static ObjectNode feature(App app, String name) {
        return switch (name) {
            case "ssh" ->
                Docs.object()
                        .put("name", name)
                        .put("description", "Enable SSHing into the app.")
                        .put("enabled", app.sshEnabled());
            case "revisions" ->
                Docs.object()
                        .put("name", name)
                        .put("description", "Enable versioning of an application")
                        .put("enabled", app.revisionsEnabled());
            default -> throw ApiException.notFound("Feature");
        };
    }

    private Reply sshEnabled(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        String reason = "";
        if (!sshAllowed) {
            reason = "ssh is disabled globally";
        } else if (!in.space().sshAllowed()) {
            reason = "ssh is disabled for space '" + in.space().name() + "'";
        } else if (!in.app().sshEnabled()) {
            reason = "ssh is disabled for app";
        }
        return Reply.ok(Docs.object().put("enabled", reason.isEmpty()).put("reason", reason));
    }
}
