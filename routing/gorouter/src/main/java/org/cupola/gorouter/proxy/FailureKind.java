package org.cupola.gorouter.proxy;

/**
 * What can go wrong between us and a backend (or the client meanwhile): whose fault it is, whether the request may go to
 * another endpoint, what that says about this one, and what the client is told.
 */
enum FailureKind {
    /** TCP did not connect. Nothing was sent. */
    DIAL(Side.BACKEND, true, true, true, 502),
    /** We spoke TLS, the answer was plain text. */
    NON_TLS_BACKEND(Side.BACKEND, true, true, true, 525),
    /** The certificate does not bear the name that was registered: someone else has the address now. */
    HOSTNAME_MISMATCH(Side.BACKEND, true, true, true, 503),
    UNTRUSTED_CERTIFICATE(Side.BACKEND, true, true, true, 526),
    /** The backend refused our client certificate. */
    REJECTED_CERTIFICATE(Side.BACKEND, true, true, true, 496),
    HANDSHAKE_FAILURE(Side.BACKEND, true, true, true, 525),
    HANDSHAKE_TIMEOUT(Side.BACKEND, true, true, true, 502),
    /** The connection ended before a byte of the answer, and sending again does no harm. */
    EOF_REPEATABLE(Side.BACKEND, true, false, false, 502),
    /** The connection ended before the request's head was out. */
    INCOMPLETE_REQUEST(Side.BACKEND, true, false, false, 502),
    /** The connection was reset before a byte of the answer, and sending again does no harm. */
    RESET_REPEATABLE(Side.BACKEND, true, true, false, 502),
    CONNECTION_RESET(Side.BACKEND, false, true, false, 502),
    ENDPOINT_TIMEOUT(Side.BACKEND, false, false, false, 502),
    HEADER_LIMITS(Side.BACKEND, false, false, false, 502),
    /** The client went away first. */
    CLIENT_GONE(Side.CLIENT, false, false, false, 499),
    /** There was nobody to send it to. */
    NO_ENDPOINT(Side.US, false, false, false, 502),
    OTHER(Side.BACKEND, false, false, false, 502);

    enum Side {
        CLIENT,
        BACKEND,
        US
    }

    private final Side side;
    private final boolean retriable;
    private final boolean setsAside;
    private final boolean prunesTls;
    private final int status;

    FailureKind(Side side, boolean retriable, boolean setsAside, boolean prunesTls, int status) {
        this.side = side;
        this.retriable = retriable;
        this.setsAside = setsAside;
        this.prunesTls = prunesTls;
        this.status = status;
    }

    Side side() {
        return side;
    }

    /** Whether the request may be sent to another endpoint. */
    boolean isRetriable() {
        return retriable;
    }

    /** Whether nothing reached an application, so that trying on costs nobody anything. */
    boolean isBeforeSending() {
        return retriable && this != EOF_REPEATABLE && this != RESET_REPEATABLE;
    }

    boolean setsAside() {
        return setsAside;
    }

    /** Whether an endpoint with TLS has shown that it is not the one that was registered. */
    boolean prunesTls() {
        return prunesTls;
    }

    int status() {
        return status;
    }
}
