package org.cupola.rep;

import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.rep.container.ContainerException;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.Containers;
import org.cupola.rep.executor.ExecutorException;
import org.cupola.rep.executor.RunResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about an instance's container while the cell is not being drained: the BBS is told how far it is, and decides
 * whether it may go on.
 *
 * <p>An answer that did not arrive changes nothing here: the container stays as it is and the BBS is told again. Stateless, any
 * thread.
 */
record OrdinaryLrps(Bbs bbs, Containers containers, CellIdentity cell, RunRequests requests) {
    private static final Logger log = LoggerFactory.getLogger(OrdinaryLrps.class);

    Outcome process(CellContainer container, CellLrp lrp) throws ContainerException {
        return switch (container.state()) {
            case RESERVED -> begin(lrp);
            case INITIALIZING, CREATED -> claim(lrp) == Claim.UNANSWERED ? Outcome.TRY_AGAIN : Outcome.SETTLED;
            case RUNNING -> start(container, lrp);
            case COMPLETED -> end(container, lrp);
        };
    }

    private enum Claim {
        GRANTED,
        REFUSED,
        UNANSWERED
    }

    private Claim claim(CellLrp lrp) throws ContainerException {
        try {
            bbs.claim(CellIdentity.key(lrp), cell.instance(lrp));
            return Claim.GRANTED;
        } catch (BbsException e) {
            logged(lrp, "lrp-not-claimed", e);
            if (e.is(Error.Type.ActualLRPCannotBeClaimed)) {
                containers.delete(lrp.instanceGuid());
                return Claim.REFUSED;
            }
            return e.answered() ? Claim.REFUSED : Claim.UNANSWERED;
        }
    }

    private Outcome begin(CellLrp lrp) throws ContainerException {
        switch (claim(lrp)) {
            case REFUSED -> {
                return Outcome.SETTLED;
            }
            case UNANSWERED -> {
                return Outcome.TRY_AGAIN;
            }
            case GRANTED -> {
                // below
            }
        }
        try {
            DesiredLRP desired = bbs.desiredLrp(lrp.processGuid());
            containers.run(requests.of(desired, lrp));
            return Outcome.SETTLED;
        } catch (BbsException e) {
            logged(lrp, "desired-lrp-not-fetched", e);
            if (e.isNotFound()) {
                // Not wanted any more since it was placed.
                containers.delete(lrp.instanceGuid());
                return remove(lrp);
            }
            return e.answered() ? Outcome.SETTLED : Outcome.TRY_AGAIN;
        } catch (ExecutorException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("instance_guid", lrp.instanceGuid())
                    .log("container-not-run");
            return remove(lrp);
        }
    }

    private Outcome start(CellContainer container, CellLrp lrp) {
        var request = StartActualLRPRequest.newBuilder()
                .setActualLrpKey(CellIdentity.key(lrp))
                .setActualLrpInstanceKey(cell.instance(lrp))
                .setActualLrpNetInfo(cell.netInfo(container.network()))
                .addAllActualLrpInternalRoutes(CellIdentity.internalRoutes(container.internalRoutes()))
                .putAllMetricTags(container.metricTags())
                .setRoutable(container.routable())
                .setAvailabilityZone(cell.zone())
                .build();
        try {
            bbs.start(request);
            return Outcome.SETTLED;
        } catch (BbsException e) {
            logged(lrp, "lrp-not-started", e);
            if (!e.answered()) {
                return Outcome.TRY_AGAIN;
            }
            if (e.is(Error.Type.ActualLRPCannotBeStarted)) {
                stop(lrp);
            }
            return Outcome.SETTLED;
        }
    }

    private void stop(CellLrp lrp) {
        try {
            containers.stop(lrp.instanceGuid());
        } catch (ExecutorException e) {
            log.atInfo().addKeyValue("reason", e.getMessage()).log("container-already-gone");
        }
    }

    private Outcome end(CellContainer container, CellLrp lrp) throws ContainerException {
        RunResult result = container.result();
        Outcome told = result != null && result.stopped()
                ? remove(lrp)
                : crash(lrp, result == null ? "" : result.failureReason());
        if (told == Outcome.SETTLED) {
            containers.delete(container.guid());
        }
        return told;
    }

    private Outcome crash(CellLrp lrp, String reason) {
        try {
            bbs.crash(CellIdentity.key(lrp), cell.instance(lrp), reason);
            return Outcome.SETTLED;
        } catch (BbsException e) {
            logged(lrp, "lrp-not-crashed", e);
            return e.answered() ? Outcome.SETTLED : Outcome.TRY_AGAIN;
        }
    }

    private Outcome remove(CellLrp lrp) {
        try {
            bbs.remove(CellIdentity.key(lrp), cell.instance(lrp));
            return Outcome.SETTLED;
        } catch (BbsException e) {
            if (!e.isNotFound()) {
                logged(lrp, "lrp-not-removed", e);
            }
            return e.answered() ? Outcome.SETTLED : Outcome.TRY_AGAIN;
        }
    }

    private static void logged(CellLrp lrp, String message, BbsException e) {
        log.atWarn()
                .addKeyValue("process_guid", lrp.processGuid())
                .addKeyValue("index", lrp.index())
                .addKeyValue("instance_guid", lrp.instanceGuid())
                .addKeyValue("reason", e.getMessage())
                .log(message);
    }
}
