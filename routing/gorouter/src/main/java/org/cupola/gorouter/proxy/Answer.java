package org.cupola.gorouter.proxy;

import org.jspecify.annotations.Nullable;

/**
 * A response of the router itself. Immutable.
 *
 * @param routerError  value of {@code X-Cf-RouterError}, empty for none
 * @param cacheControl value of {@code Cache-Control}, empty for none
 * @param body         plain text, or {@code null} for none
 * @param healthCheck whether it answers a load balancer's check, and must not be kept by anyone
 * @param page         whether the body is an error page: bears content type and may be put into the operator's template
 */
record Answer(
        int status,
        String routerError,
        String cacheControl,
        @Nullable String body,
        boolean page,
        boolean healthCheck) {
    static final String NOT_STORED = "no-cache, no-store";
    static final String SHORTLY = "public,max-age=2";
    static final Answer HEALTHY = new Answer(200, "", "private, max-age=0", "ok\n", false, true);
    static final Answer UNHEALTHY = new Answer(503, "", "private, max-age=0", null, false, true);
    static final Answer TOO_LARGE = new Answer(431, "max-request-size-exceeded", "", null, false, false);
    static final Answer ASTERISK = new Answer(200, "", "", null, false, false);

    /** An error page in the usual form: status, reason, message. */
    static Answer error(int status, String routerError, String cacheControl, String message) {
        return new Answer(
                status,
                routerError,
                cacheControl,
                status + " " + Reasons.of(status) + ": " + message + "\n",
                true,
                false);
    }

    /** What a failed exchange ends in. The only place that turns failures into statuses. */
    static Answer of(Failure failure) {
        int status = failure.kind().status();
        String body = status == 502
                ? "502 Bad Gateway: Registered endpoint failed to handle the request.\n"
                : status + " " + Reasons.of(status) + "\n";
        return new Answer(status, "endpoint_failure (" + failure.text() + ")", "", body, true, false);
    }
}
