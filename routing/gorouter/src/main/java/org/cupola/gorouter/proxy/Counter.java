package org.cupola.gorouter.proxy;

/** What event loops count. */
public enum Counter {
    /** Attempts to send a request to a backend. */
    TOTAL_REQUESTS,
    RESPONSES_2XX,
    RESPONSES_3XX,
    RESPONSES_4XX,
    RESPONSES_5XX,
    RESPONSES_XXX,
    /** Answers of route services. */
    SERVICE_RESPONSES_2XX,
    SERVICE_RESPONSES_3XX,
    SERVICE_RESPONSES_4XX,
    SERVICE_RESPONSES_5XX,
    SERVICE_RESPONSES_XXX,
    REJECTED_REQUESTS,
    BAD_REQUESTS,
    BAD_GATEWAYS,
    BACKEND_EXHAUSTED_CONNS,
    BACKEND_INVALID_ID,
    BACKEND_INVALID_TLS_CERT,
    BACKEND_TLS_HANDSHAKE_FAILED,
    WEBSOCKET_UPGRADES,
    WEBSOCKET_FAILURES,
    CONNECTIONS_ACCEPTED,
    MALFORMED_REQUESTS,
    RETRIES,
    ACCESS_LOG_DROPPED,
    /** Requests above what their route takes in a second. */
    RATE_LIMITED,
    /** Requests above what their route takes at once. */
    CONCURRENCY_LIMITED,
    /** Requests with more of a body than their route takes. */
    BODY_TOO_LARGE,
    ENDPOINTS_EJECTED;

    /** Where it is kept among the counts of a loop. */
    @SuppressWarnings("EnumOrdinal") // never leaves this process
    int cell() {
        return ordinal();
    }
}
