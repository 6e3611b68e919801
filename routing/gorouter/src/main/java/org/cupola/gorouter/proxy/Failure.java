package org.cupola.gorouter.proxy;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import org.cupola.gorouter.routes.Backend;

/**
 * A request that did not get its answer. Immutable.
 *
 * @param text what went wrong, in the words that operators search for ({@code X-Cf-RouterError}, logs)
 */
record Failure(FailureKind kind, String text) {
    static final Failure EOF = new Failure(FailureKind.OTHER, "EOF");
    static final Failure EOF_REPEATABLE = new Failure(FailureKind.EOF_REPEATABLE, "EOF");
    static final Failure UNEXPECTED_EOF = new Failure(FailureKind.OTHER, "unexpected EOF");
    static final Failure TIMEOUT = new Failure(FailureKind.ENDPOINT_TIMEOUT, "context deadline exceeded");
    static final Failure CLIENT_GONE = new Failure(FailureKind.CLIENT_GONE, "context canceled");
    static final Failure NO_ENDPOINT = new Failure(FailureKind.NO_ENDPOINT, "No endpoints available");

    /** Why TCP did not connect. */
    static Failure dial(Backend backend, Throwable cause) {
        String where = "dial tcp " + backend.address() + ": ";
        if (cause instanceof ConnectTimeoutException) {
            return new Failure(FailureKind.DIAL, where + "i/o timeout");
        }
        if (cause instanceof UnknownHostException) {
            return new Failure(FailureKind.DIAL, "dial tcp: lookup " + backend.host() + ": no such host");
        }
        if (cause instanceof NoRouteToHostException) {
            return new Failure(FailureKind.DIAL, where + "connect: no route to host");
        }
        if (cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).contains("refused")) {
            return new Failure(FailureKind.DIAL, where + "connect: connection refused");
        }
        return new Failure(FailureKind.DIAL, where + "connect: " + cause.getMessage());
    }

    /** An I/O error on a connection that was in use. */
    static Failure broken(Backend backend, Throwable cause, boolean sent) {
        boolean reset = cause instanceof IOException
                && String.valueOf(cause.getMessage()).contains("reset");
        if (!sent) {
            return new Failure(FailureKind.INCOMPLETE_REQUEST, "write tcp " + backend.address() + ": broken pipe");
        }
        return reset
                ? new Failure(
                        FailureKind.CONNECTION_RESET,
                        "read tcp " + backend.address() + ": read: connection reset by peer")
                : new Failure(FailureKind.OTHER, String.valueOf(cause.getMessage()));
    }
}
