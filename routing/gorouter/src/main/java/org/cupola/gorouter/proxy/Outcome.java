package org.cupola.gorouter.proxy;

import org.jspecify.annotations.Nullable;

/** What the record tells of a request and its answer. Reused from request to request; confined to its event loop. */
final class Outcome {
    private int status;
    private long bytesIn;
    private long bytesOut;
    private String routerError = "";
    private boolean ofBackend;
    private boolean unseen;
    private @Nullable BackendStream lastBackend;

    /** 0 before there is an answer. */
    int status() {
        return status;
    }

    /** Bytes of the request's body. */
    long bytesIn() {
        return bytesIn;
    }

    /** Bytes of the response's body. */
    long bytesOut() {
        return bytesOut;
    }

    /** The value of X-Cf-RouterError; empty for none. */
    String routerError() {
        return routerError;
    }

    /** Whether the answer is, or began as, a backend's or a route service's. */
    boolean isOfBackend() {
        return ofBackend;
    }

    /** Whether nobody is told of it. */
    boolean isUnseen() {
        return unseen;
    }

    /** Our side of the latest connection to a backend; empty without one. */
    String localAddress() {
        BackendStream used = lastBackend;
        return used == null ? "" : used.localAddress();
    }

    void triedOn(BackendStream connection) {
        lastBackend = connection;
    }

    void received(int bytes) {
        bytesIn += bytes;
    }

    void sent(int bytes) {
        bytesOut += bytes;
    }

    void ofBackend(int newStatus) {
        status = newStatus;
        ofBackend = true;
    }

    void routerError(String value) {
        routerError = value;
    }

    void ofOurs(Answer answer) {
        status = answer.status();
        unseen = answer.kind() == Answer.Kind.UNSEEN;
        routerError = answer.routerError();
        bytesOut = answer.body() == null ? 0 : answer.body().length();
    }

    /** Nobody was there any more to be answered. */
    void ofNobody(int newStatus, String error) {
        status = newStatus;
        routerError = error;
    }

    void clear() {
        status = 0;
        bytesIn = 0;
        bytesOut = 0;
        routerError = "";
        ofBackend = false;
        unseen = false;
        lastBackend = null;
    }
}
