package org.cupola.rep.container;

/** A container or process that could not be made or removed; the message is fit for an application's log. */
public final class ContainerException extends Exception {
    private static final long serialVersionUID = 1L;

    public ContainerException(String message) {
        super(message);
    }

    public ContainerException(String message, Throwable cause) {
        super(message, cause);
    }
}
