package org.cupola.auctioneer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.CellState;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.protocol.bbs.RepClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuctionRunnerTest {
    private final WorkQueue queue = new WorkQueue();
    private final Map<String, FakeCell> cells = new ConcurrentHashMap<>();
    private final List<String> reports = new CopyOnWriteArrayList<>();
    private final AtomicInteger unknown = new AtomicInteger();
    private final AuctionCounters counters = new AuctionCounters();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final AuctionRunner runner = new AuctionRunner(
            queue,
            () -> {
                if (unknown.getAndDecrement() > 0) {
                    throw new Cells.CellsUnknown("locket is away", new IllegalStateException());
                }
                return List.copyOf(cells.values());
            },
            new Reports() {
                @Override
                public void failed(Item.Lrp lrp, PlacementError error) {
                    reports.add(lrp.key() + ": " + error.text());
                }

                @Override
                public void failed(Item.Task task, PlacementError error) {
                    reports.add(task.key() + ": " + error.text());
                }
            },
            new Weights(0.25, 0, 0),
            10,
            counters,
            failures::add);

    @AfterEach
    void close() {
        runner.close();
        assertThat(failures).isEmpty();
    }

    /** A cell of this test's. */
    private static final class FakeCell implements Cells.Present {
        private final String id;
        private final List<String> performed = new CopyOnWriteArrayList<>();
        private final AtomicInteger stateFailures = new AtomicInteger();
        private volatile CellState state;
        private volatile UnaryOperator<CellWork> refusal = work -> new CellWork(List.of(), List.of(), null);
        private volatile boolean unanswered;
        private volatile CountDownLatch hold = new CountDownLatch(0);

        FakeCell(States states, String id) {
            this.id = id;
            this.state = states.state();
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public CellState state() throws CellException {
            try {
                hold.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (stateFailures.getAndDecrement() > 0) {
                throw failure();
            }
            return state;
        }

        @Override
        public CellWork perform(CellWork work, String traceId) throws CellException {
            assertThat(work.cellId()).isEqualTo(id);
            work.lrps().forEach(lrp -> performed.add(lrp.processGuid() + "." + lrp.index()));
            work.tasks().forEach(task -> performed.add(task.taskGuid()));
            if (unanswered) {
                throw failure();
            }
            return refusal.apply(work);
        }

        /** As the client reports a cell that is away. */
        private static CellException failure() {
            try (var clients = org.cupola.platform.http.HttpClients.create(null, List.of())) {
                new RepClient(clients, java.net.URI.create("http://127.0.0.1:1"), Duration.ofSeconds(1)).state();
                throw new IllegalStateException("something answers on port 1");
            } catch (CellException e) {
                return e;
            }
        }
    }

    private FakeCell add(String id) {
        return add(id, States.cell(id));
    }

    private FakeCell add(String id, States states) {
        var cell = new FakeCell(states, id);
        cells.put(id, cell);
        return cell;
    }

    private static void awaitPerformed(FakeCell cell, String... keys) {
        await().untilAsserted(() -> assertThat(cell.performed).containsExactlyInAnyOrder(keys));
    }

    @Test
    void anAuctionBeginsAsSoonAsWorkArrives() {
        FakeCell cell = add("a");
        runner.start();
        long start = System.nanoTime();

        queue.add(List.of(States.lrp("p", 0, 10), States.task("t", 10)));

        await().pollInterval(Duration.ofMillis(1)).until(() -> cell.performed.size() == 2);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        await().until(() -> counters.values().get("AuctioneerLRPAuctionsStarted") == 1
                && counters.values().get("AuctioneerTaskAuctionsStarted") == 1);
    }

    @Test
    void whatArrivesDuringAnAuctionIsInThatOneOrTheNextAndNeverTwice() throws InterruptedException {
        FakeCell cell = add("a");
        cell.hold = new CountDownLatch(1);
        runner.start();
        queue.add(List.of(States.lrp("p", 0, 10)));
        queue.add(List.of(States.lrp("p", 0, 10), States.lrp("p", 1, 10)));
        cell.hold.countDown();
        awaitPerformed(cell, "p.0", "p.1");

        queue.add(List.of(States.lrp("p", 2, 10)));
        awaitPerformed(cell, "p.0", "p.1", "p.2");
    }

    @Test
    void leavesOutCellsThatDoNotAnswerEvacuateOrAreSomebodyElse() {
        FakeCell silent = add("silent");
        silent.stateFailures.set(1000);
        FakeCell draining = add("draining", States.cell("draining").evacuating());
        FakeCell mistaken = add("mistaken", States.cell("another"));
        FakeCell good = add("good");
        good.state = States.cell("").state();
        runner.start();

        queue.add(List.of(States.lrp("p", 0, 10), States.lrp("p", 1, 10)));

        awaitPerformed(good, "p.0", "p.1");
        assertThat(List.of(silent, draining, mistaken)).allMatch(cell -> cell.performed.isEmpty());
        assertThat(counters.values().get("AuctioneerFailedCellStateRequests")).isEqualTo(1);
    }

    @Test
    void asksAgainWhenNotOneCellAnswered() {
        FakeCell cell = add("a");
        cell.stateFailures.set(2);
        runner.start();

        queue.add(List.of(States.lrp("p", 0, 10)));

        awaitPerformed(cell, "p.0");
    }

    @Test
    void withoutCellsEverythingFails() {
        runner.start();

        queue.add(List.of(States.lrp("p", 0, 10), States.task("t", 10)));

        await().untilAsserted(() -> assertThat(reports)
                .containsExactlyInAnyOrder(
                        "p.0: unable to communicate to compatible cells",
                        "t: unable to communicate to compatible cells"));
    }

    @Test
    void workWaitsWhileNobodyKnowsTheCells() {
        FakeCell cell = add("a");
        unknown.set(1);
        runner.start();

        queue.add(List.of(States.lrp("p", 0, 10)));

        awaitPerformed(cell, "p.0");
        assertThat(reports).isEmpty();
    }

    @Test
    void whatACellRefusesIsAuctionedOnceMoreAndThenReported() {
        FakeCell cell = add("a");
        cell.refusal = work -> work;
        runner.start();

        queue.add(List.of(States.lrp("p", 0, 10), States.task("t", 10)));

        await().untilAsserted(() -> assertThat(reports)
                .containsExactlyInAnyOrder("p.0: cell a did not accept the work", "t: cell a did not accept the work"));
        assertThat(cell.performed).hasSize(4);
        assertThat(counters.values().get("AuctioneerLRPAuctionsFailed")).isEqualTo(1);
    }

    @Test
    void aRefusalByOneCellIsTheChanceOfAnother() {
        FakeCell cell = add("a");
        cell.refusal = work -> {
            cell.state = States.cell("a").evacuating().state();
            return work;
        };
        runner.start();
        queue.add(List.of(States.lrp("p", 0, 10)));
        awaitPerformed(cell, "p.0");

        FakeCell other = add("b");
        queue.add(List.of(States.lrp("q", 0, 10)));

        await().until(() -> other.performed.contains("q.0"));
        await().until(() -> other.performed.contains("p.0") || reports.stream().anyMatch(r -> r.startsWith("p.0")));
    }

    @Test
    void whatACellDidNotAnswerAboutCountsAsPlaced() {
        FakeCell cell = add("a");
        cell.unanswered = true;
        runner.start();

        queue.add(List.of(States.lrp("p", 0, 10)));

        await().until(() -> counters.values().get("AuctioneerLRPAuctionsStarted") == 1);
        assertThat(cell.performed).containsExactly("p.0");
        assertThat(reports).isEmpty();
    }

    @Test
    void cellsAreAskedAndGivenWorkSideBySide() {
        var both = new CountDownLatch(2);
        List<FakeCell> two = new ArrayList<>();
        for (String id : List.of("a", "b")) {
            FakeCell cell = add(id);
            cell.refusal = work -> {
                both.countDown();
                try {
                    both.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return new CellWork(List.of(), List.of(), null);
            };
            two.add(cell);
        }
        runner.start();

        queue.add(List.of(States.lrp("p", 0, 10), States.lrp("p", 1, 10)));

        await().until(() -> two.stream().allMatch(cell -> cell.performed.size() == 1));
        await().until(() -> both.getCount() == 0);
    }
}
