package org.cupola.gorouter.proxy;

import org.jspecify.annotations.Nullable;

/**
 * A response of the router itself. Immutable.
 *
 * @param routerError  value of {@code X-Cf-RouterError}, empty for none
 * @param cacheControl value of {@code Cache-Control}, empty for none
 * @param body         plain text, or {@code null} for none
 * @param kind         what kind of body it has
 * @param retryAfter   value of {@code Retry-After} in seconds, 0 for none
 */
record Answer(
        int status,
        String routerError,
        String cacheControl,
        @Nullable String body,
        Kind kind,
        int retryAfter) {
    Answer(int status, String routerError, String cacheControl, @Nullable String body, Kind kind) {
        this(status, routerError, cacheControl, body, kind, 0);
    }

    enum Kind {
        /** Neither type nor template. */
        BARE,
        /** The same, for what is no request to be routed: neither logged nor counted. */
        UNSEEN,
        /** A load balancer's check, not to be kept by anyone. */
        HEALTH_CHECK,
        /** An error page that the operator's template may dress. */
        PAGE,
        /** A backend's failure, always in plain text. */
        FAILURE
    }

    static final String NOT_STORED = "no-cache, no-store";
    static final String SHORTLY = "public,max-age=2";
    static final Answer HEALTHY = new Answer(200, "", "private, max-age=0", "ok\n", Kind.HEALTH_CHECK);
    static final Answer UNHEALTHY = new Answer(503, "", "private, max-age=0", null, Kind.HEALTH_CHECK);
    static final Answer TOO_LARGE = new Answer(431, "max-request-size-exceeded", "", null, Kind.BARE);
    static final Answer ASTERISK = new Answer(200, "", "", null, Kind.UNSEEN);

    /** An error page in the usual form: status, reason, message. */
    static Answer error(int status, String routerError, String cacheControl, String message) {
        return new Answer(
                status,
                routerError,
                cacheControl,
                status + " " + Reasons.of(status) + ": " + message + "\n",
                Kind.PAGE);
    }

    /** The same, to be asked again after so many seconds. */
    Answer retryAfter(int seconds) {
        return new Answer(status, routerError, cacheControl, body, kind, seconds);
    }

    /** What a failed exchange ends in. The only place that turns failures into statuses. */
    static Answer of(Failure failure) {
        int status = failure.kind().status();
        String body = status == 502
                ? "502 Bad Gateway: Registered endpoint failed to handle the request.\n"
                : status + " " + Reasons.of(status) + "\n";
        return new Answer(status, "endpoint_failure (" + failure.text() + ")", "", body, Kind.FAILURE);
    }

    boolean healthCheck() {
        return kind == Kind.HEALTH_CHECK;
    }

    /** Whether the body has a content type of its own. */
    boolean page() {
        return kind == Kind.PAGE || kind == Kind.FAILURE;
    }

    boolean templated() {
        return kind == Kind.PAGE;
    }
}
