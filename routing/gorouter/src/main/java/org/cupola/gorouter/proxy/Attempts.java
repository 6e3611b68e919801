package org.cupola.gorouter.proxy;

import org.jspecify.annotations.Nullable;

/** How a request was tried so far, and whether it may be tried once more. Reused from request to request; one event loop. */
final class Attempts {
    private boolean reusedConnection;
    private boolean triedFreshConnection;
    private boolean bodyForwarded;
    private int count;
    private int afterSending;
    private @Nullable Failure last;

    /** An endpoint is about to be tried. */
    void began() {
        count++;
        triedFreshConnection = false;
    }

    /** @param reused whether the connection had served requests before */
    void connected(boolean reused) {
        reusedConnection = reused;
    }

    /** The client's body cannot be had a second time. */
    void bodyForwarded() {
        bodyForwarded = true;
    }

    void failed(Failure failure) {
        last = failure;
    }

    /** Why the latest attempt failed; {@link Failure#NO_ENDPOINT} when there was none. */
    Failure last() {
        return last == null ? Failure.NO_ENDPOINT : last;
    }

    /**
     * Whether to try the same endpoint on a connection of its own, once: a kept connection that the backend has closed
     * meanwhile says nothing about the backend.
     */
    boolean tryFreshConnection(Exchange exchange, Failure failure) {
        boolean stale = reusedConnection
                && !triedFreshConnection
                && !bodyForwarded
                && (failure.kind() == FailureKind.EOF_REPEATABLE
                        || failure.kind() == FailureKind.RESET_REPEATABLE
                        || failure.kind() == FailureKind.INCOMPLETE_REQUEST);
        triedFreshConnection |= stale;
        return stale;
    }

    /**
     * Whether to go on to the next endpoint, or to the same route service again; to be asked once for each failure. Attempts
     * that an application may have seen are limited in number: the request may be what kills it.
     */
    boolean mayRetry(Exchange exchange, Failure failure) {
        if (!failure.kind().isRetriable() || bodyForwarded) {
            return false;
        }
        Loop loop = exchange.loop();
        if (exchange.isToRouteService()) {
            return count < loop.shared().routeServices().maxAttempts();
        }
        if (exchange.selection().exhausted()) {
            return false;
        }
        if (!failure.kind().isBeforeSending()) {
            afterSending++;
            return afterSending < loop.settings().maxAttempts();
        }
        long budget = loop.settings().endpointTimeoutNanos();
        return budget <= 0 || System.nanoTime() - exchange.times().begun() < budget;
    }

    void clear() {
        reusedConnection = false;
        triedFreshConnection = false;
        bodyForwarded = false;
        count = 0;
        afterSending = 0;
        last = null;
    }
}
