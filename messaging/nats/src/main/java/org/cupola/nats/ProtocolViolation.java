package org.cupola.nats;

/** A client did what ends its connection. Carries no stack trace: whoever is connected can cause it. */
final class ProtocolViolation extends Exception {
    private static final long serialVersionUID = 1L;

    private final Violation kind;

    ProtocolViolation(Violation kind) {
        super(kind.name(), null, false, false);
        this.kind = kind;
    }

    Violation kind() {
        return kind;
    }
}
