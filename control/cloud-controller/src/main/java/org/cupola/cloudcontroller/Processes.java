package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.SPACE_GUID;
import static org.cupola.cloudcontroller.Columns.TYPE;

import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/processes} and the same under apps, without statistics. */
final class Processes {
    private static final String HIDDEN = "[PRIVATE DATA HIDDEN]";
    private static final String HIDDEN_IN_LISTS = "[PRIVATE DATA HIDDEN IN LISTS]";

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final LrpSync lrps;
    private final ProcessChanges changes;
    private final ProcessStats stats;

    Processes(Api api, ProcessChanges changes, ProcessStats stats) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.lrps = api.lrps();
        this.changes = changes;
        this.stats = stats;
    }

    void register(ApiRoutes routes) {
        String ofApp = "/v3/apps/{guid}/processes";
        routes.get("/v3/processes", call -> list(call, DSL.noCondition()))
                .get("/v3/processes/{guid}", call -> show(call, byGuid(call)))
                .patch("/v3/processes/{guid}", call -> update(call, byGuid(call)))
                .post("/v3/processes/{guid}/actions/scale", call -> scale(call, byGuid(call)))
                .get(ofApp, this::ofApp)
                .get(ofApp + "/{type}", call -> show(call, byType(call)))
                .patch(ofApp + "/{type}", call -> update(call, byType(call)))
                .post(ofApp + "/{type}/actions/scale", call -> scale(call, byType(call)))
                .get("/v3/processes/{guid}/sidecars", this::sidecars)
                .get("/v3/apps/{guid}/sidecars", this::sidecarsOfApp);
    }

    Visible.ProcessIn byGuid(Call call) {
        return visible.process(call, call.guid());
    }

    Visible.ProcessIn byType(Call call) {
        return visible.processOfApp(call, call.guid(), call.parameter("type"));
    }

    private Reply ofApp(Call call) {
        return list(call, APP_GUID.eq(visible.app(call, call.guid()).guid()));
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query =
                call.list("types", "app_guids", "space_guids", "organization_guids", "label_selector", "embed");
        Condition where = restriction
                .and(inVisibleApps(call, query))
                .and(query.common())
                .and(query.in("types", TYPE))
                .and(query.in("app_guids", APP_GUID))
                .and(LabelSelector.condition(query));
        Page<ProcessRow> page = store.database.read(dsl -> store.processes.table.page(dsl, where, query));
        boolean embed = query.values("embed").contains("process_instances");
        if (query.has("embed") && !embed) {
            throw ApiException.badQuery("Invalid embedded resource: '" + query.text("embed", "")
                    + "'. Valid embedded resources are: 'process_instances'");
        }
        Map<String, ObjectNode> instances = embed ? stats.instances(page.items()) : Map.of();
        return Reply.ok(listing.document(call, query, page, ProcessRow::guid, (process, metadata) -> {
            ObjectNode document = present(process, HIDDEN_IN_LISTS, metadata);
            if (process.command() == null && detected(process) == null) {
                document.putNull("command");
            }
            if (embed) {
                ObjectNode found = instances.get(process.guid());
                document.set("process_instances", found == null ? Docs.array() : found.path("resources"));
            }
            return document;
        }));
    }

    /** The condition that apps of processes, packages, builds, droplets must meet to be listed. */
    static Condition inVisibleApps(Call call, ListQuery query) {
        Condition apps = call.permissions().visibleSpaces(SPACE_GUID);
        if (query.has("space_guids")) {
            apps = apps.and(SPACE_GUID.in(query.values("space_guids")));
        }
        if (query.has("organization_guids")) {
            apps = apps.and(Apps.inOrganizations(query));
        }
        return APP_GUID.in(DSL.select(GUID).from(AppRepository.APPS).where(apps));
    }

    private Reply show(Call call, Visible.ProcessIn in) {
        return Reply.ok(present(call, in.process(), in.space()));
    }

    private Reply update(Call call, Visible.ProcessIn in) {
        call.permissions().requireManage(in.space());
        Body body = call.body();
        ProcessRow changed = changes.read(body, in.process());
        Metadata metadata = Metadata.read(body);
        body.check();
        ProcessRow stored = store.database.write(dsl -> {
            if (in.process().web()
                    && store.deployments.activeOf(dsl, in.app().guid()).isPresent()) {
                throw ApiException.processUpdateDisabledDuringDeployment();
            }
            store.metadata.merge(dsl, in.process().guid(), metadata);
            event(dsl, call, "audit.app.process.update", in);
            return changes.store(dsl, in.process(), changed);
        });
        apply(in.process(), stored);
        return Reply.ok(present(call, stored, in.space()));
    }

    private Reply scale(Call call, Visible.ProcessIn in) {
        call.permissions().requireManage(in.space());
        store.flags.require(call.permissions(), "app_scaling");
        Body body = call.body().allow("instances", "memory_in_mb", "disk_in_mb", "log_rate_limit_in_bytes_per_second");
        ProcessRow changed = changes.readScale(body, in.process());
        body.check();
        ProcessRow stored = store.database.write(dsl -> {
            if (in.process().web()
                    && store.deployments.activeOf(dsl, in.app().guid()).isPresent()) {
                throw ApiException.scaleDisabledDuringDeployment();
            }
            event(dsl, call, "audit.app.process.scale", in);
            ProcessRow row = changes.store(dsl, in.process(), changed);
            changes.checkQuota(dsl, in.space(), row);
            return row;
        });
        apply(in.process(), stored);
        return Reply.accepted(present(call, stored, in.space()));
    }

    private void apply(ProcessRow before, ProcessRow after) {
        if (!before.version().equals(after.version())) {
            lrps.remove(List.of(before.lrpGuid()));
        }
        lrps.sync(List.of(after.guid()));
    }

    private void event(DSLContext dsl, Call call, String type, Visible.ProcessIn in) {
        ObjectNode data = Docs.object()
                .put("process_guid", in.process().guid())
                .put("process_type", in.process().type());
        if (!call.content().isEmpty()) {
            ObjectNode request = call.body().root();
            if (request.has("command")) {
                request.put("command", HIDDEN);
            }
            data.set("request", request);
        }
        store.events.record(dsl, call.caller(), type, AuditEvents.Party.of(in.app()), in.space(), data);
    }

    private Reply sidecars(Call call) {
        visible.process(call, call.guid());
        return listing.reply(call, call.list(), new Page<>(0, List.of()), (Object _) -> Docs.object());
    }

    private Reply sidecarsOfApp(Call call) {
        visible.app(call, call.guid());
        return listing.reply(call, call.list(), new Page<>(0, List.of()), (Object _) -> Docs.object());
    }

    private @Nullable String detected(ProcessRow process) {
        return store.database.read(dsl -> store.apps
                .table
                .find(dsl, process.appGuid())
                .map(App::dropletGuid)
                .flatMap(guid -> store.droplets.table.find(dsl, guid))
                .map(droplet -> droplet.processTypes().get(process.type()))
                .orElse(null));
    }

    private ObjectNode present(Call call, ProcessRow process, Space space) {
        String command = process.command() != null ? process.command() : detected(process);
        String shown = command == null || call.permissions().readsSecrets(space) ? command : HIDDEN;
        return present(process, shown, store.database.read(dsl -> store.metadata.of(dsl, process.guid())));
    }

    private ObjectNode present(ProcessRow process, @Nullable String command, Metadata metadata) {
        String self = "/processes/" + process.guid();
        ObjectNode document = process.stamp()
                .document()
                .put("version", process.version())
                .put("type", process.type())
                .put("command", command)
                .put("user", process.user() == null ? "vcap" : process.user())
                .put("instances", process.instances())
                .put("memory_in_mb", process.memoryMb())
                .put("disk_in_mb", process.diskMb())
                .put("log_rate_limit_in_bytes_per_second", process.logRate());
        document.set("health_check", healthCheck(process.healthCheck(), true));
        document.set("readiness_health_check", healthCheck(process.readinessCheck(), false));
        ObjectNode relationships = document.putObject("relationships");
        relationships.set("app", Docs.toOne(process.appGuid()));
        relationships.putNull("revision");
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        links.set("self", urls.link(self));
        links.set("scale", urls.post(self + "/actions/scale"));
        links.set("app", urls.link("/apps/" + process.appGuid()));
        links.set("stats", urls.link(self + "/stats"));
        links.set("process_instances", urls.link(self + "/process_instances"));
        return document;
    }

    private static ObjectNode healthCheck(ProcessRow.HealthCheck check, boolean liveness) {
        ObjectNode document = Docs.object().put("type", check.type());
        ObjectNode data = document.putObject("data");
        if (liveness) {
            data.put("timeout", check.timeout());
        }
        data.put("invocation_timeout", check.invocationTimeout()).put("interval", check.interval());
        if (check.type().equals("http")) {
            data.put("endpoint", check.endpoint());
        }
        return document;
    }
}
