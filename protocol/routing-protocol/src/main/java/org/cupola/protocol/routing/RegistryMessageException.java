package org.cupola.protocol.routing;

/** A {@code router.register} or {@code router.unregister} message that must be dropped; the message says why. */
public final class RegistryMessageException extends Exception {
    private static final long serialVersionUID = 1L;

    public RegistryMessageException(String message) {
        super(message);
    }
}
