package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.Map;
import java.util.TreeMap;
import org.cupola.platform.http.BlockingService;

/** Serves the routes of the API; everything else is an unknown request. */
final class ApiServer {
    private static final long MAX_BODY_BYTES = 15L << 20;

    private final Gate gate;
    private final ApiRoutes routes;

    ApiServer(Gate gate, ApiRoutes routes) {
        this.gate = gate;
        this.routes = routes;
    }

    void addTo(ServerBuilder server) {
        server.maxRequestLength(MAX_BODY_BYTES);
        for (ApiRoutes.Entry entry : routes.entries()) {
            server.route().path(entry.path()).methods(entry.method()).build(serve(entry));
        }
        server.serviceUnder(
                "/",
                new BlockingService((_, request) ->
                        Gate.failure(ApiException.unknownRequest(), Gate.requestId(request.headers()))));
    }

    private HttpService serve(ApiRoutes.Entry entry) {
        return new BlockingService((ctx, request) -> {
            String requestId = Gate.requestId(request.headers());
            try {
                Permissions permissions = entry.open() ? gate.nobody() : gate.admit(request.headers());
                Map<String, String> parameters = new TreeMap<>(ctx.pathParams());
                QueryParams query = ctx.query() == null ? QueryParams.of() : QueryParams.fromQueryString(ctx.query());
                return entry.endpoint()
                        .handle(new Call(
                                request.headers(), ctx.path(), parameters, query, request.content(), permissions))
                        .http(requestId);
            } catch (Exception e) {
                return failure(e, requestId);
            }
        });
    }

    private static HttpResponse failure(Exception e, String requestId) {
        return Gate.failure(e, requestId);
    }
}
