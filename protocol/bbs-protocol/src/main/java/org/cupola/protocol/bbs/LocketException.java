package org.cupola.protocol.bbs;

import io.grpc.StatusRuntimeException;

/** Locket refused, or did not answer; {@code kind} is what a caller may act on. */
public final class LocketException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** Somebody else holds the key. */
        COLLISION,
        NOT_FOUND,
        INVALID,
        /** No answer in time. */
        TIMEOUT,
        /** Locket is away, or its database is. */
        UNAVAILABLE
    }

    private final Kind kind;

    private LocketException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    static LocketException of(StatusRuntimeException e) {
        Kind kind = switch (e.getStatus().getCode()) {
            case ALREADY_EXISTS -> Kind.COLLISION;
            case NOT_FOUND -> Kind.NOT_FOUND;
            case INVALID_ARGUMENT -> Kind.INVALID;
            case DEADLINE_EXCEEDED -> Kind.TIMEOUT;
            default -> Kind.UNAVAILABLE;
        };
        String description = e.getStatus().getDescription();
        return new LocketException(
                kind, description == null ? e.getStatus().getCode().name() : description, e);
    }

    public Kind kind() {
        return kind;
    }
}
