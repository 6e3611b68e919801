package org.cupola.bbs;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.json.Json;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.LrpStartRequest;

/** An auctioneer and a cell that accept everything and remember it. */
final class FakePeers implements AutoCloseable {
    private final BlockingQueue<LrpStartRequest> lrps = new LinkedBlockingQueue<>();
    private final BlockingQueue<CellTask> tasks = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> cellCalls = new LinkedBlockingQueue<>();
    private final HttpServer server;

    FakePeers(HttpListener listener) throws Exception {
        server = new HttpServer(
                "peers",
                listener,
                builder -> builder.service("/v1/lrps", new BlockingService((ctx, request) -> {
                            lrps.addAll(List.of(Json.read(request.content().array(), LrpStartRequest[].class)));
                            return accepted();
                        }))
                        .service("/v1/tasks", new BlockingService((ctx, request) -> {
                            tasks.addAll(
                                    CellTask.readStartRequests(request.content().array()));
                            return accepted();
                        }))
                        .serviceUnder("/", new BlockingService((ctx, request) -> {
                            cellCalls.add(request.method() + " " + request.path() + " " + request.contentUtf8());
                            return accepted();
                        })));
        server.start();
    }

    private static HttpResponse accepted() {
        return HttpResponse.of(HttpStatus.ACCEPTED, MediaType.JSON, "{}");
    }

    String url() {
        return "https://127.0.0.1:" + server.port();
    }

    LrpStartRequest nextLrpAuction() throws InterruptedException {
        return Objects.requireNonNull(lrps.poll(10, TimeUnit.SECONDS), "no LRP auction was requested");
    }

    CellTask nextTaskAuction() throws InterruptedException {
        return Objects.requireNonNull(tasks.poll(10, TimeUnit.SECONDS), "no task auction was requested");
    }

    String nextCellCall() throws InterruptedException {
        return Objects.requireNonNull(cellCalls.poll(10, TimeUnit.SECONDS), "the cell was not called");
    }

    boolean isQuiet() {
        return lrps.isEmpty() && tasks.isEmpty() && cellCalls.isEmpty();
    }

    @Override
    public void close() {
        server.close();
    }
}
