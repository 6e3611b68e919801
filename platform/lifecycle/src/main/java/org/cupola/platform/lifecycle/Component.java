package org.cupola.platform.lifecycle;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A part of the platform that runs alone or beside others in one process.
 *
 * <p>Used once: to restart, create another. {@code start} and {@code close} may come from different threads.
 */
public interface Component extends AutoCloseable {
    /** The name operators know it by, such as {@code gorouter}. */
    String name();

    /** Returns once this component serves; on failure it throws and leaves nothing running. */
    void start() throws Exception;

    /** Drains, then releases everything. Safe to call twice, or without a start. */
    @Override
    void close();

    /**
     * Completes exceptionally when this component can no longer do its work (a lost lock, a dead listener) and its
     * process should end with an error. Never completes otherwise.
     */
    default CompletionStage<Void> failure() {
        return new CompletableFuture<>();
    }
}
