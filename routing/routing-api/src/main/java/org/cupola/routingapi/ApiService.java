package org.cupola.routingapi;

import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Takes a request from its path to its answer: finds the endpoint, checks the token, reads the body, and turns what goes wrong
 * into the original's error bodies. Each request runs on a virtual thread of its own.
 */
final class ApiService implements HttpService {
    private static final Logger log = LoggerFactory.getLogger(ApiService.class);
    private static final Executor VIRTUAL_THREADS = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("routing-api-", 0).factory());
    private static final String REQUEST_ID = "x-vcap-request-id";

    private final Authorizer authorizer;
    private final Handlers handlers;

    /** What the endpoints do. */
    interface Handlers {
        HttpResponse handle(Endpoint endpoint, ServiceRequestContext ctx, byte[] body) throws ApiError;
    }

    ApiService(Authorizer authorizer, Handlers handlers) {
        this.authorizer = authorizer;
        this.handlers = handlers;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
        ctx.setAdditionalResponseHeader(REQUEST_ID, requestId(request));
        List<Endpoint> there = Endpoint.at(ctx.path());
        if (there.isEmpty()) {
            return plain(404, "404 page not found\n", "");
        }
        Optional<Endpoint> endpoint =
                there.stream().filter(each -> each.method() == request.method()).findFirst();
        if (endpoint.isEmpty()) {
            String allowed = there.stream().map(each -> each.method().name()).collect(Collectors.joining(", "));
            return plain(405, "Method Not Allowed\n", allowed);
        }
        var response = new CompletableFuture<HttpResponse>();
        ctx.makeContextAware(VIRTUAL_THREADS).execute(() -> {
            try {
                response.complete(answer(endpoint.get(), ctx, request));
            } catch (Throwable e) {
                response.completeExceptionally(e);
            }
        });
        return HttpResponse.of(response);
    }

    private static String requestId(HttpRequest request) {
        String sent = request.headers().get(REQUEST_ID, "");
        try {
            return UUID.fromString(sent).toString().equalsIgnoreCase(sent)
                    ? sent
                    : UUID.randomUUID().toString();
        } catch (IllegalArgumentException e) {
            return UUID.randomUUID().toString();
        }
    }

    private HttpResponse answer(Endpoint endpoint, ServiceRequestContext ctx, HttpRequest request) {
        try {
            authorizer.require(endpoint.scope(), request.headers().get(HttpHeaderNames.AUTHORIZATION, ""));
            byte[] body = request.aggregate().join().content().array();
            log.atDebug()
                    .addKeyValue("method", endpoint.method())
                    .addKeyValue("request", ctx.path())
                    .log("serving");
            return handlers.handle(endpoint, ctx, body);
        } catch (ApiError e) {
            log.atInfo()
                    .addKeyValue("method", endpoint.method())
                    .addKeyValue("request", ctx.path())
                    .addKeyValue("status", e.status())
                    .addKeyValue("error", e.getMessage())
                    .log("request-refused");
            return json(e.status(), MediaType.PLAIN_TEXT_UTF_8, e.body());
        } catch (JacksonException | IllegalArgumentException e) {
            String reason = e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
            return json(
                    400,
                    MediaType.PLAIN_TEXT_UTF_8,
                    ApiError.unprocessable(String.valueOf(reason)).body());
        } catch (CompletionException e) {
            if (e.getCause() instanceof ContentTooLargeException) {
                return plain(413, "Request Entity Too Large\n", "");
            }
            throw e;
        }
    }

    /** The original names JSON as such only where router groups are read or changed; elsewhere it is sniffed as text. */
    static HttpResponse json(int status, MediaType type, byte[] body) {
        return HttpResponse.of(ResponseHeaders.builder(status).contentType(type).build(), HttpData.wrap(body));
    }

    static HttpResponse empty(int status) {
        return HttpResponse.of(ResponseHeaders.of(status));
    }

    private static HttpResponse plain(int status, String text, String allowed) {
        ResponseHeadersBuilder headers = ResponseHeaders.builder(status)
                .contentType(MediaType.PLAIN_TEXT_UTF_8)
                .set("x-content-type-options", "nosniff");
        if (!allowed.isEmpty()) {
            headers.set(HttpHeaderNames.ALLOW, allowed);
        }
        return HttpResponse.of(headers.build(), HttpData.ofUtf8(text));
    }
}
