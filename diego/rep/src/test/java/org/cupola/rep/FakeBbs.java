package org.cupola.rep;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.Evacuation;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskDefinition;

/** Notes what it is told and answers as the test wants. */
final class FakeBbs implements Bbs {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final List<ActualLRP> actualLrps = new ArrayList<>();
    final List<Task> tasks = new ArrayList<>();
    StartActualLRPRequest started = StartActualLRPRequest.getDefaultInstance();
    boolean keepContainer;
    String resultFile = "";
    private final Map<String, BbsException> failures = new HashMap<>();

    void refuse(String call, Error.Type type) {
        failures.put(call, BbsException.of(type, "refused"));
    }

    void unanswered(String call) {
        failures.put(call, Away.FAILURE);
    }

    void answer(String call) {
        failures.remove(call);
    }

    /** As the client reports a BBS that is away; it tries for a while, so this is done once. */
    private static final class Away {
        private static final BbsException FAILURE = reach();

        private static BbsException reach() {
            try (var clients = HttpClients.create(null, List.of())) {
                new BbsClient(clients, URI.create("http://127.0.0.1:1"), Duration.ofSeconds(1)).domains();
                throw new IllegalStateException("something answers on port 1");
            } catch (BbsException e) {
                return e;
            }
        }
    }

    private void note(String call, String detail) throws BbsException {
        calls.add(call + " " + detail);
        BbsException failure = failures.get(call);
        if (failure != null) {
            throw failure;
        }
    }

    private static String text(ActualLRPKey key, ActualLRPInstanceKey instance) {
        return key.getProcessGuid() + "/" + key.getIndex() + "/" + key.getDomain() + " " + instance.getInstanceGuid()
                + "@" + instance.getCellId();
    }

    @Override
    public void claim(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        note("claim", text(key, instance));
    }

    @Override
    public void start(StartActualLRPRequest request) throws BbsException {
        started = request;
        note("start", text(request.getActualLrpKey(), request.getActualLrpInstanceKey()));
    }

    @Override
    public void crash(ActualLRPKey key, ActualLRPInstanceKey instance, String reason) throws BbsException {
        note("crash", text(key, instance) + " " + reason);
    }

    @Override
    public void remove(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        note("remove", text(key, instance));
    }

    private Evacuation evacuate(String call, String detail) {
        try {
            note(call, detail);
            return new Evacuation(keepContainer, Optional.empty());
        } catch (BbsException e) {
            return new Evacuation(keepContainer, Optional.of(e));
        }
    }

    @Override
    public Evacuation evacuateClaimed(ActualLRPKey key, ActualLRPInstanceKey instance) {
        return evacuate("evacuate-claimed", text(key, instance));
    }

    @Override
    public Evacuation evacuateRunning(EvacuateRunningActualLRPRequest request) {
        return evacuate("evacuate-running", text(request.getActualLrpKey(), request.getActualLrpInstanceKey()));
    }

    @Override
    public Evacuation evacuateStopped(ActualLRPKey key, ActualLRPInstanceKey instance) {
        return evacuate("evacuate-stopped", text(key, instance));
    }

    @Override
    public Evacuation evacuateCrashed(ActualLRPKey key, ActualLRPInstanceKey instance, String reason) {
        return evacuate("evacuate-crashed", text(key, instance) + " " + reason);
    }

    @Override
    public void removeEvacuating(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        note("remove-evacuating", text(key, instance));
    }

    @Override
    public DesiredLRP desiredLrp(String processGuid) throws BbsException {
        note("desired", processGuid);
        return DesiredLRP.newBuilder()
                .setProcessGuid(processGuid)
                .setLogGuid("app")
                .addPorts(8080)
                .build();
    }

    @Override
    public void startTask(String guid) throws BbsException {
        note("start-task", guid);
    }

    @Override
    public Task task(String guid) throws BbsException {
        note("task", guid);
        return Task.newBuilder()
                .setTaskGuid(guid)
                .setTaskDefinition(TaskDefinition.newBuilder().setResultFile(resultFile))
                .build();
    }

    @Override
    public void completeTask(String guid, boolean failed, String failureReason, String result) throws BbsException {
        note("complete-task", guid + " " + failed + " [" + failureReason + "] [" + result + "]");
    }

    @Override
    public void rejectTask(String guid, String reason) throws BbsException {
        note("reject-task", guid + " " + reason);
    }

    @Override
    public List<ActualLRP> actualLrps() throws BbsException {
        note("list-lrps", "");
        return List.copyOf(actualLrps);
    }

    @Override
    public List<Task> tasks() throws BbsException {
        note("list-tasks", "");
        return List.copyOf(tasks);
    }
}
