package org.cupola.gorouter.protection;

import org.jspecify.annotations.Nullable;

/**
 * What a route takes. Immutable; 0 means there is no such limit.
 *
 * @param requestsPerSecond     sustained, on this router
 * @param burst                 requests that may come at once
 * @param maxConcurrentRequests upgraded connections included
 * @param maxRequestBodyBytes   of one request
 * @param outliers              when endpoints are ejected, {@code null} for never
 */
public record RouteLimits(
        double requestsPerSecond,
        long burst,
        long maxConcurrentRequests,
        long maxRequestBodyBytes,
        @Nullable OutlierRules outliers) {
    public static final RouteLimits NONE = new RouteLimits(0, 0, 0, 0, null);

    public boolean isEmpty() {
        return requestsPerSecond == 0
                && burst == 0
                && maxConcurrentRequests == 0
                && maxRequestBodyBytes == 0
                && outliers == null;
    }
}
