package org.cupola.platform.lifecycle;

/** A component did not start, or stopped working; the message begins with its name. */
public final class ComponentFailure extends Exception {
    private static final long serialVersionUID = 1L;

    public ComponentFailure(String component, Throwable cause) {
        // Groups nest; the innermost name is the one that helps.
        super(cause instanceof ComponentFailure ? cause.getMessage() : component + ": " + describe(cause), cause);
    }

    private static String describe(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }
}
