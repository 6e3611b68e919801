package org.cupola.bbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When convergence runs: one interval after the last pass ended and, unlike the original, soon after something happened
 * that a pass would mend: a cell came or went, an instance that may be wanted is gone. So a lost cell costs its
 * presence's time to live and a second, not half a minute more.
 *
 * <p>Runs on two virtual threads: one passes, one watches the cells. Passes never overlap, and are at least so far apart that they
 * take a tenth of the time.
 */
final class ConvergenceLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConvergenceLoop.class);
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);
    private static final Duration SETTLE = Duration.ofMillis(100);
    private static final int REST_FACTOR = 10;

    private final Cells cells;
    private final LrpConverger lrps;
    private final TaskConverger tasks;
    private final Duration interval;
    private final Thread passes = Thread.ofVirtual().name("convergence").unstarted(this::runPasses);
    private final Thread watch = Thread.ofVirtual().name("cell-watch").unstarted(this::runWatch);

    @GuardedBy("this")
    private boolean triggered;

    @GuardedBy("this")
    private boolean cellCame;

    @GuardedBy("this")
    private boolean closed;

    ConvergenceLoop(Cells cells, LrpConverger lrps, TaskConverger tasks, Duration interval) {
        this.cells = cells;
        this.lrps = lrps;
        this.tasks = tasks;
        this.interval = interval;
    }

    void start() {
        passes.start();
        watch.start();
    }

    /** Asks for a pass soon; many such within a moment make one. */
    synchronized void trigger() {
        triggered = true;
        notifyAll();
    }

    private void runPasses() {
        long restNanos = 0;
        try {
            while (awaitNext(restNanos)) {
                long start = System.nanoTime();
                pass(takeCellCame());
                restNanos = Math.max(SETTLE.toNanos(), (System.nanoTime() - start) * REST_FACTOR);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the interval, or for a trigger and the rest that is due before it; false when closed. */
    private synchronized boolean awaitNext(long restNanos) throws InterruptedException {
        long start = System.nanoTime();
        while (!closed) {
            long elapsed = System.nanoTime() - start;
            long due = triggered ? Math.min(restNanos, interval.toNanos()) : interval.toNanos();
            if (elapsed >= due) {
                triggered = false;
                return true;
            }
            wait(Math.max(1, (due - elapsed) / 1_000_000));
        }
        return false;
    }

    private synchronized boolean takeCellCame() {
        boolean came = cellCame;
        cellCame = false;
        return came;
    }

    /** One pass over LRPs and tasks side by side; without an answer from Locket none, lest all cells seem gone. */
    void pass(boolean retryUnplaced) {
        Set<String> present;
        try {
            present = presentCells();
        } catch (Refusal e) {
            log.atError().addKeyValue("error", e.getMessage()).log("failed-to-list-cells");
            return;
        }
        Executor thread = Thread::startVirtualThread;
        var work = List.of(
                CompletableFuture.runAsync(guarded(() -> lrps.converge(present, retryUnplaced)), thread),
                CompletableFuture.runAsync(guarded(() -> tasks.converge(present)), thread));
        work.forEach(CompletableFuture::join);
    }

    private static Runnable guarded(Runnable pass) {
        return () -> {
            try {
                pass.run();
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("convergence-failed"); // the next pass is the remedy
            }
        };
    }

    private Set<String> presentCells() {
        return cells.all().stream().map(CellPresence::getCellId).collect(Collectors.toUnmodifiableSet());
    }

    private void runWatch() {
        Set<String> known = observe(null);
        try {
            while (awaitWatch()) {
                known = observe(known);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Compares the cells present with those known, and returns what is known from now on. */
    private @Nullable Set<String> observe(@Nullable Set<String> known) {
        try {
            Set<String> present = presentCells();
            if (known != null && !known.equals(present)) {
                cellsChanged(known, present);
            }
            return present;
        } catch (Refusal e) {
            log.atDebug().addKeyValue("error", e.getMessage()).log("failed-to-watch-cells");
            return known;
        }
    }

    private synchronized boolean awaitWatch() throws InterruptedException {
        long end = System.nanoTime() + WATCH_INTERVAL.toNanos();
        while (!closed && System.nanoTime() < end) {
            wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        }
        return !closed;
    }

    private void cellsChanged(Set<String> before, Set<String> after) {
        Set<String> came = new HashSet<>(after);
        came.removeAll(before);
        Set<String> went = new HashSet<>(before);
        went.removeAll(after);
        log.atInfo().addKeyValue("came", came).addKeyValue("went", went).log("cells-changed");
        synchronized (this) {
            cellCame |= !came.isEmpty();
            trigger();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        for (Thread thread : List.of(passes, watch)) {
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
