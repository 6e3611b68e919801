package org.cupola.rep.executor;

/** How far a container is. */
public enum ContainerState {
    /** Its share of the cell is set aside; nothing exists. */
    RESERVED,
    /** Known what to run; being made. */
    INITIALIZING,
    /** Made; its processes are starting and not yet healthy. */
    CREATED,
    RUNNING,
    /** Its work has ended, its files are still there. */
    COMPLETED;

    /** Whether the container counts as one that is being started. */
    public boolean isStarting() {
        return this == RESERVED || this == INITIALIZING || this == CREATED;
    }

    boolean mayBecome(ContainerState next) {
        return switch (this) {
            case RESERVED -> next == INITIALIZING || next == COMPLETED;
            case INITIALIZING -> next == CREATED || next == COMPLETED;
            case CREATED -> next == RUNNING || next == COMPLETED;
            case RUNNING -> next == COMPLETED;
            case COMPLETED -> false;
        };
    }
}
