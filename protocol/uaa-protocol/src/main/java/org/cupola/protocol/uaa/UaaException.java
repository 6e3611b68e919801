package org.cupola.protocol.uaa;

/** A request to the UAA that did not give what was asked for. */
public final class UaaException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** Why, as far as a caller may act on it. */
    public enum Kind {
        /** No answer in time, no connection, no trust: trying again may help. */
        UNREACHABLE,
        /** The UAA refused the credentials or the grant: trying again does not help. */
        REFUSED,
        /** An answer that a UAA does not give, or an error on its side. */
        UNUSABLE_ANSWER
    }

    public UaaException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public UaaException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
