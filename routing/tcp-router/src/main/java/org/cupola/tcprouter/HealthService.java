package org.cupola.tcprouter;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import java.util.function.BooleanSupplier;

/** What the health listeners answer: 200, while draining 503, and 503 to everything but {@code /health}. Stateless. */
final class HealthService {
    private HealthService() {}

    static void addTo(ServerBuilder services, BooleanSupplier draining) {
        services.serviceUnder("/", (ctx, request) -> {
            boolean healthy = ctx.path().equals("/health")
                    && (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD)
                    && !draining.getAsBoolean();
            return HttpResponse.of(healthy ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
        });
    }
}
