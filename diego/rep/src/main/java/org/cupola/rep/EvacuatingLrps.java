package org.cupola.rep;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.Evacuation;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.rep.container.ContainerException;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.Containers;
import org.cupola.rep.executor.RunResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about an instance's container while the cell is being drained: one that runs stays until the BBS says that its
 * replacement does, the others go at once. Any thread.
 */
final class EvacuatingLrps {
    private static final Logger log = LoggerFactory.getLogger(EvacuatingLrps.class);
    /** The BBS refuses an empty reason here. */
    private static final String NO_REASON = "instance exited";

    private final Bbs bbs;
    private final Containers containers;
    private final CellIdentity cell;
    private final Set<String> announced = ConcurrentHashMap.newKeySet();

    EvacuatingLrps(Bbs bbs, Containers containers, CellIdentity cell) {
        this.bbs = bbs;
        this.containers = containers;
        this.cell = cell;
    }

    Outcome process(CellContainer container, CellLrp lrp) throws ContainerException {
        Evacuation answer = switch (container.state()) {
            case RESERVED, INITIALIZING, CREATED -> {
                bbs.evacuateClaimed(CellIdentity.key(lrp), cell.instance(lrp));
                yield new Evacuation(false, java.util.Optional.empty());
            }
            case RUNNING -> running(container, lrp);
            case COMPLETED -> completed(container.result(), lrp);
        };
        answer.error()
                .ifPresent(e -> log.atWarn()
                        .addKeyValue("process_guid", lrp.processGuid())
                        .addKeyValue("index", lrp.index())
                        .addKeyValue("reason", e.getMessage())
                        .log("lrp-not-evacuated"));
        if (!answer.keepContainer()) {
            containers.delete(container.guid());
            announced.remove(container.guid());
        }
        return Outcome.SETTLED;
    }

    private Evacuation running(CellContainer container, CellLrp lrp) {
        if (announced.add(container.guid())) {
            containers.say(
                    container.guid(),
                    "Cell " + cell.cellId() + " requesting replacement for instance " + container.guid());
        }
        return bbs.evacuateRunning(EvacuateRunningActualLRPRequest.newBuilder()
                .setActualLrpKey(CellIdentity.key(lrp))
                .setActualLrpInstanceKey(cell.instance(lrp))
                .setActualLrpNetInfo(cell.netInfo(container.network()))
                .addAllActualLrpInternalRoutes(CellIdentity.internalRoutes(container.internalRoutes()))
                .putAllMetricTags(container.metricTags())
                .setRoutable(container.routable())
                .setAvailabilityZone(cell.zone())
                .build());
    }

    private Evacuation completed(@org.jspecify.annotations.Nullable RunResult result, CellLrp lrp) {
        if (result != null && result.stopped()) {
            return bbs.evacuateStopped(CellIdentity.key(lrp), cell.instance(lrp));
        }
        String reason = result == null || result.failureReason().isEmpty() ? NO_REASON : result.failureReason();
        return bbs.evacuateCrashed(CellIdentity.key(lrp), cell.instance(lrp), reason);
    }
}
