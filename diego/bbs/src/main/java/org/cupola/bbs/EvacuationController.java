package org.cupola.bbs;

import java.util.Optional;
import org.cupola.bbs.EvacuationTransitions.DesiredState;
import org.cupola.bbs.EvacuationTransitions.Outcome;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.jooq.DSLContext;

/** What draining cells ask. Each answer is whether the container is to be kept. Blocking, any thread. */
final class EvacuationController {
    private static final String NO_TRACE = "";

    private final Stores stores;
    private final InstanceWriter writer;
    private final ActualLrpController actual;

    EvacuationController(Stores stores, InstanceWriter writer, ActualLrpController actual) {
        this.stores = stores;
        this.writer = writer;
        this.actual = actual;
    }

    void claimed(ActualLRPKey key, ActualLRPInstanceKey caller) {
        Moment moment = stores.moment();
        Change change = writer.apply(
                key.getProcessGuid(),
                key.getIndex(),
                NO_TRACE,
                rows -> EvacuationTransitions.claimed(rows, caller, moment));
        auctionIfDesired(change, key);
    }

    void stopped(ActualLRPKey key, ActualLRPInstanceKey caller) {
        writer.apply(
                key.getProcessGuid(), key.getIndex(), NO_TRACE, rows -> EvacuationTransitions.stopped(rows, caller));
    }

    void crashed(ActualLRPKey key, ActualLRPInstanceKey caller, String reason) {
        Moment moment = stores.moment();
        writer.apply(
                key.getProcessGuid(),
                key.getIndex(),
                NO_TRACE,
                rows -> EvacuationTransitions.crashed(rows, key, caller, reason, moment));
    }

    void removeEvacuating(ActualLRPKey key, ActualLRPInstanceKey caller) {
        writer.apply(
                key.getProcessGuid(),
                key.getIndex(),
                NO_TRACE,
                rows -> EvacuationTransitions.removeEvacuating(rows, caller));
    }

    boolean running(EvacuateRunningActualLRPRequest request) {
        Moment moment = stores.moment();
        ActualLRPKey key = request.getActualLrpKey();
        var keep = new boolean[1];
        Change change = writer.applyIn(key.getProcessGuid(), key.getIndex(), NO_TRACE, (dsl, rows) -> {
            Outcome outcome =
                    EvacuationTransitions.running(rows, request, desiredState(dsl, key.getProcessGuid()), moment);
            keep[0] = outcome.keepContainer(); // of the attempt that commits, which is the last
            return outcome.change();
        });
        auctionIfDesired(change, key);
        return keep[0];
    }

    private Optional<DesiredState> desiredState(DSLContext dsl, String processGuid) {
        return stores.desired()
                .findForUpdate(dsl, processGuid)
                .map(lrp -> new DesiredState(
                        lrp.getUpdateStrategy(),
                        lrp.getInstances(),
                        stores.actual().runningInstances(dsl, processGuid)));
    }

    private void auctionIfDesired(Change change, ActualLRPKey key) {
        try {
            actual.requestAuction(change, key);
        } catch (Refusal e) {
            if (!e.is(org.cupola.protocol.bbs.proto.Error.Type.ResourceNotFound)) {
                throw e;
            }
            // Nobody desires it any more, so there is nothing to place.
        }
    }
}
