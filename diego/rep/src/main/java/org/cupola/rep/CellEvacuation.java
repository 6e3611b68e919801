package org.cupola.rep;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the cell is being drained, and the wait until it is empty. Once begun it cannot be taken back. Any thread may begin it;
 * the wait has a virtual thread of its own.
 */
final class CellEvacuation implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CellEvacuation.class);

    private final Duration interval;
    private final Duration timeout;
    private final BooleanSupplier isEmpty;
    private final Runnable onBegin;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread wait = Thread.ofVirtual().name("evacuation").unstarted(this::await);
    private volatile boolean begun;

    /**
     * @param isEmpty whether no container is left
     * @param onBegin called once, by whoever begins
     */
    CellEvacuation(Duration interval, Duration timeout, BooleanSupplier isEmpty, Runnable onBegin) {
        this.interval = interval;
        this.timeout = timeout;
        this.isEmpty = isEmpty;
        this.onBegin = onBegin;
    }

    boolean isBegun() {
        return begun;
    }

    /** Does nothing when it has begun already. */
    synchronized void begin() {
        if (begun) {
            return;
        }
        begun = true;
        log.atInfo().addKeyValue("timeout", timeout).log("evacuation-started");
        onBegin.run();
        wait.start();
    }

    /** Completes when the cell is empty or the time is over: it may shut down. */
    CompletionStage<Void> ended() {
        return ended.minimalCompletionStage();
    }

    private void await() {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (!isEmpty.getAsBoolean() && deadline - System.nanoTime() > 0) {
                Thread.sleep(Duration.ofNanos(Math.max(1, Math.min(interval.toNanos(), deadline - System.nanoTime()))));
            }
            log.atInfo().addKeyValue("empty", isEmpty.getAsBoolean()).log("evacuation-ended");
            ended.complete(null);
        } catch (InterruptedException e) {
            // closed
        }
    }

    @Override
    public void close() {
        wait.interrupt();
    }
}
