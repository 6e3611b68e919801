package org.cupola.rep;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.protocol.bbs.LrpUpdate;
import org.cupola.rep.container.ContainerException;
import org.cupola.rep.executor.Executor;
import org.cupola.rep.executor.ExecutorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** What auctioneer and BBS ask of the cell. */
final class RepApi {
    private static final Logger log = LoggerFactory.getLogger(RepApi.class);
    private static final long MAX_REQUEST_BYTES = 64L * 1024 * 1024;

    private final AuctionCell cell;
    private final Executor executor;
    private final ContainerMetrics metrics;
    private final RequestCounters counters;

    RepApi(AuctionCell cell, Executor executor, ContainerMetrics metrics, RequestCounters counters) {
        this.cell = cell;
        this.executor = executor;
        this.metrics = metrics;
        this.counters = counters;
    }

    void register(ServerBuilder server) {
        server.maxRequestLength(MAX_REQUEST_BYTES);
        server.route().get("/state").build(service("State", (ctx, body) -> state()));
        server.route()
                .get("/container_metrics")
                .build(service("ContainerMetrics", (ctx, body) -> json(HttpStatus.OK, metrics.report())));
        server.route().post("/work").build(service("Perform", (ctx, body) -> work(body)));
        String instance = "/lrps/{process_guid}/instances/{instance_guid}";
        server.route().put("/v1" + instance).build(service("UpdateLRPInstance", this::update));
        server.route().put("/v2" + instance).build(service("UpdateLRPInstance", this::update));
        server.route().post("/v1" + instance + "/stop").build(service("StopLRPInstance", (ctx, body) -> stop(ctx)));
        server.route().post("/v1/tasks/{task_guid}/cancel").build(service("CancelTask", (ctx, body) -> cancel(ctx)));
        server.route()
                .post("/sim/reset")
                .build(service("Reset", (ctx, body) -> HttpResponse.of(HttpStatus.INTERNAL_SERVER_ERROR)));
    }

    private interface Operation {
        HttpResponse run(ServiceRequestContext ctx, byte[] body);
    }

    private BlockingService service(String type, Operation operation) {
        return new BlockingService((ctx, request) -> {
            long start = counters.begin(type);
            boolean well = false;
            try {
                HttpResponse response = operation.run(ctx, request.content().array());
                well = true;
                return response;
            } catch (JacksonException e) {
                log.atWarn().addKeyValue("reason", e.getOriginalMessage()).log("request-not-readable");
                return HttpResponse.of(HttpStatus.BAD_REQUEST);
            } catch (IllegalArgumentException e) {
                log.atError().addKeyValue("reason", e.getMessage()).log("request-refused");
                return HttpResponse.of(HttpStatus.INTERNAL_SERVER_ERROR);
            } finally {
                counters.end(type, start, well);
            }
        });
    }

    private HttpResponse state() {
        return json(cell.healthy() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE, cell.state());
    }

    private HttpResponse work(byte[] body) {
        CellWork refused = cell.perform(Json.read(body, CellWork.class));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("LRPs", refused.lrps());
        answer.put("Tasks", refused.tasks());
        return json(HttpStatus.OK, answer);
    }

    private HttpResponse update(ServiceRequestContext ctx, byte[] body) {
        LrpUpdate update = Json.read(body, LrpUpdate.class);
        Optional<List<String>> routes = Optional.ofNullable(update.internalRoutes())
                .map(list ->
                        list.stream().map(LrpUpdate.InternalRoute::hostname).toList());
        return accepted(ctx, guid -> executor.update(guid, routes, Optional.ofNullable(update.metricTags())));
    }

    private HttpResponse stop(ServiceRequestContext ctx) {
        return accepted(ctx, executor::stop);
    }

    private interface Command {
        void run(String guid) throws ExecutorException;
    }

    private static HttpResponse accepted(ServiceRequestContext ctx, Command command) {
        String guid = String.valueOf(ctx.pathParam("instance_guid"));
        try {
            command.run(guid);
            return HttpResponse.of(HttpStatus.ACCEPTED);
        } catch (ExecutorException e) {
            log.atWarn()
                    .addKeyValue("instance_guid", guid)
                    .addKeyValue("reason", e.getMessage())
                    .log("command-failed");
            return HttpResponse.of(HttpStatus.INTERNAL_SERVER_ERROR);
        }
    }

    private HttpResponse cancel(ServiceRequestContext ctx) {
        String guid = String.valueOf(ctx.pathParam("task_guid"));
        Thread.ofVirtual().name("cancel-" + guid).start(() -> {
            try {
                executor.delete(guid);
            } catch (ContainerException e) {
                log.atError().setCause(e).addKeyValue("task_guid", guid).log("task-not-cancelled");
            }
        });
        return HttpResponse.of(HttpStatus.ACCEPTED);
    }

    static HttpResponse json(HttpStatus status, Object body) {
        return HttpResponse.of(status, MediaType.JSON, HttpData.wrap(Json.bytes(body)));
    }
}
