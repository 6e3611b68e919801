package org.cupola.bbs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.cupola.protocol.bbs.proto.Task;

/** What one pass does with the tasks: a plan made from one reading of them, without touching anything. */
final class TaskConvergence {
    /**
     * @param expirePending   how long a task may wait for a cell
     * @param kick            how long Resolving, or a Completed task's callback, may take before it is tried again
     * @param expireCompleted how long a result is kept for somebody to fetch
     */
    record Durations(Duration expirePending, Duration kick, Duration expireCompleted) {}

    /**
     * @param toFail     never started, or their cell is gone
     * @param toAuction  pending
     * @param toDemote   from Resolving back to Completed
     * @param toDelete   completed long ago
     * @param toCallBack completed and not fetched
     */
    record Plan(
            List<Failure> toFail,
            List<Task> toAuction,
            List<Task> toDemote,
            List<Task> toDelete,
            List<Task> toCallBack) {}

    /** A task that ends without having run to its end. */
    record Failure(Task task, String reason, boolean keepsCell) {}

    private TaskConvergence() {}

    static Plan plan(Collection<Task> tasks, Set<String> cells, Durations durations, long now) {
        List<Failure> toFail = new ArrayList<>();
        List<Task> toAuction = new ArrayList<>();
        List<Task> toDemote = new ArrayList<>();
        List<Task> toDelete = new ArrayList<>();
        List<Task> toCallBack = new ArrayList<>();
        for (Task task : tasks) {
            switch (task.getState()) {
                case Pending -> {
                    if (isOlder(task.getCreatedAt(), durations.expirePending, now)) {
                        toFail.add(new Failure(task, "not started within time limit", false));
                    } else {
                        toAuction.add(task);
                    }
                }
                case Running -> {
                    if (!cells.contains(task.getCellId())) {
                        toFail.add(new Failure(task, "cell disappeared before completion", true));
                    }
                }
                case Resolving -> {
                    boolean stuck = isOlder(task.getUpdatedAt(), durations.kick, now);
                    if (stuck && isOlder(task.getFirstCompletedAt(), durations.expireCompleted, now)) {
                        toDelete.add(task);
                    } else if (stuck) {
                        toDemote.add(task);
                        toCallBack.add(demoted(task));
                    }
                }
                case Completed -> {
                    if (isOlder(task.getFirstCompletedAt(), durations.expireCompleted, now)) {
                        toDelete.add(task);
                    } else if (isOlder(task.getUpdatedAt(), durations.kick, now)) {
                        toCallBack.add(task);
                    }
                }
                case Invalid, UNRECOGNIZED -> {} // nothing writes such a row
            }
        }
        return new Plan(toFail, toAuction, toDemote, toDelete, toCallBack);
    }

    /** Completed again; the time stays, so that the callback is due at once. */
    static Task demoted(Task task) {
        return task.toBuilder().setState(Task.State.Completed).build();
    }

    /** @return the task completed as failed; a lost cell's name stays in it */
    static Task failed(Failure failure, long now) {
        Task failed = TaskTransitions.failed(failure.task, failure.reason, now);
        return failure.keepsCell
                ? failed.toBuilder().setCellId(failure.task.getCellId()).build()
                : failed;
    }

    private static boolean isOlder(long time, Duration age, long now) {
        return now - time > age.toNanos();
    }
}
