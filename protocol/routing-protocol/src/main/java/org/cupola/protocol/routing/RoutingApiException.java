package org.cupola.protocol.routing;

/** A request to the Routing API that was not carried out. */
public final class RoutingApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final int status;
    private final String name;

    /** Why, as far as a caller may act on it. */
    public enum Kind {
        /** No answer: nobody there, a broken connection, too late. The request may have been carried out. */
        UNREACHABLE,
        /** 401, also with a new token; or no token can be had. */
        UNAUTHORIZED,
        /** 404. */
        NOT_FOUND,
        /** Another 4xx: the request is wrong and stays so. */
        REFUSED,
        /** 5xx: trying again may help. */
        UNAVAILABLE,
        /** Something a Routing API does not say. */
        UNUSABLE_ANSWER
    }

    RoutingApiException(Kind kind, int status, String name, String message) {
        super(message);
        this.kind = kind;
        this.status = status;
        this.name = name;
    }

    RoutingApiException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.status = 0;
        this.name = "";
    }

    public Kind kind() {
        return kind;
    }

    /** The HTTP status; 0 without an answer. */
    public int status() {
        return status;
    }

    /** The error's name in the answer, such as {@code TcpRouteMappingInvalidError}; empty without one. */
    public String name() {
        return name;
    }
}
