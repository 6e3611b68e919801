package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.cupola.bbs.TaskConvergence.Durations;
import org.cupola.bbs.TaskConvergence.Plan;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.Task.State;
import org.junit.jupiter.api.Test;

/** Every state of a task by every operation, and what a pass plans. */
class TaskCoreTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Durations DURATIONS =
            new Durations(Duration.ofMinutes(30), Duration.ofSeconds(30), Duration.ofMinutes(2));

    private static Task task(State state) {
        return TaskTransitions.desired(
                        DesireTaskRequest.newBuilder()
                                .setTaskGuid("t")
                                .setDomain("d")
                                .setTaskDefinition(Lrps.task())
                                .build(),
                        0)
                .toBuilder()
                .setState(state)
                .setCellId(state == State.Running ? "cell-1" : "")
                .build();
    }

    private static Map<State, String> table(UnaryOperator<Task> transition) {
        Map<State, String> table = new TreeMap<>();
        for (State state : List.of(State.Pending, State.Running, State.Completed, State.Resolving)) {
            try {
                Task before = task(state);
                Task after = transition.apply(before);
                table.put(
                        state, after.equals(before) ? "same" : after.getState().name());
            } catch (Refusal e) {
                table.put(state, e.type().name());
            }
        }
        return table;
    }

    private static Map<State, String> outcomes(String pending, String running, String completed, String resolving) {
        return Map.of(
                State.Pending, pending,
                State.Running, running,
                State.Completed, completed,
                State.Resolving, resolving);
    }

    @Test
    void statesByOperations() {
        String no = "InvalidStateTransition";
        var completion = CompleteTaskRequest.newBuilder()
                .setTaskGuid("t")
                .setCellId("cell-1")
                .setResult("r")
                .build();

        assertThat(table(task -> TaskTransitions.started(task, "cell-1", 1)))
                .isEqualTo(outcomes("Running", "same", no, no));
        assertThat(table(task -> TaskTransitions.started(task, "cell-2", 1)))
                .isEqualTo(outcomes("Running", no, no, no));
        assertThat(table(task -> TaskTransitions.cancelled(task, 1)))
                .isEqualTo(outcomes("Completed", "Completed", no, no));
        assertThat(table(task -> TaskTransitions.failed(task, "why", 1)))
                .isEqualTo(outcomes("Completed", "Completed", no, no));
        assertThat(table(task -> TaskTransitions.rejected(task, "why", 3, 1)))
                .isEqualTo(outcomes("Pending", "Pending", "InvalidRequest", "InvalidRequest"));
        assertThat(table(task -> TaskTransitions.completed(task, completion, 1)))
                .isEqualTo(outcomes(no, "Completed", no, no));
        assertThat(table(task -> TaskTransitions.resolving(task, 1))).isEqualTo(outcomes(no, no, "Resolving", no));
        assertThat(table(task -> {
                    TaskTransitions.checkDeletable(task);
                    return task;
                }))
                .isEqualTo(outcomes(no, no, no, "same"));
    }

    @Test
    void saysWhichTransitionIsRefused() {
        assertThatThrownBy(() -> TaskTransitions.resolving(task(State.Pending), 1))
                .hasMessage("Cannot transition from Pending to Resolving");
        assertThatThrownBy(() -> TaskTransitions.completed(
                        task(State.Running),
                        CompleteTaskRequest.newBuilder().setCellId("cell-2").build(),
                        1))
                .hasMessage("Running on cell cell-1 not cell-2");
    }

    @Test
    void cancellingCompletesItAsFailed() {
        Task cancelled = TaskTransitions.cancelled(task(State.Running), 5);

        assertThat(cancelled.getFailed()).isTrue();
        assertThat(cancelled.getFailureReason()).isEqualTo("task was cancelled");
        assertThat(cancelled.getCellId()).isEmpty();
        assertThat(cancelled.getFirstCompletedAt()).isEqualTo(5);
    }

    @Test
    void theFourthRejectionFailsATaskThatMayBeRetriedThreeTimes() {
        Task task = task(State.Pending);
        for (int rejection = 1; rejection <= 3; rejection++) {
            task = TaskTransitions.rejected(task, "no room", 3, 1);
            assertThat(task.getState()).isEqualTo(State.Pending);
            assertThat(task.getRejectionCount()).isEqualTo(rejection);
        }

        task = TaskTransitions.rejected(task, "no room", 3, 1);

        assertThat(task.getState()).isEqualTo(State.Completed);
        assertThat(task.getFailureReason()).isEqualTo("no room");
        assertThat(task.getRejectionCount()).isEqualTo(4);
    }

    private static Plan plan(Task task, long now, String... cells) {
        return TaskConvergence.plan(List.of(task), Set.of(cells), DURATIONS, now);
    }

    @Test
    void pendingTasksAreAskedForAgainUntilTheyExpire() {
        Task task = task(State.Pending);

        assertThat(plan(task, 1800 * SECOND).toAuction()).containsExactly(task);
        assertThat(plan(task, 1800 * SECOND + 1).toAuction()).isEmpty();
        assertThat(plan(task, 1800 * SECOND + 1).toFail())
                .singleElement()
                .satisfies(
                        failure -> assertThat(TaskConvergence.failed(failure, 7).getFailureReason())
                                .isEqualTo("not started within time limit"));
    }

    @Test
    void runningTasksFailWithTheirCell() {
        Task task = task(State.Running);

        assertThat(plan(task, 0, "cell-1").toFail()).isEmpty();
        assertThat(plan(task, 0, "cell-2").toFail()).singleElement().satisfies(failure -> {
            Task failed = TaskConvergence.failed(failure, 7);
            assertThat(failed.getFailureReason()).isEqualTo("cell disappeared before completion");
            assertThat(failed.getCellId()).isEqualTo("cell-1");
        });
    }

    @Test
    void completedTasksAreToldAgainAndForgottenInTheEnd() {
        Task task = task(State.Completed).toBuilder()
                .setUpdatedAt(0)
                .setFirstCompletedAt(0)
                .build();

        assertThat(plan(task, 30 * SECOND).toCallBack()).isEmpty();
        assertThat(plan(task, 30 * SECOND + 1).toCallBack()).containsExactly(task);
        assertThat(plan(task, 120 * SECOND + 1).toCallBack()).isEmpty();
        assertThat(plan(task, 120 * SECOND + 1).toDelete()).containsExactly(task);
    }

    @Test
    void resolvingTasksThatAreStuckAreCompletedAgain() {
        Task task = task(State.Resolving);

        assertThat(plan(task, 30 * SECOND).toDemote()).isEmpty();
        assertThat(plan(task, 30 * SECOND + 1).toDemote()).containsExactly(task);
        assertThat(plan(task, 30 * SECOND + 1).toCallBack()).containsExactly(TaskConvergence.demoted(task));
        assertThat(plan(task, 120 * SECOND + 1).toDelete()).containsExactly(task);
    }
}
