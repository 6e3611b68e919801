package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StepsTest {
    private final ControlledStep first = new ControlledStep();
    private final ControlledStep second = new ControlledStep();
    private final ControlledStep third = new ControlledStep();
    private final Cancellation cancellation = new Cancellation();
    private final AtomicInteger ready = new AtomicInteger();

    private CompletableFuture<String> start(Step step) {
        var result = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> {
            try {
                step.run(cancellation, ready::incrementAndGet);
                result.complete("well");
            } catch (StepFailure e) {
                result.complete(e.reason());
            }
        });
        return result;
    }

    private static String end(CompletableFuture<String> result) throws Exception {
        return result.get(10, TimeUnit.SECONDS);
    }

    @Test
    void serialRunsOneAfterTheOtherAndIsReadyWithTheLast() throws Exception {
        var result = start(new SerialStep(List.of(first, second)));
        first.awaitStart().ready();
        assertThat(second.started()).isFalse();
        first.end();
        second.awaitStart();
        assertThat(ready).hasValue(0);
        second.ready();
        assertThat(ready).hasValue(1);
        second.end();

        assertThat(end(result)).isEqualTo("well");
    }

    @Test
    void serialStopsAtTheFirstFailure() throws Exception {
        var result = start(new SerialStep(List.of(first, second)));
        first.awaitStart().fail("broken");

        assertThat(end(result)).isEqualTo("broken");
        assertThat(second.started()).isFalse();
    }

    @Test
    void serialStartsNothingMoreOnceCancelled() throws Exception {
        var result = start(new SerialStep(List.of(first, second)));
        first.awaitStart();
        cancellation.cancel();
        first.end();

        assertThat(end(result)).isEqualTo("cancelled");
        assertThat(second.started()).isFalse();
    }

    @Test
    void parallelWaitsForAllAndJoinsTheirFailures() throws Exception {
        var result = start(new ParallelStep(List.of(first, second, third)));
        first.awaitStart();
        second.awaitStart();
        third.awaitStart();
        first.ready();
        first.ready();
        second.ready();
        assertThat(ready).hasValue(0);
        third.ready();
        assertThat(ready).hasValue(1);

        first.fail("one");
        await().until(() -> !result.isDone());
        third.end();
        second.fail("two");

        assertThat(end(result)).isEqualTo("one; two");
        assertThat(third.cancelled()).isFalse();
    }

    @Test
    void theFirstOfCodependentStepsToEndEndsTheOthers() throws Exception {
        var result = start(new CodependentStep(List.of(first, second, third), true));
        second.awaitStart();
        first.awaitStart();
        third.awaitStart();
        second.end();

        assertThat(end(result)).isEqualTo("Codependent step exited");
        assertThat(first.cancelled()).isTrue();
        assertThat(third.cancelled()).isTrue();
    }

    @Test
    void aFailureOfACodependentStepIsTold() throws Exception {
        var result = start(new CodependentStep(List.of(first, second), true));
        first.awaitStart();
        second.awaitStart();
        first.fail("APP: Exited with status 1");

        assertThat(end(result)).isEqualTo("APP: Exited with status 1");
        assertThat(second.cancelled()).isTrue();
    }

    @Test
    void aCleanEndOfOneMayBeACleanEndOfAll() throws Exception {
        var result = start(new CodependentStep(List.of(first, second), false));
        first.awaitStart();
        second.awaitStart();
        first.end();

        assertThat(end(result)).isEqualTo("well");
        assertThat(second.cancelled()).isTrue();
    }

    @Test
    void cancellationReachesEveryBranchOfATree() throws Exception {
        var result = start(new SerialStep(List.of(new CodependentStep(
                List.of(first, new ParallelStep(List.of(second, new TimeoutStep(third, Duration.ofMinutes(1))))),
                true))));
        first.awaitStart();
        second.awaitStart();
        third.awaitStart();

        cancellation.cancel();

        assertThat(end(result)).isEqualTo("cancelled");
        assertThat(List.of(first, second, third)).allMatch(ControlledStep::cancelled);
    }

    @Test
    void tryNeverFails() throws Exception {
        var result = start(new TryStep(first));
        first.awaitStart().fail("whatever");

        assertThat(end(result)).isEqualTo("well");
    }

    @Test
    void timeoutCancelsAndSaysSo() throws Exception {
        var result = start(new TimeoutStep(first, Duration.ofMillis(30)));

        assertThat(end(result)).isEqualTo("exceeded 30ms timeout");
        assertThat(first.cancelled()).isTrue();
        assertThat(cancellation.isCancelled()).isFalse();
    }

    @Test
    void timeoutLeavesWhatEndsInTimeAlone() throws Exception {
        var result = start(new TimeoutStep(first, Duration.ofMinutes(1)));
        first.awaitStart().fail("own failure");

        assertThat(end(result)).isEqualTo("own failure");
    }

    @Test
    void timeoutAddsWhatTheStepSaid() {
        Step stubborn = (cancelled, onReady) -> {
            cancelled.await(Duration.ofMinutes(1));
            throw new StepFailure("APP: Exited with status 9");
        };

        assertThatThrownBy(() -> new TimeoutStep(stubborn, Duration.ofMillis(5)).run(cancellation, () -> {}))
                .hasMessage("exceeded 5ms timeout; APP: Exited with status 9");
    }

    @Test
    void progressIsEmitted() throws Exception {
        var log = new RecordingLog();
        var result = start(new EmitProgressStep(first, "Uploading...", "Uploaded", "Failed", log.stream()));
        first.awaitStart().end();
        assertThat(end(result)).isEqualTo("well");

        assertThat(log.lines()).containsExactly("SRC OUT Uploading...", "SRC OUT Uploaded");
    }

    @Test
    void failedProgressIsEmittedWithItsReason() throws Exception {
        var log = new RecordingLog();
        var result = start(new EmitProgressStep(first, "", "Uploaded", "Failed", log.stream()));
        first.awaitStart().fail("no space");
        assertThat(end(result)).isEqualTo("no space");

        assertThat(log.lines()).containsExactly("SRC ERR Failed: no space");
    }

    @Test
    void anInternalErrorOfABranchIsAFailureAndDoesNotHang() throws Exception {
        Step broken = (cancelled, onReady) -> {
            throw new IllegalStateException("bug");
        };

        assertThat(end(start(new ParallelStep(List.of(broken))))).startsWith("internal error: ");
    }

    @Test
    void silentReasonsStandAloneOnly() {
        var cancelled = StepFailure.cancelled();
        var exceeded = new StepFailure(StepFailure.EXCEEDED_GRACE);
        var real = new StepFailure("real");

        assertThat(StepFailure.join(List.of(cancelled, real, exceeded)).reason())
                .isEqualTo("real");
        assertThat(StepFailure.join(List.of(exceeded, cancelled)).reason())
                .isEqualTo("exceeded graceful shutdown interval");
    }

    @Test
    void childrenAreCancelledWithTheirParentButNotTheOtherWayRound() throws ExecutionException, InterruptedException {
        Cancellation child = cancellation.child();
        child.cancel();
        assertThat(cancellation.isCancelled()).isFalse();

        Cancellation other = cancellation.child();
        cancellation.cancel();
        assertThat(other.isCancelled()).isTrue();
        assertThat(cancellation.child().isCancelled()).isTrue();
    }
}
