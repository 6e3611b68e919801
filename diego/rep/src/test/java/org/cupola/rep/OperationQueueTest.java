package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperationQueueTest {
    private final OperationQueue queue = new OperationQueue();
    private final List<String> done = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void keysDoNotWaitForEachOther() throws InterruptedException {
        var hold = new CountDownLatch(1);
        queue.push("a", () -> {
            hold.await();
            return Outcome.SETTLED;
        });
        queue.push("b", () -> {
            done.add("b");
            return Outcome.SETTLED;
        });

        await().until(() -> done.contains("b"));
        hold.countDown();
    }

    @Test
    void ofWhatWaitsForAKeyOnlyTheNewestRuns() throws InterruptedException {
        var started = new CountDownLatch(1);
        var hold = new CountDownLatch(1);
        queue.push("a", () -> {
            started.countDown();
            hold.await();
            done.add("first");
            return Outcome.SETTLED;
        });
        started.await();
        for (String name : List.of("second", "third", "fourth")) {
            queue.push("a", () -> {
                done.add(name);
                return Outcome.SETTLED;
            });
        }
        hold.countDown();

        await().until(() -> done.contains("fourth"));
        assertThat(done).containsExactly("first", "fourth");
    }

    @Test
    void whatIsNotSettledIsTriedAgain() {
        var attempts = new AtomicInteger();
        queue.push("a", () -> attempts.incrementAndGet() < 2 ? Outcome.TRY_AGAIN : Outcome.SETTLED);

        await().until(() -> attempts.get() == 2);
    }

    @Test
    void aNewerOperationDoesNotWaitForThePause() throws InterruptedException {
        var tried = new CountDownLatch(1);
        queue.push("a", () -> {
            tried.countDown();
            return Outcome.TRY_AGAIN;
        });
        tried.await();
        queue.push("a", () -> {
            done.add("newer");
            return Outcome.SETTLED;
        });

        await().until(() -> done.contains("newer"));
    }

    @Test
    void aFailingOperationDoesNotBlockItsKey() {
        queue.push("a", () -> {
            throw new IllegalStateException("bug");
        });
        await().until(() -> {
            queue.push("a", () -> {
                done.add("next");
                return Outcome.SETTLED;
            });
            return done.contains("next");
        });
    }

    @Test
    void nothingRunsAfterClose() {
        queue.close();
        queue.push("a", () -> {
            done.add("late");
            return Outcome.SETTLED;
        });

        assertThat(done).isEmpty();
    }
}
