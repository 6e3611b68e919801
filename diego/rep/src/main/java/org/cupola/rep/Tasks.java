package org.cupola.rep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.rep.container.ContainerException;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.Containers;
import org.cupola.rep.executor.ExecutorException;
import org.cupola.rep.executor.RunResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done about a task's container, drained or not. Any thread. */
final class Tasks {
    private static final Logger log = LoggerFactory.getLogger(Tasks.class);
    private static final int MAX_RESULT_BYTES = 51_200;
    static final String NOT_RUN = "failed to run container";
    static final String NO_RESULT = "failed to fetch result";
    static final String NOT_EXPECTED = "invalid state transition";

    private final Bbs bbs;
    private final Containers containers;
    private final RunRequests requests;
    /** Where each task that runs here leaves its result. */
    private final Map<String, String> resultFiles = new ConcurrentHashMap<>();

    Tasks(Bbs bbs, Containers containers, RunRequests requests) {
        this.bbs = bbs;
        this.containers = containers;
        this.requests = requests;
    }

    Outcome process(CellContainer container) throws ContainerException {
        return container.state() == ContainerState.COMPLETED ? end(container) : begin(container);
    }

    /**
     * A reserved container is run also when the BBS says that the task was started here before: then that answer was lost on
     * its way.
     */
    private Outcome begin(CellContainer container) throws ContainerException {
        String guid = container.guid();
        try {
            bbs.startTask(guid);
            if (container.state() == ContainerState.RESERVED) {
                run(guid);
            }
            return Outcome.SETTLED;
        } catch (BbsException e) {
            logged(guid, "task-not-started", e);
            if (e.is(Error.Type.InvalidStateTransition) || e.isNotFound()) {
                containers.delete(guid);
            }
            return e.answered() ? Outcome.SETTLED : Outcome.TRY_AGAIN;
        }
    }

    private void run(String guid) throws BbsException {
        Task task = bbs.task(guid);
        try {
            resultFiles.put(guid, task.getTaskDefinition().getResultFile());
            containers.run(requests.of(task));
        } catch (ExecutorException e) {
            log.atError().setCause(e).addKeyValue("task_guid", guid).log("container-not-run");
            bbs.completeTask(guid, true, NOT_RUN, "");
        }
    }

    private Outcome end(CellContainer container) throws ContainerException {
        String guid = container.guid();
        RunResult result = container.result();
        try {
            if (result != null && result.failed() && result.retryable()) {
                bbs.rejectTask(guid, result.failureReason());
            } else {
                complete(guid, result != null && result.failed(), result == null ? "" : result.failureReason());
            }
        } catch (BbsException e) {
            logged(guid, "task-not-completed", e);
            if (!e.answered()) {
                return Outcome.TRY_AGAIN;
            }
        }
        containers.delete(guid);
        resultFiles.remove(guid);
        return Outcome.SETTLED;
    }

    private void complete(String guid, boolean failed, String reason) throws BbsException {
        boolean nowFailed = failed;
        String nowReason = reason;
        String result = "";
        String file = resultFiles.getOrDefault(guid, "");
        if (!failed && !file.isEmpty()) {
            try {
                result = new String(containers.read(guid, file, MAX_RESULT_BYTES), StandardCharsets.UTF_8);
            } catch (IOException e) {
                log.atWarn()
                        .addKeyValue("task_guid", guid)
                        .addKeyValue("reason", e.getMessage())
                        .log("task-result-not-read");
                nowFailed = true;
                nowReason = NO_RESULT;
            }
        }
        try {
            bbs.completeTask(guid, nowFailed, nowReason, result);
        } catch (BbsException e) {
            if (!e.is(Error.Type.InvalidStateTransition)) {
                throw e;
            }
            bbs.completeTask(guid, true, NOT_EXPECTED, "");
        }
    }

    private static void logged(String guid, String message, BbsException e) {
        log.atWarn()
                .addKeyValue("task_guid", guid)
                .addKeyValue("reason", e.getMessage())
                .log(message);
    }
}
