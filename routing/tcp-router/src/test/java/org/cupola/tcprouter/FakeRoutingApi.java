package org.cupola.tcprouter;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.cupola.platform.http.BlockingService;
import org.cupola.platform.http.EventStream;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.http.ServerSentEvent;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.TcpRouteMapping;

/** As much of a Routing API as a TCP router asks for, over the real wire, and the UAA that it trusts. */
final class FakeRoutingApi implements AutoCloseable {
    final List<TcpRouteMapping> routes = new CopyOnWriteArrayList<>();
    final AtomicInteger lists = new AtomicInteger();
    final AtomicInteger subscriptions = new AtomicInteger();
    final AtomicInteger tokens = new AtomicInteger();
    final AtomicInteger refusals = new AtomicInteger();
    volatile String groups = "[]";
    volatile String wantedAuthorization = "";
    volatile String publicKey = "";
    private volatile boolean closing;
    private final List<EventStream> streams = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    FakeRoutingApi(HttpListener listener) {
        server = new HttpServer(
                "fake-routing-api",
                listener,
                services -> services.service("/routing/v1/tcp_routes", new BlockingService(this::list))
                        .service("/routing/v1/tcp_routes/events", new BlockingService(this::events))
                        .service("/routing/v1/router_groups", new BlockingService(this::groups))
                        .service("/oauth/token", new BlockingService(this::token))
                        .service("/token_key", new BlockingService(this::key)));
    }

    FakeRoutingApi start() throws Exception {
        server.start();
        return this;
    }

    int port() {
        return server.port();
    }

    private boolean refuses(AggregatedHttpRequest request) {
        boolean refused = !wantedAuthorization.isEmpty()
                && !wantedAuthorization.equals(request.headers().get("authorization"));
        if (refused) {
            refusals.incrementAndGet();
        }
        return refused;
    }

    private HttpResponse list(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        if (refuses(request)) {
            return HttpResponse.of(HttpStatus.UNAUTHORIZED);
        }
        lists.incrementAndGet();
        String body = "["
                + String.join(
                        ",",
                        routes.stream().map(route -> route.toJson().toString()).toList()) + "]\n";
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, body);
    }

    private HttpResponse events(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        if (refuses(request)) {
            return HttpResponse.of(HttpStatus.UNAUTHORIZED);
        }
        if (closing) {
            return HttpResponse.of(HttpStatus.SERVICE_UNAVAILABLE);
        }
        var stream = EventStream.open(
                ctx, ResponseHeaders.of(HttpStatus.OK, "content-type", "text/event-stream; charset=utf-8"), 1024);
        streams.add(stream);
        subscriptions.incrementAndGet();
        return stream.response();
    }

    private HttpResponse groups(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, groups);
    }

    private HttpResponse token(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return HttpResponse.of(
                HttpStatus.OK,
                MediaType.JSON,
                "{\"access_token\":\"token-" + tokens.incrementAndGet()
                        + "\",\"token_type\":\"bearer\",\"expires_in\":3600}");
    }

    private HttpResponse key(ServiceRequestContext ctx, AggregatedHttpRequest request) {
        return HttpResponse.of(
                HttpStatus.OK,
                MediaType.JSON,
                "{\"kid\":\"key\",\"kty\":\"RSA\",\"alg\":\"RS256\",\"value\":" + Json.text(publicKey) + "}");
    }

    void upsert(TcpRouteMapping route) {
        routes.add(route);
        send("Upsert", route);
    }

    void delete(TcpRouteMapping route) {
        routes.remove(route);
        send("Delete", route);
    }

    void send(String action, TcpRouteMapping route) {
        var frame = new ServerSentEvent("0", action, route.toJson().toString()).encode();
        streams.forEach(stream -> stream.send(frame));
    }

    void endStreams() {
        streams.forEach(EventStream::close);
        streams.clear();
    }

    @Override
    public void close() {
        closing = true; // an open stream would hold the server up
        endStreams();
        server.close();
    }
}
