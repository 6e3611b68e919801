package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.Map;
import org.cupola.platform.http.BlockingService;
import org.cupola.protocol.blobstore.BlobstoreClient;
import tools.jackson.databind.node.ObjectNode;

/** What the platform's own components ask for: cells download droplets, watchers report crashes. The listener checks who they are. */
final class InternalServer {
    private static final Map<String, String> EVENTS = Map.of(
            "crashed", "audit.app.process.crash",
            "rescheduling", "audit.app.process.rescheduling",
            "readiness_changed", "audit.app.process.ready");

    private final Store store;
    private final BlobstoreClient droplets;
    private final TaskSync tasks;
    private final Gate gate;
    private final Visible visible;

    InternalServer(Store store, BlobstoreClient droplets, TaskSync tasks, Gate gate) {
        this.store = store;
        this.gate = gate;
        this.droplets = droplets;
        this.tasks = tasks;
        this.visible = new Visible(store);
    }

    void addTo(ServerBuilder server) {
        Downloads.addTo(
                server,
                "/internal/v4/droplets/{guid}/{checksum}/download",
                (ctx, _) -> droplet(ctx.pathParam("guid"), ctx.pathParam("checksum")));
        EVENTS.keySet()
                .forEach(name -> server.route()
                        .path("/internal/v4/apps/{process_guid}/" + name)
                        .methods(HttpMethod.POST)
                        .build(new BlockingService((ctx, request) -> report(ctx, request, name))));
        server.route()
                .path("/internal/v4/tasks/{guid}/completed")
                .methods(HttpMethod.POST)
                .build(new BlockingService(this::completed));
        server.route().get("/internal/v4/log_access/{guid}").build(new BlockingService(this::logAccess));
        server.serviceUnder(
                "/",
                new BlockingService((_, request) ->
                        Gate.failure(ApiException.unknownRequest(), Gate.requestId(request.headers()))));
    }

    /** @param guid of a process, or of an app for its tasks; the droplet must be one of the app's */
    private Downloads.Content droplet(String guid, String checksum) {
        return store.database.read(dsl -> {
            String appGuid = store.processes
                    .table
                    .find(dsl, guid)
                    .map(ProcessRow::appGuid)
                    .orElse(guid);
            return store.droplets.table.all(dsl, Columns.APP_GUID.eq(appGuid)).stream()
                    .filter(droplet -> checksum.equals(droplet.sha256()) || checksum.equals(droplet.sha1()))
                    .findFirst()
                    .map(droplet -> new Downloads.Content(
                            droplets, BlobStores.dropletKey(droplet), BlobstoreClient.Audience.INTERNAL, "Droplet"))
                    .orElseThrow(() -> ApiException.notFound("Droplet"));
        });
    }

    /** The BBS's word that a task is over. */
    private HttpResponse completed(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        String requestId = Gate.requestId(request.headers());
        String guid = String.valueOf(ctx.pathParam("guid"));
        try {
            ObjectNode result = Body.parse(request.content().array()).root();
            if (!result.path("task_guid").asString("").equals(guid)) {
                throw ApiException.badRequest("Task guid mismatch");
            }
            if (store.database.read(dsl -> store.tasks.table.find(dsl, guid)).isEmpty()) {
                throw ApiException.notFound("Task");
            }
            boolean news = tasks.completed(
                    guid,
                    result.path("failed").asBoolean(false),
                    result.path("failure_reason").asString(""));
            if (!news) {
                throw ApiException.badRequest("Task is already completed");
            }
            return Reply.ok(Docs.object()).http(requestId);
        } catch (ApiException e) {
            return Gate.failure(e, requestId);
        }
    }

    /** Whether the bearer of the token sees the app, and so its logs. */
    private HttpResponse logAccess(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        String requestId = Gate.requestId(request.headers());
        try {
            Call call = new Call(
                    request.headers(),
                    ctx.path(),
                    ctx.pathParams(),
                    QueryParams.of(),
                    HttpData.empty(),
                    gate.admit(request.headers()));
            visible.app(call, String.valueOf(ctx.pathParam("guid")));
            return Reply.ok(Docs.object()).http(requestId);
        } catch (ApiException e) {
            return Gate.failure(e, requestId);
        }
    }

    private HttpResponse report(ServiceRequestContext ctx, AggregatedHttpRequest request, String name) {
        String requestId = Gate.requestId(request.headers());
        try {
            String lrpGuid = ctx.pathParam("process_guid");
            String processGuid = lrpGuid.substring(0, Math.min(36, lrpGuid.length()));
            ObjectNode data = Body.parse(request.content().array()).root();
            store.database.writeVoid(dsl -> {
                ProcessRow process = store.processes
                        .table
                        .find(dsl, processGuid)
                        .orElseThrow(() -> ApiException.notFound("Process"));
                App app = store.apps
                        .table
                        .find(dsl, process.appGuid())
                        .orElseThrow(() -> ApiException.notFound("Process"));
                Space space = store.spaces.table.find(dsl, app.spaceGuid()).orElseThrow();
                String type = EVENTS.getOrDefault(name, name);
                if (name.equals("readiness_changed") && !data.path("ready").asBoolean(false)) {
                    type = "audit.app.process.not-ready";
                }
                store.events.record(
                        dsl,
                        new AuditEvents.Party(process.guid(), "process", process.type()),
                        type,
                        AuditEvents.Party.of(app),
                        data,
                        space.guid(),
                        space.organizationGuid());
            });
            return Reply.ok(Docs.object()).http(requestId);
        } catch (ApiException e) {
            return Gate.failure(e, requestId);
        }
    }
}
