package org.cupola.loggregator.trafficcontroller;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.websocket.WebSocketService;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.cupola.loggregator.access.CloudController;
import org.cupola.loggregator.access.LogAccess;
import org.cupola.loggregator.access.LogAccess.Reader;
import org.cupola.loggregator.doppler.Router;
import org.cupola.loggregator.doppler.Selection;
import org.cupola.protocol.loggregator.v2.CounterSelector;
import org.cupola.protocol.loggregator.v2.GaugeSelector;
import org.cupola.protocol.loggregator.v2.LogSelector;
import org.cupola.protocol.loggregator.v2.Selector;
import org.cupola.protocol.loggregator.v2.TimerSelector;
import org.jspecify.annotations.Nullable;

/**
 * Binary WebSocket messages, each an Envelope v1: {@code /apps/:guid/stream} for those who see the app, {@code /firehose/:id} for
 * those with the scope for it, shared by all connections of one id.
 */
public final class TrafficController {
    private static final String COOKIE = "authorization=";

    private final Router router;
    private final LogAccess access;
    private final Executor threads;

    public TrafficController(Router router, LogAccess access, Executor threads) {
        this.router = router;
        this.access = access;
        this.threads = threads;
    }

    public void register(ServerBuilder server) {
        server.service(
                "/apps/{guid}/stream", guarded((ctx, token) -> appRefusal(parameter(ctx, "guid"), token), ctx -> {
                    String guid = parameter(ctx, "guid");
                    return new Stream(router.subscribe(everything(guid), "", false));
                }));
        server.service(
                "/firehose/{id}",
                guarded(
                        (ctx, token) -> firehoseRefusal(token),
                        ctx -> new Stream(router.subscribe(
                                firehose(ctx.queryParam("filter-type")), "firehose-" + parameter(ctx, "id"), false))));
    }

    /** Says why a request is refused, if it is. Blocking. */
    @FunctionalInterface
    private interface Guard {
        Optional<HttpResponse> refuse(ServiceRequestContext ctx, String authorization);
    }

    /** Opens what a connection carries. */
    @FunctionalInterface
    private interface Opening {
        Stream open(ServiceRequestContext ctx);
    }

    private HttpService guarded(Guard guard, Opening opening) {
        WebSocketService sockets = WebSocketService.builder((ctx, in) -> {
                    ctx.clearRequestTimeout();
                    return opening.open(ctx).carry(in, threads);
                })
                .allowedOrigins("*") // programs send none, and what a browser may read its token says
                .build();
        return sockets.decorate((delegate, ctx, request) -> {
            var response = new CompletableFuture<HttpResponse>();
            threads.execute(() -> {
                Optional<HttpResponse> refused = guard.refuse(ctx, authorization(request.headers()));
                if (refused.isPresent()) {
                    request.abort(); // its body would go on for as long as the connection
                    response.complete(refused.get());
                } else {
                    ctx.eventLoop().execute(() -> serve(delegate, ctx, request, response));
                }
            });
            return HttpResponse.of(response);
        });
    }

    private static void serve(
            HttpService delegate,
            ServiceRequestContext ctx,
            HttpRequest request,
            CompletableFuture<HttpResponse> response) {
        try {
            response.complete(delegate.serve(ctx, request));
        } catch (Exception e) {
            response.completeExceptionally(e);
        }
    }

    /** Browsers cannot set the header, so they have a cookie for it. */
    private static String authorization(RequestHeaders headers) {
        String header = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        if (!header.isEmpty()) {
            return header;
        }
        for (String cookie : headers.get(HttpHeaderNames.COOKIE, "").split(";")) {
            String text = cookie.strip();
            if (text.startsWith(COOKIE)) {
                return URLDecoder.decode(text.substring(COOKIE.length()), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    private Optional<HttpResponse> appRefusal(String guid, String authorization) {
        Optional<Reader> reader = access.reader(authorization);
        if (reader.isEmpty() || !CloudController.isGuid(guid)) {
            return Optional.of(unauthorized("Error: Invalid authorization"));
        }
        return reader.get().mayRead(guid) ? Optional.empty() : Optional.of(HttpResponse.of(HttpStatus.NOT_FOUND));
    }

    private Optional<HttpResponse> firehoseRefusal(String authorization) {
        boolean admin = access.reader(authorization).filter(Reader::isAdmin).isPresent();
        return admin
                ? Optional.empty()
                : Optional.of(unauthorized("You are not authorized. Error: Invalid authorization"));
    }

    private static HttpResponse unauthorized(String reason) {
        return HttpResponse.of(
                ResponseHeaders.builder(HttpStatus.UNAUTHORIZED)
                        .add(HttpHeaderNames.WWW_AUTHENTICATE, "Basic")
                        .contentType(MediaType.PLAIN_TEXT_UTF_8)
                        .build(),
                com.linecorp.armeria.common.HttpData.ofUtf8(reason));
    }

    private static Selection everything(String source) {
        return new Selection(List.of(
                Selector.newBuilder()
                        .setSourceId(source)
                        .setLog(LogSelector.getDefaultInstance())
                        .build(),
                Selector.newBuilder()
                        .setSourceId(source)
                        .setCounter(CounterSelector.getDefaultInstance())
                        .build(),
                Selector.newBuilder()
                        .setSourceId(source)
                        .setGauge(GaugeSelector.getDefaultInstance())
                        .build(),
                Selector.newBuilder()
                        .setSourceId(source)
                        .setTimer(TimerSelector.getDefaultInstance())
                        .build()));
    }

    private static Selection firehose(@Nullable String filter) {
        List<Selector> all = everything("").selectors();
        return switch (filter == null ? "" : filter) {
            case "logs" -> new Selection(all.stream().filter(Selector::hasLog).toList());
            case "metrics" ->
                new Selection(all.stream().filter(one -> !one.hasLog()).toList());
            default -> new Selection(all);
        };
    }

    private static String parameter(ServiceRequestContext ctx, String name) {
        return String.valueOf(ctx.pathParam(name));
    }
}
