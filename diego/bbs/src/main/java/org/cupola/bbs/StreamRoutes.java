package org.cupola.bbs;

import com.google.protobuf.InvalidProtocolBufferException;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.EventStream;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.EventsByCellId;

/** The event streams: a subscription is open as soon as its headers are sent, replays nothing, and is cut off 1024 events behind. */
final class StreamRoutes {
    private static final int MAX_PENDING = 1024;
    private static final ResponseHeaders HEADERS = ResponseHeaders.builder(HttpStatus.OK)
            .add(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
            .add(HttpHeaderNames.CACHE_CONTROL, "no-cache, no-store, must-revalidate")
            .build();

    private final ServerBuilder server;
    private final Events events;
    private final BbsMetrics metrics;

    StreamRoutes(ServerBuilder server, Events events, BbsMetrics metrics) {
        this.server = server;
        this.events = events;
        this.metrics = metrics;
    }

    void register() {
        List<EventHub> instances = List.of(events.desired(), events.instances());
        List<EventHub> groups = List.of(events.desired(), events.groups());
        List<EventHub> tasks = List.of(events.tasks());
        stream(BbsRoute.LRP_INSTANCE_EVENTS_R1, instances, UnaryOperator.identity());
        stream(BbsRoute.LRP_INSTANCE_EVENTS, instances, Downgrades::versionZero);
        stream(BbsRoute.EVENTS_R1, groups, UnaryOperator.identity());
        stream(BbsRoute.EVENTS, groups, Downgrades::versionZero);
        stream(BbsRoute.TASK_EVENTS_R1, tasks, UnaryOperator.identity());
        stream(BbsRoute.TASK_EVENTS, tasks, Downgrades::versionZero);
    }

    private void stream(BbsRoute route, List<EventHub> hubs, UnaryOperator<BbsEvent> revision) {
        var service = new BlockingService((ctx, request) -> open(ctx, request, route, hubs, revision));
        var binding = server.route();
        (route.isGet() ? binding.get(route.path()) : binding.post(route.path())).build(service);
    }

    private HttpResponse open(
            ServiceRequestContext ctx,
            AggregatedHttpRequest request,
            BbsRoute route,
            List<EventHub> hubs,
            UnaryOperator<BbsEvent> revision) {
        metrics.request(route.routeName(), Duration.ZERO, true);
        String cellId;
        try {
            cellId = hubs.size() == 1
                    ? ""
                    : EventsByCellId.parseFrom(request.content().array()).getCellId();
        } catch (InvalidProtocolBufferException e) {
            return HttpResponse.of(ResponseHeaders.of(HttpStatus.INTERNAL_SERVER_ERROR));
        }
        EventStream stream = EventStream.open(ctx, HEADERS, MAX_PENDING);
        Predicate<BbsEvent> wanted = cellId.isEmpty() ? event -> true : event -> CellFilter.concerns(event, cellId);
        var subscriber = new EventSubscriber(stream, wanted, revision);
        for (EventHub hub : hubs) {
            if (!hub.subscribe(subscriber)) {
                stream.close();
                return HttpResponse.of(ResponseHeaders.of(HttpStatus.INTERNAL_SERVER_ERROR));
            }
        }
        stream.whenClosed().thenRun(() -> hubs.forEach(hub -> hub.unsubscribe(subscriber)));
        return stream.response();
    }
}
