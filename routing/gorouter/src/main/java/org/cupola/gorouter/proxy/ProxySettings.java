package org.cupola.gorouter.proxy;

import java.util.List;
import java.util.Set;
import org.cupola.gorouter.routes.Selection;
import org.cupola.gorouter.series.SeriesRules;

/**
 * What the data plane goes by. Immutable; times in nanoseconds unless named otherwise, 0 or less switching a timeout off.
 *
 * @param routerAddress          our own address, for trace headers
 * @param maxAttempts            how often a request that may have reached an application is sent
 * @param maxRequestHeaders      header lines of a request, 0 for no limit
 * @param maxResponseHeaders     header lines of a response, 0 for no limit
 * @param maxIdlePerBackend      connections kept for later per backend and event loop
 * @param hopByHopFilter         lower-case names that a client's Connection header cannot strip
 * @param emptyPool503           whether a known route without endpoints answers 503 instead of 404
 * @param requireProxyProtocol   whether a PROXY header is looked for
 */
public record ProxySettings(
        String routerAddress,
        Selection.Rules balancing,
        int maxAttempts,
        long endpointTimeoutNanos,
        long http2EndpointTimeoutNanos,
        int dialTimeoutMillis,
        long handshakeTimeoutMillis,
        long frontendIdleNanos,
        long readHeaderNanos,
        int maxRequestHeaderBytes,
        int maxRequestHeaders,
        int maxResponseHeaderBytes,
        int maxResponseHeaders,
        boolean keepBackendsAlive,
        int maxIdlePerBackend,
        boolean keepAliveAfterContinue,
        ForwardedProto forwardedProto,
        String healthCheckUserAgent,
        boolean emptyPool503,
        String traceKey,
        Set<String> hopByHopFilter,
        boolean requireProxyProtocol,
        boolean logForwardedFor,
        boolean logSourceAddress,
        QueryRedaction queryRedaction,
        List<String> extraLoggedHeaders,
        List<String> extraLoggedFields,
        HeaderRules headers,
        HistogramBounds histograms,
        SeriesRules series) {

    /** What becomes of a client's X-Forwarded-Proto. */
    public enum ForwardedProto {
        /** Kept; the connection's scheme where it is missing. */
        KEEP,
        /** Always the connection's scheme. */
        SANITIZE,
        /** Always https. */
        FORCE_HTTPS
    }

    /** What the access log shows of a query. */
    public enum QueryRedaction {
        NONE,
        ALL,
        HASH
    }

    public ProxySettings {
        hopByHopFilter = Set.copyOf(hopByHopFilter);
        extraLoggedHeaders = List.copyOf(extraLoggedHeaders);
        extraLoggedFields = List.copyOf(extraLoggedFields);
    }
}
