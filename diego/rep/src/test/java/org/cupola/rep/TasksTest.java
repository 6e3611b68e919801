package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;

import org.cupola.protocol.bbs.proto.Error;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.RunResult;
import org.junit.jupiter.api.Test;

class TasksTest {
    private final FakeBbs bbs = new FakeBbs();
    private final FakeContainers containers = new FakeContainers();
    private final Tasks tasks = new Tasks(bbs, containers, new RunRequests());

    private Outcome process(ContainerState state, RunResult result) throws Exception {
        return tasks.process(containers.putTask("t1", state, result));
    }

    private Outcome end(boolean failed, String reason, boolean retryable) throws Exception {
        return process(ContainerState.COMPLETED, new RunResult(failed, reason, retryable, false));
    }

    @Test
    void aReservedTaskIsStartedAndRun() throws Exception {
        process(ContainerState.RESERVED, null);

        assertThat(bbs.calls).containsExactly("start-task t1", "task t1");
        assertThat(containers.calls).containsExactly("run t1");
    }

    @Test
    void aTaskThatRunsAlreadyIsNotRunAgain() throws Exception {
        process(ContainerState.RUNNING, null);

        assertThat(bbs.calls).containsExactly("start-task t1");
        assertThat(containers.calls).isEmpty();
    }

    @Test
    void aTaskThatTheBbsDoesNotWantIsRemoved() throws Exception {
        bbs.refuse("start-task", Error.Type.InvalidStateTransition);
        process(ContainerState.RESERVED, null);
        bbs.refuse("start-task", Error.Type.ResourceNotFound);
        process(ContainerState.RESERVED, null);
        bbs.refuse("start-task", Error.Type.UnknownError);
        process(ContainerState.RESERVED, null);

        assertThat(containers.calls).containsExactly("delete t1", "delete t1");
    }

    @Test
    void withoutAnAnswerItIsTriedAgain() throws Exception {
        bbs.unanswered("start-task");
        bbs.unanswered("complete-task");

        assertThat(process(ContainerState.RESERVED, null)).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(end(false, "", false)).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(containers.calls).isEmpty();
    }

    @Test
    void theResultIsReadFromItsFile() throws Exception {
        bbs.resultFile = "/tmp/result.json";
        containers.files.put("/tmp/result.json", "{}");
        process(ContainerState.RESERVED, null);

        end(false, "", false);

        assertThat(bbs.calls).endsWith("complete-task t1 false [] [{}]");
        assertThat(containers.calls).endsWith("delete t1");
    }

    @Test
    void aResultThatIsMissingOrTooLargeFailsTheTask() throws Exception {
        bbs.resultFile = "/tmp/result.json";
        process(ContainerState.RESERVED, null);
        end(false, "", false);
        assertThat(bbs.calls).endsWith("complete-task t1 true [failed to fetch result] []");

        containers.files.put("/tmp/result.json", "x".repeat(51_201));
        process(ContainerState.RESERVED, null);
        end(false, "", false);
        assertThat(bbs.calls).endsWith("complete-task t1 true [failed to fetch result] []");
    }

    @Test
    void aFailedTaskNeedsNoResult() throws Exception {
        bbs.resultFile = "/tmp/result.json";
        process(ContainerState.RESERVED, null);

        end(true, "APP: Exited with status 1", false);

        assertThat(bbs.calls).endsWith("complete-task t1 true [APP: Exited with status 1] []");
    }

    @Test
    void whatFailedBeforeAnythingRanIsGivenBack() throws Exception {
        end(true, "failed to create container: no port", true);

        assertThat(bbs.calls).containsExactly("reject-task t1 failed to create container: no port");
        assertThat(containers.calls).containsExactly("delete t1");
    }

    @Test
    void anUnexpectedCompletionIsTriedOnceMoreAsAFailure() throws Exception {
        bbs.refuse("complete-task", Error.Type.InvalidStateTransition);

        assertThat(end(false, "", false)).isEqualTo(Outcome.SETTLED);

        assertThat(bbs.calls)
                .containsExactly("complete-task t1 false [] []", "complete-task t1 true [invalid state transition] []");
        assertThat(containers.calls).containsExactly("delete t1");
    }
}
