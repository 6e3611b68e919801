package org.cupola.rep.container;

import java.io.IOException;
import java.util.Map;

/** Makes containers. Thread-safe; every method may block on the operating system. */
public interface ContainerBackend extends AutoCloseable {
    /**
     * Takes possession of what this backend keeps, and destroys every container an earlier run left behind.
     *
     * @throws IOException when the place cannot be used, or another cell uses it
     */
    void start() throws IOException;

    BackendCapacity capacity();

    /** @throws ContainerException when it cannot be made; nothing of it is left then */
    Container create(ContainerSpec spec) throws ContainerException;

    /** What each container uses now, by handle; one that cannot be measured is left out. */
    Map<String, ContainerUsage> usage();

    /** @throws ContainerException when a new container could not run a process now */
    void check() throws ContainerException;

    /** Destroys what is left and lets go of the place. Safe to call twice. */
    @Override
    void close();
}
