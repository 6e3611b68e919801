package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.file.HttpFile;
import java.nio.file.Path;
import java.time.Duration;
import org.cupola.platform.http.BlockingService;

/** Answers with the content of files, streamed from disk. */
final class Downloads {
    /** Finds the file that a request is for, or throws. */
    @FunctionalInterface
    interface Source {
        Path file(ServiceRequestContext ctx, RequestHeaders headers) throws Exception;
    }

    private Downloads() {}

    static void addTo(ServerBuilder server, String path, Source source) {
        HttpService service = new BlockingService((ctx, request) -> {
            String requestId = Gate.requestId(request.headers());
            try {
                Path file = source.file(ctx, request.headers());
                return HttpFile.of(file).asService().serve(ctx, request.toHttpRequest());
            } catch (Exception e) {
                return failure(e, requestId);
            }
        });
        server.route()
                .path(path)
                .methods(HttpMethod.GET, HttpMethod.HEAD)
                .requestTimeout(Duration.ZERO)
                .build(service);
    }

    private static HttpResponse failure(Exception e, String requestId) {
        return Gate.failure(e, requestId);
    }
}
