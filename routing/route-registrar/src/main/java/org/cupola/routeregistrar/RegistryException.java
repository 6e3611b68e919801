package org.cupola.routeregistrar;

/** A route was not registered or unregistered. */
final class RegistryException extends Exception {
    private static final long serialVersionUID = 1L;

    RegistryException(String message) {
        super(message);
    }

    RegistryException(String message, Throwable cause) {
        super(message, cause);
    }
}
