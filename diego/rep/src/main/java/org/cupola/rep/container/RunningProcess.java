package org.cupola.rep.container;

import java.util.concurrent.CompletableFuture;

/** A process that was started. Thread-safe. */
public interface RunningProcess {
    /** The exit status, 128 + the signal's number for one that was killed; completes within milliseconds of the end. */
    CompletableFuture<Integer> exit();

    /** Whether others of its process group go on after it has ended, as those of a shell that was asked to end may. */
    boolean lingers();

    /** Asks the whole process group to end (SIGTERM). */
    void terminate();

    /** Ends the whole process group (SIGKILL). */
    void kill();
}
