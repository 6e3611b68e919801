package org.cupola.nats;

/** What ends a client's connection, with the words and the reason that go with it. */
enum Violation {
    UNKNOWN_OPERATION("Unknown Protocol Operation", ClosedReason.PROTOCOL_VIOLATION),
    CONTROL_LINE("maximum control line exceeded", ClosedReason.MAX_CONTROL_LINE_EXCEEDED),
    MAX_PAYLOAD("Maximum Payload Violation", ClosedReason.MAX_PAYLOAD_EXCEEDED),
    AUTHORIZATION("Authorization Violation", ClosedReason.AUTHENTICATION_FAILURE),
    AUTHENTICATION_TIMEOUT("Authentication Timeout", ClosedReason.AUTHENTICATION_TIMEOUT),
    CLIENT_PROTOCOL("invalid client protocol", ClosedReason.BAD_CLIENT_PROTOCOL_VERSION),
    NO_RESPONDERS("no responders requires headers support", ClosedReason.NO_RESPONDERS_REQUIRES_HEADERS),
    STALE("Stale Connection", ClosedReason.STALE_CONNECTION),
    MAX_CONNECTIONS("maximum connections exceeded", ClosedReason.MAX_CONNECTIONS_EXCEEDED),

    /** A wrong number of arguments, a bad size, CONNECT without JSON. */
    BAD_ARGUMENTS("", ClosedReason.PROTOCOL_VIOLATION),

    /** The client itself sent {@code -ERR}. */
    CLIENT_ERROR("", ClosedReason.CLIENT_CLOSED);

    private final String errorLine;
    private final ClosedReason reason;

    Violation(String errorLine, ClosedReason reason) {
        this.errorLine = errorLine;
        this.reason = reason;
    }

    /** The text for {@code -ERR}; empty when the connection ends without a line. */
    String errorLine() {
        return errorLine;
    }

    ClosedReason reason() {
        return reason;
    }
}
