package org.cupola.bbs;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.cupola.bbs.TaskConvergence.Durations;
import org.cupola.bbs.TaskConvergence.Plan;
import org.cupola.protocol.bbs.proto.Task;

/** One pass of task convergence: reads all tasks, plans, carries the plan out. Blocking. */
final class TaskConverger {
    private final Stores stores;
    private final TaskController tasks;
    private final TaskCallbacks callbacks;
    private final Auctions auctions;
    private final BbsMetrics metrics;
    private final Durations durations;

    TaskConverger(
            Stores stores,
            TaskController tasks,
            TaskCallbacks callbacks,
            Auctions auctions,
            BbsMetrics metrics,
            Durations durations) {
        this.stores = stores;
        this.tasks = tasks;
        this.callbacks = callbacks;
        this.auctions = auctions;
        this.metrics = metrics;
        this.durations = durations;
    }

    void converge(Set<String> cells) {
        long start = System.nanoTime();
        long now = stores.now();
        TaskStore.Inventory all = stores.database().read(dsl -> stores.tasks().inventory(dsl));
        Plan plan = TaskConvergence.plan(all.tasks(), cells, durations, now);
        int pruned = 0;
        for (String guid : all.undecodable()) {
            stores.database().writeVoid(dsl -> stores.tasks().delete(dsl, guid));
            pruned++;
        }
        plan.toFail().forEach(failure -> {
            var moved = tasks.moveIfUnchanged(failure.task(), task -> TaskConvergence.failed(failure, now));
            if (moved != null) {
                callbacks.submit(moved.after(), tasks);
            }
        });
        plan.toDemote().forEach(task -> tasks.moveIfUnchanged(task, TaskConvergence::demoted));
        for (Task task : plan.toDelete()) {
            if (tasks.deleteIfUnchanged(task)) {
                pruned++;
            }
        }
        plan.toCallBack().forEach(task -> callbacks.submit(task, tasks));
        auctions.requestTasks(plan.toAuction());
        metrics.tasksConverged(
                Duration.ofNanos(System.nanoTime() - start),
                counts(all.tasks()),
                pruned,
                plan.toDemote().size() + plan.toCallBack().size());
    }

    private static Map<String, Integer> counts(Iterable<Task> tasks) {
        Map<String, Integer> counts =
                new TreeMap<>(Map.of("TasksPending", 0, "TasksRunning", 0, "TasksCompleted", 0, "TasksResolving", 0));
        tasks.forEach(task -> counts.merge("Tasks" + task.getState().name(), 1, Integer::sum));
        return counts;
    }
}
