package org.cupola.bbs;

import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.cupola.protocol.bbs.BbsRoute;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.FailTaskRequest;
import org.cupola.protocol.bbs.proto.RejectTaskRequest;
import org.cupola.protocol.bbs.proto.StartTaskRequest;
import org.cupola.protocol.bbs.proto.StartTaskResponse;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskByGuidRequest;
import org.cupola.protocol.bbs.proto.TaskGuidRequest;
import org.cupola.protocol.bbs.proto.TaskLifecycleResponse;
import org.cupola.protocol.bbs.proto.TaskResponse;
import org.cupola.protocol.bbs.proto.TasksRequest;
import org.cupola.protocol.bbs.proto.TasksResponse;

/** The calls about tasks. */
final class TaskRoutes {
    private static final TaskLifecycleResponse DONE = TaskLifecycleResponse.getDefaultInstance();

    private final Stores stores;
    private final TaskController tasks;

    TaskRoutes(Stores stores, TaskController tasks) {
        this.stores = stores;
        this.tasks = tasks;
    }

    void register(RpcRoutes routes) {
        list(routes, BbsRoute.TASKS_R3, UnaryOperator.identity());
        list(routes, BbsRoute.TASKS_R2, Downgrades::withoutLayers);
        get(routes, BbsRoute.TASK_BY_GUID_R3, UnaryOperator.identity());
        get(routes, BbsRoute.TASK_BY_GUID_R2, Downgrades::withoutLayers);
        lifecycle(routes);
        byGuid(routes, BbsRoute.CANCEL_TASK, tasks::cancel);
        byGuid(routes, BbsRoute.RESOLVING_TASK, (guid, trace) -> tasks.resolving(guid));
        byGuid(routes, BbsRoute.DELETE_TASK, (guid, trace) -> tasks.delete(guid));
    }

    private void list(RpcRoutes routes, BbsRoute route, UnaryOperator<Task> revision) {
        routes.add(
                route,
                TasksRequest.getDefaultInstance(),
                TasksResponse.getDefaultInstance(),
                (request, problems) -> {},
                (request, trace) -> TasksResponse.newBuilder()
                        .addAllTasks(
                                stores.database().read(dsl -> stores.tasks().list(dsl, request)).stream()
                                        .map(revision)
                                        .toList())
                        .build());
    }

    private void get(RpcRoutes routes, BbsRoute route, UnaryOperator<Task> revision) {
        routes.add(
                route,
                TaskByGuidRequest.getDefaultInstance(),
                TaskResponse.getDefaultInstance(),
                (request, problems) -> problems.required(request.getTaskGuid(), "task_guid"),
                (request, trace) -> TaskResponse.newBuilder()
                        .setTask(stores.database()
                                .read(dsl -> stores.tasks().find(dsl, request.getTaskGuid()))
                                .map(revision)
                                .orElseThrow(Refusal::notFound))
                        .build());
    }

    private void byGuid(RpcRoutes routes, BbsRoute route, BiConsumer<String, String> call) {
        routes.add(
                route,
                TaskGuidRequest.getDefaultInstance(),
                DONE,
                (request, problems) -> problems.required(request.getTaskGuid(), "task_guid"),
                (request, trace) -> {
                    call.accept(request.getTaskGuid(), trace);
                    return DONE;
                });
    }

    private void lifecycle(RpcRoutes routes) {
        routes.add(
                BbsRoute.DESIRE_TASK_R2,
                DesireTaskRequest.getDefaultInstance(),
                DONE,
                RequestRules::desireTask,
                (request, trace) -> {
                    tasks.desire(request);
                    return DONE;
                });
        routes.add(
                BbsRoute.START_TASK,
                StartTaskRequest.getDefaultInstance(),
                StartTaskResponse.getDefaultInstance(),
                RequestRules::startTask,
                (request, trace) -> StartTaskResponse.newBuilder()
                        .setShouldStart(tasks.start(request.getTaskGuid(), request.getCellId()))
                        .build());
        routes.add(
                BbsRoute.FAIL_TASK,
                FailTaskRequest.getDefaultInstance(),
                DONE,
                RequestRules::failTask,
                (request, trace) -> {
                    tasks.fail(request.getTaskGuid(), request.getFailureReason());
                    return DONE;
                });
        routes.add(
                BbsRoute.REJECT_TASK,
                RejectTaskRequest.getDefaultInstance(),
                DONE,
                RequestRules::rejectTask,
                (request, trace) -> {
                    tasks.reject(request.getTaskGuid(), request.getRejectionReason());
                    return DONE;
                });
        routes.add(
                BbsRoute.COMPLETE_TASK,
                CompleteTaskRequest.getDefaultInstance(),
                DONE,
                RequestRules::completeTask,
                (request, trace) -> {
                    tasks.complete(request);
                    return DONE;
                });
    }
}
