package org.cupola.rep;

import java.util.List;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.Evacuation;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.CompleteTaskRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TasksRequest;

/** The BBS over its wire. */
record RemoteBbs(BbsClient client, String cellId) implements Bbs {
    @Override
    public void claim(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        client.actual().claim(key, instance);
    }

    @Override
    public void start(StartActualLRPRequest request) throws BbsException {
        client.actual().start(request);
    }

    @Override
    public void crash(ActualLRPKey key, ActualLRPInstanceKey instance, String reason) throws BbsException {
        client.actual().crash(key, instance, reason);
    }

    @Override
    public void remove(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        client.actual().remove(key, instance);
    }

    @Override
    public Evacuation evacuateClaimed(ActualLRPKey key, ActualLRPInstanceKey instance) {
        return client.evacuation().claimed(key, instance);
    }

    @Override
    public Evacuation evacuateRunning(EvacuateRunningActualLRPRequest request) {
        return client.evacuation().running(request);
    }

    @Override
    public Evacuation evacuateStopped(ActualLRPKey key, ActualLRPInstanceKey instance) {
        return client.evacuation().stopped(key, instance);
    }

    @Override
    public Evacuation evacuateCrashed(ActualLRPKey key, ActualLRPInstanceKey instance, String reason) {
        return client.evacuation().crashed(key, instance, reason);
    }

    @Override
    public void removeEvacuating(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        client.evacuation().removeEvacuating(key, instance);
    }

    @Override
    public DesiredLRP desiredLrp(String processGuid) throws BbsException {
        return client.desired().get(processGuid);
    }

    @Override
    public void startTask(String guid) throws BbsException {
        client.tasks().start(guid, cellId);
    }

    @Override
    public Task task(String guid) throws BbsException {
        return client.tasks().get(guid);
    }

    @Override
    public void completeTask(String guid, boolean failed, String failureReason, String result) throws BbsException {
        client.tasks()
                .complete(CompleteTaskRequest.newBuilder()
                        .setTaskGuid(guid)
                        .setCellId(cellId)
                        .setFailed(failed)
                        .setFailureReason(failureReason)
                        .setResult(result)
                        .build());
    }

    @Override
    public void rejectTask(String guid, String reason) throws BbsException {
        client.tasks().reject(guid, reason);
    }

    @Override
    public List<ActualLRP> actualLrps() throws BbsException {
        return client.actual()
                .list(ActualLRPsRequest.newBuilder().setCellId(cellId).build());
    }

    @Override
    public List<Task> tasks() throws BbsException {
        return client.tasks().list(TasksRequest.newBuilder().setCellId(cellId).build());
    }
}
