package org.cupola.bbs;

import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.Task;

/** The state machine of a task: Pending, Running, Completed, Resolving, gone. Each function returns the task as it becomes. */
final class TaskTransitions {
    private TaskTransitions() {}

    static Task desired(DesireTaskRequest request, long now) {
        return Task.newBuilder()
                .setTaskGuid(request.getTaskGuid())
                .setDomain(request.getDomain())
                .setTaskDefinition(request.getTaskDefinition())
                .setState(Task.State.Pending)
                .setCreatedAt(now)
                .setUpdatedAt(now)
                .build();
    }

    /** The same task when it already runs on that cell. */
    static Task started(Task task, String cellId, long now) {
        if (task.getState() == Task.State.Running && task.getCellId().equals(cellId)) {
            return task;
        }
        return move(task, Task.State.Running, now, Task.State.Pending)
                .setCellId(cellId)
                .build();
    }

    static Task cancelled(Task task, long now) {
        return failed(task, "task was cancelled", now);
    }

    static Task failed(Task task, String reason, long now) {
        return completed(
                move(task, Task.State.Completed, now, Task.State.Pending, Task.State.Running), true, reason, "", now);
    }

    /** Back to Pending, or failed after as many rejections as are allowed. */
    static Task rejected(Task task, String reason, int maxRetries, long now) {
        if (task.getState() != Task.State.Pending && task.getState() != Task.State.Running) {
            throw Refusal.badRequest();
        }
        Task.Builder rejected = task.toBuilder()
                .setState(Task.State.Pending)
                .setRejectionCount(task.getRejectionCount() + 1)
                .setRejectionReason(Instances.truncated(reason))
                .setUpdatedAt(now);
        return task.getRejectionCount() >= maxRetries ? failed(rejected.build(), reason, now) : rejected.build();
    }

    static Task completed(Task task, CompleteTaskRequest request, long now) {
        if (task.getState() == Task.State.Running && !task.getCellId().equals(request.getCellId())) {
            throw Refusal.runningOnDifferentCell(task.getCellId(), request.getCellId());
        }
        return completed(
                move(task, Task.State.Completed, now, Task.State.Running),
                request.getFailed(),
                request.getFailureReason(),
                request.getResult(),
                now);
    }

    static Task resolving(Task task, long now) {
        return move(task, Task.State.Resolving, now, Task.State.Completed).build();
    }

    static void checkDeletable(Task task) {
        if (task.getState() != Task.State.Resolving) {
            throw refused(task.getState(), "Resolving"); // there is no name for what comes after it
        }
    }

    private static Task completed(Task.Builder task, boolean failed, String reason, String result, long now) {
        return task.setFailed(failed)
                .setFailureReason(Instances.truncated(reason))
                .setResult(result)
                .setFirstCompletedAt(now)
                .setCellId("")
                .build();
    }

    private static Task.Builder move(Task task, Task.State to, long now, Task.State... from) {
        for (Task.State allowed : from) {
            if (task.getState() == allowed) {
                return task.toBuilder().setState(to).setUpdatedAt(now);
            }
        }
        throw refused(task.getState(), to.name());
    }

    private static Refusal refused(Task.State from, String to) {
        return new Refusal(Error.Type.InvalidStateTransition, "Cannot transition from " + from.name() + " to " + to);
    }
}
