package org.cupola.bbs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cupola.protocol.bbs.AuctioneerClient;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.LrpStartRequest;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.VolumeMount;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the auctioneer to place work, without waiting. A failure is only logged: convergence asks again. Any thread. */
final class Auctions {
    private static final Logger log = LoggerFactory.getLogger(Auctions.class);

    private final AuctioneerClient auctioneer;
    private final Background background;

    Auctions(AuctioneerClient auctioneer, Background background) {
        this.auctioneer = auctioneer;
        this.background = background;
    }

    void requestLrps(DesiredLRPSchedulingInfo info, Collection<Integer> indices, String traceId) {
        requestLrps(List.of(startRequest(info, indices)), traceId);
    }

    void requestLrps(List<LrpStartRequest> requests, String traceId) {
        List<LrpStartRequest> wanted = requests.stream()
                .filter(request -> !request.indices().isEmpty())
                .toList();
        if (wanted.isEmpty()) {
            return;
        }
        background.run(() -> {
            try {
                auctioneer.requestLrpAuctions(wanted, traceId);
            } catch (CellException e) {
                log.atWarn()
                        .addKeyValue("requests", wanted.size())
                        .addKeyValue("error", e.getMessage())
                        .log("failed-to-request-lrp-auctions");
            }
        });
    }

    void requestTasks(List<Task> tasks) {
        if (tasks.isEmpty()) {
            return;
        }
        List<CellTask> requests = tasks.stream().map(Auctions::startRequest).toList();
        background.run(() -> {
            try {
                auctioneer.requestTaskAuctions(requests, "");
            } catch (CellException e) {
                log.atWarn()
                        .addKeyValue("requests", requests.size())
                        .addKeyValue("error", e.getMessage())
                        .log("failed-to-request-task-auctions");
            }
        });
    }

    static LrpStartRequest startRequest(DesiredLRPSchedulingInfo info, Collection<Integer> indices) {
        return new LrpStartRequest(
                info.getDesiredLrpKey().getProcessGuid(),
                info.getDesiredLrpKey().getDomain(),
                List.copyOf(new TreeSet<>(indices)),
                info.getPlacementTagsList(),
                info.getVolumePlacement().getDriverNamesList(),
                info.getDesiredLrpResource().getRootFs(),
                info.getDesiredLrpResource().getMemoryMb(),
                info.getDesiredLrpResource().getDiskMb(),
                info.getDesiredLrpResource().getMaxPids());
    }

    private static CellTask startRequest(Task task) {
        var definition = task.getTaskDefinition();
        return new CellTask(
                task.getTaskGuid(),
                task.getDomain(),
                definition.getPlacementTagsList(),
                definition.getVolumeMountsList().stream()
                        .map(VolumeMount::getDriver)
                        .toList(),
                definition.getRootFs(),
                definition.getMemoryMb(),
                definition.getDiskMb(),
                definition.getMaxPids(),
                CellTask.NOT_STARTED,
                false);
    }

    /** Gathers what is to be started in one pass, so that the auctioneer is asked once. Guarded by its lock. */
    static final class Batch {
        private final Map<String, DesiredLRPSchedulingInfo> infos = new TreeMap<>();
        private final Map<String, List<Integer>> indices = new TreeMap<>();

        synchronized void add(DesiredLRPSchedulingInfo info, int index) {
            String guid = info.getDesiredLrpKey().getProcessGuid();
            infos.put(guid, info);
            indices.computeIfAbsent(guid, none -> new ArrayList<>()).add(index);
        }

        synchronized List<LrpStartRequest> requests() {
            return indices.entrySet().stream()
                    .map(entry ->
                            startRequest(java.util.Objects.requireNonNull(infos.get(entry.getKey())), entry.getValue()))
                    .toList();
        }
    }
}
