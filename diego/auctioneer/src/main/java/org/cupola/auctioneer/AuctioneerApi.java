package org.cupola.auctioneer;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.LrpStartRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Accepts work: a valid request waits in the queue before its answer is sent, an invalid one is dropped and logged. */
final class AuctioneerApi {
    private static final Logger log = LoggerFactory.getLogger(AuctioneerApi.class);
    private static final String TRACE_ID = "X-Vcap-Request-Id";
    /** A BBS that lost all cells asks for everything at once. */
    private static final long MAX_REQUEST_BYTES = 256L * 1024 * 1024;

    private final WorkQueue queue;
    private final AuctionCounters counters;

    AuctioneerApi(WorkQueue queue, AuctionCounters counters) {
        this.queue = queue;
        this.counters = counters;
    }

    void register(ServerBuilder server) {
        server.maxRequestLength(MAX_REQUEST_BYTES);
        server.route().post("/v1/lrps").build(new BlockingService((ctx, request) -> accept(request, this::lrps)));
        server.route().post("/v1/tasks").build(new BlockingService((ctx, request) -> accept(request, this::tasks)));
    }

    private interface Reader {
        List<Item> read(byte[] body, String traceId);
    }

    private HttpResponse accept(AggregatedHttpRequest request, Reader reader) {
        counters.request();
        String traceId = request.headers().get(TRACE_ID, "");
        List<Item> items;
        try {
            items = reader.read(request.content().array(), traceId);
        } catch (JacksonException e) {
            String reason = e.getOriginalMessage();
            log.atWarn().addKeyValue("reason", reason).log("request-not-readable");
            return json(HttpStatus.BAD_REQUEST, Map.of("error", String.valueOf(reason)));
        }
        if (!items.isEmpty()) {
            queue.add(items);
        }
        return json(HttpStatus.ACCEPTED, Map.of());
    }

    private List<Item> lrps(byte[] body, String traceId) {
        List<Item> items = new ArrayList<>();
        for (LrpStartRequest request : Json.read(body, LrpStartRequest[].class)) {
            if (isValid(request)) {
                request.indices().forEach(index -> items.add(Item.Lrp.of(request, index, traceId)));
            } else {
                log.atError().addKeyValue("process_guid", request.processGuid()).log("invalid-start-request-dropped");
            }
        }
        return items;
    }

    private static boolean isValid(LrpStartRequest request) {
        return !request.processGuid().isEmpty()
                && !request.domain().isEmpty()
                && !request.indices().isEmpty()
                && !request.rootFs().isEmpty()
                && request.memoryMb() >= 0
                && request.diskMb() >= 0;
    }

    private List<Item> tasks(byte[] body, String traceId) {
        List<Item> items = new ArrayList<>();
        for (CellTask task : CellTask.readStartRequests(body)) {
            if (task.isValidRequest()) {
                items.add(new Item.Task(task, 1, traceId));
            } else {
                log.atError().addKeyValue("task_guid", task.taskGuid()).log("invalid-start-request-dropped");
            }
        }
        return items;
    }

    private static HttpResponse json(HttpStatus status, Map<String, String> body) {
        return HttpResponse.of(status, MediaType.JSON, HttpData.wrap(Json.bytes(body)));
    }
}
