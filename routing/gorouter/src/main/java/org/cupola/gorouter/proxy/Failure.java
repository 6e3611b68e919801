package org.cupola.gorouter.proxy;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import javax.net.ssl.SSLException;
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

    /** Why TLS did not come about. */
    static Failure handshake(Throwable cause) {
        for (Throwable reason = cause; reason != null; reason = reason.getCause()) {
            if (reason instanceof VerificationException refused) {
                return new Failure(refused.kind(), String.valueOf(refused.getMessage()));
            }
            if (reason instanceof NotSslRecordException) {
                return new Failure(FailureKind.NON_TLS_BACKEND, "tls: first record does not look like a TLS handshake");
            }
            if (reason instanceof SslHandshakeTimeoutException) {
                return new Failure(FailureKind.HANDSHAKE_TIMEOUT, "net/http: TLS handshake timeout");
            }
        }
        String text = String.valueOf(cause.getMessage());
        String upper = text.toUpperCase(Locale.ROOT);
        if (upper.contains("BAD_CERTIFICATE")) {
            return new Failure(FailureKind.REJECTED_CERTIFICATE, "remote error: tls: bad certificate");
        }
        if (upper.contains("UNKNOWN_CA")) {
            return new Failure(FailureKind.REJECTED_CERTIFICATE, "remote error: tls: unknown certificate authority");
        }
        if (upper.contains("CERTIFICATE_REQUIRED")) {
            return new Failure(FailureKind.REJECTED_CERTIFICATE, "remote error: tls: certificate required");
        }
        if (upper.contains("PROTOCOL_VERSION") || upper.contains("UNSUPPORTED_PROTOCOL")) {
            // Not among the failures of a handshake that have a status of their own.
            return new Failure(FailureKind.INCOMPLETE_REQUEST, "remote error: tls: protocol version not supported");
        }
        if (upper.contains("HANDSHAKE_FAILURE")) {
            return new Failure(FailureKind.HANDSHAKE_FAILURE, "remote error: tls: handshake failure");
        }
        return new Failure(FailureKind.INCOMPLETE_REQUEST, cause instanceof ClosedChannelException ? "EOF" : text);
    }

    /** Whether an error on an open connection is the other side's refusal of our certificate, which TLS 1.3 tells late. */
    static boolean isLateRejection(Throwable cause) {
        return cause instanceof SSLException && handshake(cause).kind() == FailureKind.REJECTED_CERTIFICATE;
    }

    /**
     * An I/O error on a connection that was in use. A request whose write fails, since the other side had gone before, has
     * reached no application.
     *
     * @param unanswered whether nothing of an answer had come
     * @param repeatable whether the request may be sent again even if an application has it
     */
    static Failure broken(Backend backend, Throwable cause, boolean unanswered, boolean repeatable) {
        String text = String.valueOf(cause.getMessage());
        if (unanswered && text.contains("Broken pipe")) {
            return new Failure(
                    FailureKind.INCOMPLETE_REQUEST, "write tcp " + backend.address() + ": write: broken pipe");
        }
        return text.contains("reset")
                ? new Failure(
                        unanswered && repeatable ? FailureKind.RESET_REPEATABLE : FailureKind.CONNECTION_RESET,
                        "read tcp " + backend.address() + ": read: connection reset by peer")
                : new Failure(FailureKind.OTHER, text);
    }
}
