package org.cupola.gorouter.proxy;

import java.security.cert.CertificateException;

/** A backend's certificate was refused, for one of the reasons that are told apart. */
final class VerificationException extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;

    VerificationException(FailureKind kind, String message) {
        super(message);
        this.kind = kind;
    }

    FailureKind kind() {
        return kind;
    }
}
