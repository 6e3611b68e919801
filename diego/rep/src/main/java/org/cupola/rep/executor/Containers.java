package org.cupola.rep.executor;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.cupola.rep.container.ContainerException;

/** The cell's containers, as those see them who keep the BBS in step. Thread-safe. */
public interface Containers {
    Optional<CellContainer> find(String guid);

    List<CellContainer> containers();

    /** Begins to make a reserved container and to run what is asked for. */
    void run(RunRequest request) throws ExecutorException;

    /** Asks a container's work to end; it completes later. */
    void stop(String guid) throws ExecutorException;

    /** Stops a container, waits for its end, and removes it; one that is not there is fine. */
    void delete(String guid) throws ContainerException;

    /**
     * Reads a file of a container.
     *
     * @throws IOException also when it is larger than the limit
     */
    byte[] read(String guid, String file, int maxBytes) throws IOException;

    /** Writes to the container's log in the platform's name; nothing when it does not run. */
    void say(String guid, String message);
}
