package org.cupola.auctioneer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellState;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.CellWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds auctions, one after the other, on a thread of its own: as soon as something waits it asks all cells how they are, takes
 * everything that waits by then, decides, and hands out the work. There is no pause for gathering: what arrives
 * during an auction is the next one's.
 *
 * <p>What a cell refuses takes part in the next auction once more, because its state has changed since it was asked; a second
 * refusal is reported. What a cell did not answer about counts as placed, so that nothing runs twice; the BBS asks again if
 * it is not.
 */
final class AuctionRunner implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuctionRunner.class);
    private static final int FETCH_ATTEMPTS = 4;
    private static final int PLACEMENT_ATTEMPTS = 2;
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private final WorkQueue queue;
    private final Cells cells;
    private final Reports reports;
    private final Weights weights;
    private final AuctionCounters counters;
    private final Semaphore workers;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread loop = Thread.ofPlatform().daemon().name("auctions").unstarted(this::run);

    /** @param onFailure told when auctions have ended for an internal reason */
    AuctionRunner(
            WorkQueue queue,
            Cells cells,
            Reports reports,
            Weights weights,
            int maxWorkers,
            AuctionCounters counters,
            Consumer<Throwable> onFailure) {
        this.queue = queue;
        this.cells = cells;
        this.reports = reports;
        this.weights = weights;
        this.workers = new Semaphore(maxWorkers);
        this.counters = counters;
        this.loop.setUncaughtExceptionHandler((thread, e) -> onFailure.accept(e));
    }

    void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.interrupt();
        threads.shutdownNow();
        try {
            loop.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                queue.await();
                auction();
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private void auction() throws InterruptedException {
        List<Answer> answers = statesOfCells();
        List<Item> items = queue.drain();
        if (items.isEmpty()) {
            return;
        }
        Map<String, Cells.Present> byId = new HashMap<>();
        List<Cell> competing = new ArrayList<>();
        for (Answer answer : answers) {
            byId.put(answer.cell().id(), answer.cell());
            competing.add(new Cell(answer.cell().id(), answer.state()));
        }
        var auction = new Auction(competing, weights);
        List<Auction.Failure> failures = new ArrayList<>(auction.run(items));
        int failed = failures.size();
        failures.addAll(handOut(auction, byId, items.getFirst().traceId()));
        log.atInfo()
                .addKeyValue("cells", competing.size())
                .addKeyValue("items", items.size())
                .addKeyValue("failed", failed)
                .addKeyValue("refused", failures.size() - failed)
                .log("auction-completed");
        report(failures);
    }

    private record Answer(Cells.Present cell, CellState state) {}

    /** Asks again when not one cell answered, a few times; then there are none. */
    private List<Answer> statesOfCells() throws InterruptedException {
        List<Answer> answers = List.of();
        for (int attempt = 0; attempt < FETCH_ATTEMPTS && answers.isEmpty(); attempt++) {
            List<Cells.Present> present = presentCells();
            long start = System.nanoTime();
            List<Callable<Optional<Answer>>> questions = new ArrayList<>();
            for (Cells.Present cell : present) {
                questions.add(() -> limited(() -> ask(cell)));
            }
            answers = all(questions).stream().flatMap(Optional::stream).toList();
            counters.fetchedStates(System.nanoTime() - start);
        }
        return answers;
    }

    /** However long it takes to find out. */
    private List<Cells.Present> presentCells() throws InterruptedException {
        while (true) {
            try {
                return cells.present();
            } catch (Cells.CellsUnknown e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException(); // we are being closed: that is why nobody answered
                }
                log.atError().addKeyValue("reason", e.getMessage()).log("cells-not-known");
                Thread.sleep(RETRY_PAUSE);
            }
        }
    }

    private Optional<Answer> ask(Cells.Present cell) {
        CellState state;
        try {
            state = cell.state();
        } catch (CellException e) {
            counters.stateRequestFailed();
            log.atWarn()
                    .addKeyValue("cell", cell.id())
                    .addKeyValue("reason", e.getMessage())
                    .log("cell-state-not-fetched");
            return Optional.empty();
        }
        boolean mistaken = !state.cellId().isEmpty() && !state.cellId().equals(cell.id());
        if (mistaken) {
            log.atError()
                    .addKeyValue("cell", cell.id())
                    .addKeyValue("answering", state.cellId())
                    .log("another-cell-answered");
        }
        return mistaken || state.evacuating() ? Optional.empty() : Optional.of(new Answer(cell, state));
    }

    private List<Auction.Failure> handOut(Auction auction, Map<String, Cells.Present> byId, String traceId)
            throws InterruptedException {
        List<Callable<List<Auction.Failure>>> commits = new ArrayList<>();
        auction.busyCells().forEach(cell -> {
            Cells.Present present = byId.get(cell.id());
            if (present != null) {
                commits.add(() -> limited(() -> commit(cell, present, traceId)));
            }
        });
        return all(commits).stream().flatMap(List::stream).toList();
    }

    private List<Auction.Failure> commit(Cell cell, Cells.Present present, String traceId) {
        List<CellLrp> lrps = new ArrayList<>();
        List<CellTask> tasks = new ArrayList<>();
        Map<String, Item> byKey = new HashMap<>();
        for (Item item : cell.placed()) {
            byKey.put(item.key(), item);
            switch (item) {
                case Item.Lrp lrp -> lrps.add(lrp.lrp());
                case Item.Task task -> tasks.add(task.task());
            }
        }
        CellWork refused;
        try {
            refused = present.perform(new CellWork(lrps, tasks, cell.id()), traceId);
        } catch (CellException e) {
            log.atError()
                    .addKeyValue("cell", cell.id())
                    .addKeyValue("lrps", lrps.size())
                    .addKeyValue("tasks", tasks.size())
                    .addKeyValue("reason", e.getMessage())
                    .log("work-not-acknowledged");
            cell.placed().forEach(counters::started);
            return List.of();
        }
        List<Auction.Failure> failures = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        refused.lrps().forEach(lrp -> keys.add(Item.Lrp.key(lrp)));
        refused.tasks().forEach(task -> keys.add(task.taskGuid()));
        for (String key : keys) {
            Item item = byKey.remove(key);
            if (item != null) {
                failures.add(new Auction.Failure(item, new PlacementError.Refused(cell.id())));
            }
        }
        byKey.values().forEach(counters::started);
        return failures;
    }

    private void report(List<Auction.Failure> failures) {
        List<Item> again = new ArrayList<>();
        for (Auction.Failure failure : failures) {
            Item item = failure.item();
            if (failure.error() instanceof PlacementError.Refused && item.attempt() < PLACEMENT_ATTEMPTS) {
                again.add(item.again());
                continue;
            }
            counters.failed(item);
            threads.execute(() -> {
                switch (item) {
                    case Item.Lrp lrp -> reports.failed(lrp, failure.error());
                    case Item.Task task -> reports.failed(task, failure.error());
                }
            });
        }
        if (!again.isEmpty()) {
            queue.add(again);
        }
    }

    private <T> T limited(Callable<T> call) throws Exception {
        workers.acquire();
        try {
            return call.call();
        } finally {
            workers.release();
        }
    }

    private <T> List<T> all(List<Callable<T>> calls) throws InterruptedException {
        List<T> results = new ArrayList<>();
        for (Future<T> future : threads.invokeAll(calls)) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("a call to a cell failed internally", e);
            }
        }
        return results;
    }
}
