package org.cupola.protocol.bbs;

import com.google.protobuf.Message;
import java.util.List;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.FailTaskRequest;
import org.cupola.protocol.bbs.proto.RejectTaskRequest;
import org.cupola.protocol.bbs.proto.StartTaskRequest;
import org.cupola.protocol.bbs.proto.StartTaskResponse;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskByGuidRequest;
import org.cupola.protocol.bbs.proto.TaskDefinition;
import org.cupola.protocol.bbs.proto.TaskGuidRequest;
import org.cupola.protocol.bbs.proto.TaskLifecycleResponse;
import org.cupola.protocol.bbs.proto.TaskResponse;
import org.cupola.protocol.bbs.proto.TasksRequest;
import org.cupola.protocol.bbs.proto.TasksResponse;

/** Tasks: Pending, Running, Completed, Resolving, gone. Blocking, immutable. */
public final class TaskClient {
    private final BbsTransport transport;

    TaskClient(BbsTransport transport) {
        this.transport = transport;
    }

    public List<Task> list(TasksRequest filter) throws BbsException {
        return transport.call(BbsRoute.TASKS_R3, filter, TasksResponse.parser()).getTasksList();
    }

    public Task get(String guid) throws BbsException {
        return transport
                .call(
                        BbsRoute.TASK_BY_GUID_R3,
                        TaskByGuidRequest.newBuilder().setTaskGuid(guid).build(),
                        TaskResponse.parser())
                .getTask();
    }

    public void desire(String guid, String domain, TaskDefinition definition) throws BbsException {
        var request = DesireTaskRequest.newBuilder()
                .setTaskGuid(guid)
                .setDomain(domain)
                .setTaskDefinition(definition)
                .build();
        lifecycle(BbsRoute.DESIRE_TASK_R2, request);
    }

    /** Whether this cell is to start the task; false when it already does. */
    public boolean start(String guid, String cellId) throws BbsException {
        var request = StartTaskRequest.newBuilder()
                .setTaskGuid(guid)
                .setCellId(cellId)
                .build();
        return transport
                .call(BbsRoute.START_TASK, request, StartTaskResponse.parser())
                .getShouldStart();
    }

    public void cancel(String guid) throws BbsException {
        lifecycle(BbsRoute.CANCEL_TASK, byGuid(guid));
    }

    public void fail(String guid, String reason) throws BbsException {
        var request = FailTaskRequest.newBuilder()
                .setTaskGuid(guid)
                .setFailureReason(reason)
                .build();
        lifecycle(BbsRoute.FAIL_TASK, request);
    }

    /** No cell took it, or the one that did gave it back; it is tried again a few times. */
    public void reject(String guid, String reason) throws BbsException {
        var request = RejectTaskRequest.newBuilder()
                .setTaskGuid(guid)
                .setRejectionReason(reason)
                .build();
        lifecycle(BbsRoute.REJECT_TASK, request);
    }

    public void complete(CompleteTaskRequest request) throws BbsException {
        lifecycle(BbsRoute.COMPLETE_TASK, request);
    }

    public void resolving(String guid) throws BbsException {
        lifecycle(BbsRoute.RESOLVING_TASK, byGuid(guid));
    }

    public void delete(String guid) throws BbsException {
        lifecycle(BbsRoute.DELETE_TASK, byGuid(guid));
    }

    private void lifecycle(BbsRoute route, Message request) throws BbsException {
        transport.call(route, request, TaskLifecycleResponse.parser());
    }

    private static TaskGuidRequest byGuid(String guid) {
        return TaskGuidRequest.newBuilder().setTaskGuid(guid).build();
    }
}
