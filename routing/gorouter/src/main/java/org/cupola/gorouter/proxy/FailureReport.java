package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;
import org.cupola.gorouter.routes.Pool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators learn of failed attempts: log lines and counts. */
final class FailureReport {
    private static final Logger log = LoggerFactory.getLogger(LogSources.PROXY);

    private FailureReport() {}

    static void log(Exchange exchange, Endpoint endpoint, Failure failure, boolean retry) {
        Pool pool = exchange.pool();
        log.atError()
                .addKeyValue("route-endpoint", describe(endpoint.info()))
                .addKeyValue("error", failure.text())
                .addKeyValue("retriable", retry)
                .addKeyValue("attempt", exchange.selection().attempts())
                .addKeyValue("vcap_request_id", new String(exchange.requestId(), StandardCharsets.US_ASCII))
                .addKeyValue("num-endpoints", pool == null ? 0 : pool.size())
                .log("backend-endpoint-failed");
    }

    private static Map<String, Object> describe(EndpointInfo info) {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("ApplicationId", info.app());
        description.put("Addr", info.address());
        description.put("Tags", info.tags() == null ? Map.of() : info.tags());
        description.put("RouteServiceUrl", info.routeServiceUrl());
        description.put("AZ", info.availabilityZone());
        return description;
    }

    static void ineligible(Endpoint endpoint) {
        log.atError().addKeyValue("route-endpoint", describe(endpoint.info())).log("endpoint-marked-as-ineligible");
    }

    static void expelled(Pool pool, Endpoint endpoint) {
        log.atInfo()
                .addKeyValue("uri", pool.uri())
                .addKeyValue("route-endpoint", describe(endpoint.info()))
                .log("prune-failed-endpoint");
    }

    static void timedOut(Exchange exchange) {
        Endpoint endpoint = exchange.endpoint();
        log.atError()
                .addKeyValue("route-endpoint", endpoint == null ? Map.of() : describe(endpoint.info()))
                .log("backend-request-timeout");
    }

    static void clientGone(Exchange exchange) {
        Endpoint endpoint = exchange.endpoint();
        log.atDebug()
                .addKeyValue("route-endpoint", endpoint == null ? Map.of() : describe(endpoint.info()))
                .log("gateway-error-and-original-request-context-cancelled");
    }

    static void count(LoopMetrics metrics, Failure failure) {
        switch (failure.kind()) {
            case HOSTNAME_MISMATCH -> metrics.add(Counter.BACKEND_INVALID_ID);
            case UNTRUSTED_CERTIFICATE -> metrics.add(Counter.BACKEND_INVALID_TLS_CERT);
            case NON_TLS_BACKEND, HANDSHAKE_FAILURE -> metrics.add(Counter.BACKEND_TLS_HANDSHAKE_FAILED);
            case REJECTED_CERTIFICATE, CLIENT_GONE -> {}
            default -> metrics.add(Counter.BAD_GATEWAYS);
        }
    }
}
