package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.STATE;

import com.linecorp.armeria.common.HttpStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/deployments}; {@link DeploymentUpdater} moves them on. */
final class Deployments {
    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final LrpSync lrps;
    private final AppActions actions;
    private final Runnable onCreated;

    /** @param onCreated wakes the updater */
    Deployments(Api api, AppActions actions, Runnable onCreated) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.lrps = api.lrps();
        this.actions = actions;
        this.onCreated = onCreated;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/deployments", this::list)
                .post("/v3/deployments", this::create)
                .get(
                        "/v3/deployments/{guid}",
                        call -> Reply.ok(present(find(call).deployment())))
                .patch("/v3/deployments/{guid}", this::update)
                .post("/v3/deployments/{guid}/actions/cancel", this::cancel)
                .post("/v3/deployments/{guid}/actions/continue", this::proceed);
    }

    /** A deployment and where its app is. */
    private record Found(Deployment deployment, Visible.AppIn in) {}

    private Found find(Call call) {
        Deployment deployment = store.database
                .read(dsl -> store.deployments.table.find(dsl, call.guid()))
                .orElseThrow(() -> ApiException.notFound("Deployment"));
        return new Found(deployment, visible.owner(call, deployment.appGuid(), "Deployment"));
    }

    private Reply list(Call call) {
        ListQuery query = call.list("app_guids", "states", "status_reasons", "status_values", "label_selector");
        Condition where = Processes.inVisibleApps(call, query)
                .and(query.common())
                .and(query.in("app_guids", APP_GUID))
                .and(query.in("states", STATE))
                .and(LabelSelector.condition(query))
                .and(statuses(query));
        Page<Deployment> page = store.database.read(dsl -> store.deployments.table.page(dsl, where, query));
        return Reply.ok(listing.document(call, query, page, Deployment::guid, this::present));
    }

    private static Condition statuses(ListQuery query) {
        Condition condition = DSL.noCondition();
        if (query.has("status_values")) {
            List<String> values = query.values("status_values");
            Condition any = DSL.falseCondition();
            any = values.contains("ACTIVE") ? any.or(DeploymentRepository.ACTIVE) : any;
            any = values.contains("FINALIZED") ? any.or(DeploymentRepository.ACTIVE.not()) : any;
            condition = condition.and(any);
        }
        if (query.has("status_reasons")) {
            List<String> reasons = query.values("status_reasons");
            List<String> states = Arrays.stream(Deployment.State.values())
                    .map(Enum::name)
                    .filter(reasons::contains)
                    .toList();
            Condition plain = STATE.in(states).and(DeploymentRepository.SUPERSEDED.eq(false));
            condition = condition.and(
                    reasons.contains("SUPERSEDED") ? plain.or(DeploymentRepository.SUPERSEDED.eq(true)) : plain);
        }
        return condition;
    }

    private Reply create(Call call) {
        Body body = call.body().allow("relationships", "droplet", "revision", "strategy", "options", "metadata");
        String appGuid = body.requiredRelationship("app");
        String strategy = body.string("strategy").orElse("rolling");
        JsonNode options = body.node("options");
        Metadata metadata = Metadata.read(body);
        if (!strategy.equals("rolling")) {
            body.refuse("Strategy '" + strategy + "' is not a supported deployment strategy");
        }
        if (body.hasValue("droplet") && body.hasValue("revision")) {
            body.refuse("Cannot set both fields 'droplet' and 'revision'");
        }
        if (body.hasValue("revision")) {
            body.refuse("Revision does not exist");
        }
        int maxInFlight = positive(body, options, "max_in_flight").orElse(1);
        Optional<Integer> instances = positive(body, options, "web_instances");
        Optional<Integer> memory = positive(body, options, "memory_in_mb");
        Optional<Integer> disk = positive(body, options, "disk_in_mb");
        body.check();
        Visible.AppIn in = visible.findApp(call, appGuid)
                .orElseThrow(() ->
                        ApiException.unprocessable("App is invalid. Ensure it exists and you have access to it."));
        call.permissions().requireManage(in.space());
        String dropletGuid = body.hasValue("droplet")
                ? body.node("droplet", "guid").asString("")
                : Optional.ofNullable(in.app().dropletGuid())
                        .orElseThrow(
                                () -> ApiException.unprocessable(
                                        "Invalid droplet. Please specify a droplet in the request or set a current droplet for the app."));
        Deployment deployment = store.database.write(dsl -> {
            Deployment created = start(dsl, call.caller(), in, dropletGuid, maxInFlight, instances, memory, disk);
            store.metadata.merge(dsl, created.guid(), metadata);
            return created;
        });
        if (deployment.active()) {
            lrps.sync(store.database.read(dsl -> lrps.processesOf(dsl, appGuid)));
            onCreated.run();
        } else {
            actions.start(call.caller(), in.space(), visible.app(call, appGuid).app());
        }
        return Reply.created(present(deployment, metadata));
    }

    private static Optional<Integer> positive(Body body, JsonNode options, String key) {
        JsonNode value = options.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > Integer.MAX_VALUE) {
            body.refuse("Options " + Body.label(key) + " must be an integer greater than 0");
            return Optional.empty();
        }
        return Optional.of(value.asInt());
    }

    private Deployment start(
            DSLContext dsl,
            Caller caller,
            Visible.AppIn in,
            String dropletGuid,
            int maxInFlight,
            Optional<Integer> instances,
            Optional<Integer> memory,
            Optional<Integer> disk) {
        App app = in.app();
        Optional<Deployment> active = store.deployments.activeOf(dsl, app.guid());
        long now = store.stamps.micros();
        active.ifPresent(old -> store.deployments.setState(
                dsl,
                old.guid(),
                old.state() == Deployment.State.DEPLOYING ? Deployment.State.DEPLOYED : Deployment.State.CANCELED,
                true,
                now));
        ProcessRow web = store.processes
                .ofApp(dsl, app.guid(), ProcessRow.WEB)
                .orElseThrow(() -> ApiException.unprocessable("The app has no web process."));
        int target = instances.orElse(active.map(Deployment::targetInstances).orElse(web.instances()));
        actions.assignDroplet(dsl, caller, in.space(), app, dropletGuid);
        boolean rolls = app.started();
        Stamp process = store.stamps.create();
        if (rolls) {
            store.processes.insert(
                    dsl,
                    new ProcessRow(
                            process,
                            app.guid(),
                            ProcessRow.WEB,
                            UUID.randomUUID().toString(),
                            web.command(),
                            web.user(),
                            Math.min(maxInFlight, target),
                            memory.orElse(web.memoryMb()),
                            disk.orElse(web.diskMb()),
                            web.logRate(),
                            web.healthCheck(),
                            web.readinessCheck()));
        }
        Stamp stamp = store.stamps.create();
        Deployment deployment = new Deployment(
                stamp,
                app.guid(),
                rolls ? Deployment.State.DEPLOYING : Deployment.State.DEPLOYED,
                dropletGuid,
                app.dropletGuid(),
                maxInFlight,
                target,
                rolls ? process.guid() : null,
                false,
                stamp.createdAt(),
                stamp.createdAt());
        store.deployments.insert(dsl, deployment);
        store.events.record(
                dsl,
                caller,
                "audit.app.deployment.create",
                AuditEvents.Party.of(app),
                in.space(),
                Docs.object().put("deployment_guid", stamp.guid()).put("droplet_guid", dropletGuid));
        return deployment;
    }

    private Reply update(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        Body body = call.body().allow("metadata");
        Metadata metadata = Metadata.read(body);
        body.check();
        store.database.writeVoid(dsl -> store.metadata.merge(dsl, call.guid(), metadata));
        return Reply.ok(present(found.deployment()));
    }

    private Reply cancel(Call call) {
        Found found = find(call);
        call.permissions().requireManage(found.in().space());
        if (!found.deployment().active()) {
            throw ApiException.unprocessable(
                    "Cannot cancel a deployment with status: FINALIZED and reason: " + reason(found.deployment()));
        }
        store.database.writeVoid(dsl -> {
            store.deployments.setState(dsl, call.guid(), Deployment.State.CANCELING, false, store.stamps.micros());
            store.events.record(
                    dsl,
                    call.caller(),
                    "audit.app.deployment.cancel",
                    AuditEvents.Party.of(found.in().app()),
                    found.in().space(),
                    Docs.object().put("deployment_guid", call.guid()));
        });
        onCreated.run();
        return Reply.empty(HttpStatus.OK);
    }

    /** Only paused deployments go on when told so, and rolling ones never pause. */
    private Reply proceed(Call call) {
        Found found = find(call);
        call.permissions().requireManage(found.in().space());
        throw ApiException.unprocessable("Cannot continue a deployment with status: "
                + (found.deployment().active() ? "ACTIVE" : "FINALIZED") + " and reason: "
                + reason(found.deployment()));
    }

    private static String reason(Deployment deployment) {
        return deployment.superseded() ? "SUPERSEDED" : deployment.state().name();
    }

    private ObjectNode present(Deployment deployment) {
        return present(deployment, store.database.read(dsl -> store.metadata.of(dsl, deployment.guid())));
    }

    private ObjectNode present(Deployment deployment, Metadata metadata) {
        ObjectNode document = deployment.stamp().document();
        ObjectNode status = document.putObject("status")
                .put("value", deployment.active() ? "ACTIVE" : "FINALIZED")
                .put("reason", reason(deployment));
        status.putObject("details")
                .put("last_successful_healthcheck", Stamp.text(deployment.lastHealthyAt()))
                .put("last_status_change", Stamp.text(deployment.statusChangedAt()));
        document.put("strategy", "rolling");
        document.putObject("options").put("max_in_flight", deployment.maxInFlight());
        document.set("droplet", Docs.guid(deployment.dropletGuid()));
        document.set(
                "previous_droplet",
                deployment.previousDropletGuid() == null
                        ? Docs.orNull(null)
                        : Docs.guid(deployment.previousDropletGuid()));
        ArrayNode processes = document.putArray("new_processes");
        String newProcess = deployment.newProcessGuid();
        if (newProcess != null) {
            processes.addObject().put("guid", newProcess).put("type", ProcessRow.WEB);
        }
        document.putNull("revision");
        document.putObject("relationships").set("app", Docs.toOne(deployment.appGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        String self = "/deployments/" + deployment.guid();
        links.set("self", urls.link(self));
        links.set("app", urls.link("/apps/" + deployment.appGuid()));
        if (deployment.active()) {
            links.set("cancel", urls.post(self + "/actions/cancel"));
        }
        return document;
    }
}
