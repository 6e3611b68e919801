package org.cupola.routingapi;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What is served on loopback: the locks that backups take, and beyond the original health and metrics for Prometheus. Any
 * thread; never blocks.
 */
final class AdminService {
    private final RouterGroupBook groups;
    private final Store store;
    private final RoutingMetrics metrics;
    private final Supplier<Map<String, Long>> gauges;

    AdminService(RouterGroupBook groups, Store store, RoutingMetrics metrics, Supplier<Map<String, Long>> gauges) {
        this.groups = groups;
        this.store = store;
        this.metrics = metrics;
        this.gauges = gauges;
    }

    void addTo(ServerBuilder server) {
        server.service("/lock_router_group_reads", put(() -> groups.lockReads(true)))
                .service("/unlock_router_group_reads", put(() -> groups.lockReads(false)))
                .service("/lock_router_group_writes", put(() -> groups.lockWrites(true)))
                .service("/unlock_router_group_writes", put(() -> groups.lockWrites(false)))
                .service("/health", (ctx, request) -> health())
                .service(
                        "/metrics",
                        (ctx, request) -> HttpResponse.of(
                                HttpStatus.OK,
                                MediaType.parse("text/plain; version=0.0.4"),
                                metrics.prometheus(gauges.get())));
    }

    private static HttpService put(Runnable action) {
        return (ctx, request) -> {
            if (request.method() != HttpMethod.PUT) {
                return HttpResponse.of(HttpStatus.METHOD_NOT_ALLOWED);
            }
            action.run();
            return HttpResponse.of(ResponseHeaders.of(200));
        };
    }

    private HttpResponse health() {
        return store.isAvailable()
                ? HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, "ok\n")
                : HttpResponse.of(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        MediaType.PLAIN_TEXT_UTF_8,
                        "the database cannot be reached; routes are served from memory\n");
    }
}
