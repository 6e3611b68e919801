package org.cupola.routingapi;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jooq.DSLContext;

/**
 * Sees to it that one of several instances is active. {@code acquire}, then at most one of {@code lost} and {@code release}.
 * Any thread.
 */
interface LeaderLock extends AutoCloseable {
    /** Waits until this instance is the active one. */
    void acquire() throws InterruptedException;

    /** Completes exceptionally when another may have become active. */
    CompletionStage<Void> lost();

    /**
     * Called in every transaction that writes.
     *
     * @throws IllegalStateException when another is active, where this lock can know
     */
    default void check(DSLContext transaction) {}

    /** Lets another become active, and waits until one is, if any seems to be waiting; at most so long. */
    void handOver(Duration atMost) throws InterruptedException;

    @Override
    void close();
}
