package org.cupola.protocol.uaa;

/** A bearer token that is not accepted; the caller turns the kind into its own protocol's error. */
public final class TokenException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** What is wrong with the token. */
    public enum Kind {
        /** The Authorization header is missing or is not two words. */
        INVALID_HEADER,
        /** The first word of the header is not {@code bearer}. */
        INVALID_TYPE,
        /** Not a signed JWT. */
        MALFORMED,
        /** Signed by an algorithm that is not allowed here. */
        INVALID_ALGORITHM,
        /** Signed by nobody the UAA vouches for. */
        INVALID_SIGNATURE,
        EXPIRED,
        NOT_YET_VALID,
        INVALID_ISSUER,
        INVALID_AUDIENCE,
        /** The token is good but lacks the scope asked for. */
        INSUFFICIENT_SCOPE,
        /** The keys to check it with cannot be had now; says nothing about the token. */
        KEYS_UNAVAILABLE
    }

    public TokenException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public TokenException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
