package org.cupola.platform.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * Serves a request by straight-line blocking code: reads the whole body (bounded by the server), then calls the handler on a
 * virtual thread of its own. What the handler throws reaches the server's or route's exception handler. Any thread.
 */
public final class BlockingService implements HttpService {
    private static final Executor VIRTUAL_THREADS = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("http-", 0).factory());

    private final Handler handler;

    /** What a blocking service does with one request. */
    @FunctionalInterface
    public interface Handler {
        HttpResponse handle(ServiceRequestContext ctx, AggregatedHttpRequest request) throws Exception;
    }

    public BlockingService(Handler handler) {
        this.handler = handler;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
        return HttpResponse.of(request.aggregate().thenCompose(whole -> {
            var response = new CompletableFuture<HttpResponse>();
            ctx.makeContextAware(VIRTUAL_THREADS).execute(() -> {
                try {
                    response.complete(handler.handle(ctx, whole));
                } catch (Throwable e) {
                    response.completeExceptionally(e);
                }
            });
            return response;
        }));
    }
}
