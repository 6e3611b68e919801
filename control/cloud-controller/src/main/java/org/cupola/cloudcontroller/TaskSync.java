package org.cupola.cloudcontroller;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TasksRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and ends tasks at the BBS and finds those whose end nobody heard of. Blocking; any thread. */
final class TaskSync {
    private static final Logger log = LoggerFactory.getLogger(TaskSync.class);
    private static final Duration DOMAIN_TTL = Duration.ofMinutes(2);
    private static final long PENDING_MICROS = Duration.ofMinutes(5).toNanos() / 1000;
    private static final Set<AppTask.State> UNFINISHED =
            EnumSet.of(AppTask.State.PENDING, AppTask.State.RUNNING, AppTask.State.CANCELING);

    private final Store store;
    private final TaskBuilder builder;
    private final EgressRules egress;
    private final Optional<BbsClient> bbs;

    TaskSync(Store store, TaskBuilder builder, Optional<BbsClient> bbs) {
        this.store = store;
        this.builder = builder;
        this.egress = new EgressRules(store);
        this.bbs = bbs;
    }

    /** From PENDING to RUNNING, or to FAILED with the BBS's reason. */
    void start(AppTask task, App app, Space space, Droplet droplet) {
        if (bbs.isEmpty()) {
            return;
        }
        try {
            bbs.get()
                    .tasks()
                    .desire(
                            task.guid(),
                            TaskBuilder.DOMAIN,
                            store.database.read(dsl -> builder.build(
                                    task,
                                    app,
                                    space,
                                    droplet,
                                    store.environmentGroups
                                            .find(dsl, EnvironmentGroups.RUNNING)
                                            .variables(),
                                    egress.running(dsl, space.guid()))));
            advance(task.guid(), EnumSet.of(AppTask.State.PENDING), AppTask.State.RUNNING, null);
        } catch (BbsException e) {
            log.atWarn()
                    .addKeyValue("task", task.guid())
                    .addKeyValue("error", e.getMessage())
                    .log("task-not-started");
            advance(task.guid(), UNFINISHED, AppTask.State.FAILED, "Runner unavailable: " + e.getMessage());
        }
    }

    /** What the BBS does not hear now, it is told by the next synchronization. */
    void cancel(String taskGuid) {
        if (bbs.isEmpty()) {
            return;
        }
        try {
            bbs.get().tasks().cancel(taskGuid);
        } catch (BbsException e) {
            log.atWarn()
                    .addKeyValue("task", taskGuid)
                    .addKeyValue("error", e.getMessage())
                    .log("task-not-cancelled");
        }
    }

    /** The BBS says that it is over; false when that was known. */
    boolean completed(String taskGuid, boolean failed, String reason) {
        return advance(
                taskGuid, UNFINISHED, failed ? AppTask.State.FAILED : AppTask.State.SUCCEEDED, failed ? reason : null);
    }

    private boolean advance(String guid, Set<AppTask.State> from, AppTask.State to, @Nullable String reason) {
        return store.database.write(dsl -> store.tasks.advance(dsl, guid, from, to, reason, store.stamps.micros()));
    }

    /** Compares all tasks with those of the BBS; says that it went well by not throwing. */
    boolean everything() throws BbsException {
        if (bbs.isEmpty()) {
            return true;
        }
        BbsClient client = bbs.get();
        // The database first: a task that is started meanwhile is then unknown to it, and the BBS's list is looked up
        // again.
        var unfinished = store.database.read(store.tasks::unfinished);
        Set<String> present = new HashSet<>();
        for (Task task : client.tasks()
                .list(TasksRequest.newBuilder().setDomain(TaskBuilder.DOMAIN).build())) {
            present.add(task.getTaskGuid());
        }
        for (AppTask task : unfinished) {
            boolean there = present.remove(task.guid());
            if (task.state() == AppTask.State.PENDING) {
                if (store.stamps.micros() - task.stamp().createdAt() > PENDING_MICROS) {
                    advance(task.guid(), UNFINISHED, AppTask.State.FAILED, "Task expired in PENDING state");
                }
            } else if (!there) {
                advance(
                        task.guid(),
                        EnumSet.of(task.state()),
                        AppTask.State.FAILED,
                        "Unable to determine completion status");
            } else if (task.state() == AppTask.State.CANCELING) {
                cancel(task.guid());
            }
        }
        for (String guid : present) {
            boolean wanted = store.database
                    .read(dsl -> store.tasks.table.find(dsl, guid))
                    .filter(task -> !task.over())
                    .isPresent();
            if (!wanted) {
                cancel(guid);
            }
        }
        client.upsertDomain(TaskBuilder.DOMAIN, DOMAIN_TTL);
        return true;
    }
}
