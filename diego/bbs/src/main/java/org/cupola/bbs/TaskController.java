package org.cupola.bbs;

import java.util.List;
import java.util.function.UnaryOperator;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.jspecify.annotations.Nullable;

/** The life of tasks: transitions, and what follows from them outside the database. Blocking, any thread. */
final class TaskController {
    private final Stores stores;
    private final ProcessLocks locks;
    private final Events events;
    private final Auctions auctions;
    private final Reps reps;
    private final TaskCallbacks callbacks;
    private final BbsMetrics metrics;
    private final int maxRetries;

    TaskController(
            Stores stores,
            ProcessLocks locks,
            Events events,
            Auctions auctions,
            Reps reps,
            TaskCallbacks callbacks,
            BbsMetrics metrics,
            int maxRetries) {
        this.stores = stores;
        this.locks = locks;
        this.events = events;
        this.auctions = auctions;
        this.reps = reps;
        this.callbacks = callbacks;
        this.metrics = metrics;
        this.maxRetries = maxRetries;
    }

    /** A task before and after a transition. */
    record Moved(Task before, Task after) {
        boolean isNone() {
            return before.equals(after);
        }
    }

    void desire(DesireTaskRequest request) {
        Task task = TaskTransitions.desired(request, stores.now());
        locks.with(task.getTaskGuid(), () -> {
            stores.database().writeVoid(dsl -> {
                if (stores.tasks().find(dsl, task.getTaskGuid()).isPresent()) {
                    throw Refusal.exists();
                }
                stores.tasks().insert(dsl, task);
            });
            events.taskCreated(task);
            return task;
        });
        auctions.requestTasks(List.of(task));
    }

    /** Whether the caller is to start it. */
    boolean start(String guid, String cellId) {
        long now = stores.now();
        Moved moved = move(guid, task -> TaskTransitions.started(task, cellId, now));
        if (!moved.isNone()) {
            metrics.taskStarted(cellId);
        }
        return !moved.isNone();
    }

    void cancel(String guid, String traceId) {
        long now = stores.now();
        Moved moved = move(guid, task -> TaskTransitions.cancelled(task, now));
        callbacks.submit(moved.after(), this);
        String cellId = moved.before().getCellId();
        if (!cellId.isEmpty()) {
            reps.cancelTaskLater(cellId, guid, traceId);
        }
    }

    void fail(String guid, String reason) {
        long now = stores.now();
        Moved moved = move(guid, task -> TaskTransitions.failed(task, reason, now));
        metrics.taskFailed(moved.before().getCellId());
        callbacks.submit(moved.after(), this);
    }

    void reject(String guid, String reason) {
        long now = stores.now();
        Moved moved = move(guid, task -> TaskTransitions.rejected(task, reason, maxRetries, now));
        if (moved.after().getState() == Task.State.Completed) {
            callbacks.submit(moved.after(), this);
        }
    }

    void complete(CompleteTaskRequest request) {
        long now = stores.now();
        Moved moved = move(request.getTaskGuid(), task -> TaskTransitions.completed(task, request, now));
        if (request.getFailed()) {
            metrics.taskFailed(request.getCellId());
        } else {
            metrics.taskSucceeded(request.getCellId());
        }
        callbacks.submit(moved.after(), this);
    }

    void resolving(String guid) {
        long now = stores.now();
        move(guid, task -> TaskTransitions.resolving(task, now));
    }

    void delete(String guid) {
        deleteIf(guid, TaskTransitions::checkDeletable);
    }

    /** Makes the task what the transition says and tells the subscribers. */
    Moved move(String guid, UnaryOperator<Task> transition) {
        return locks.with(guid, () -> {
            Moved moved = stores.database().write(dsl -> {
                Task before = stores.tasks().forUpdate(dsl, guid);
                Task after = transition.apply(before);
                if (!after.equals(before)) {
                    stores.tasks().update(dsl, after);
                }
                return new Moved(before, after);
            });
            if (!moved.isNone()) {
                events.taskChanged(moved.before(), moved.after());
            }
            return moved;
        });
    }

    /** A step of convergence: nothing happens when the task is no longer the one that was seen. */
    @Nullable
    Moved moveIfUnchanged(Task seen, UnaryOperator<Task> transition) {
        try {
            Moved moved = move(seen.getTaskGuid(), task -> task.equals(seen) ? transition.apply(task) : task);
            return moved.isNone() ? null : moved;
        } catch (Refusal e) {
            return null; // gone meanwhile
        }
    }

    boolean deleteIfUnchanged(Task seen) {
        try {
            deleteIf(seen.getTaskGuid(), task -> {
                if (!task.equals(seen)) {
                    throw Refusal.notFound();
                }
            });
            return true;
        } catch (Refusal e) {
            return false; // gone or changed meanwhile
        }
    }

    private void deleteIf(String guid, java.util.function.Consumer<Task> check) {
        locks.with(guid, () -> {
            Task deleted = stores.database().write(dsl -> {
                Task task = stores.tasks().forUpdate(dsl, guid);
                check.accept(task);
                stores.tasks().delete(dsl, guid);
                return task;
            });
            events.taskRemoved(deleted);
            return deleted;
        });
    }
}
