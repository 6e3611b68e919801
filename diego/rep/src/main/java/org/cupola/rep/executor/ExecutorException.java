package org.cupola.rep.executor;

/** What the executor refuses; {@code kind} is named as its peers know it. */
public final class ExecutorException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        CONTAINER_GUID_NOT_AVAILABLE("ContainerGuidNotAvailable", "container guid not available"),
        CONTAINER_NOT_COMPLETED("ContainerNotCompleted", "container must be stopped before it can be deleted"),
        CONTAINER_NOT_FOUND("ContainerNotFound", "container not found"),
        INSUFFICIENT_RESOURCES("InsufficientResourcesAvailable", "insufficient resources available"),
        INVALID_STATE_TRANSITION("InvalidStateTransition", "container cannot transition to given state"),
        STEPS_INVALID("StepsInvalid", "steps invalid");

        private final String errorName;
        private final String message;

        Kind(String errorName, String message) {
            this.errorName = errorName;
            this.message = message;
        }

        /** As it stands in logs and headers. */
        public String errorName() {
            return errorName;
        }
    }

    private final Kind kind;

    ExecutorException(Kind kind, String guid) {
        super(kind.message + ": " + guid);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
