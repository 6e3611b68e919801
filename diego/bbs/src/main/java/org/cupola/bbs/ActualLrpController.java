package org.cupola.bbs;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.protocol.bbs.CellException;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.CellPresence;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of instances: transitions, and what follows from them outside the database. Blocking, any thread. */
final class ActualLrpController {
    private static final Logger log = LoggerFactory.getLogger(ActualLrpController.class);
    private static final int RETIRE_ATTEMPTS = 5;
    private static final String NO_TRACE = "";

    private final Stores stores;
    private final InstanceWriter writer;
    private final Events events;
    private final Reps reps;
    private final Auctions auctions;
    private final Runnable somethingMissing;

    /** @param somethingMissing called when a row has gone that convergence may want to make again */
    ActualLrpController(
            Stores stores,
            InstanceWriter writer,
            Events events,
            Reps reps,
            Auctions auctions,
            Runnable somethingMissing) {
        this.stores = stores;
        this.writer = writer;
        this.events = events;
        this.reps = reps;
        this.auctions = auctions;
        this.somethingMissing = somethingMissing;
    }

    void claim(String processGuid, int index, ActualLRPInstanceKey caller) {
        Moment moment = stores.moment();
        writer.apply(processGuid, index, NO_TRACE, rows -> InstanceTransitions.claim(rows, caller, moment));
    }

    /** @return whether anything changed; false for the heartbeat of a running instance */
    boolean start(StartActualLRPRequest request) {
        Moment moment = stores.moment();
        ActualLRPKey key = request.getActualLrpKey();
        Change change = writer.apply(
                key.getProcessGuid(),
                key.getIndex(),
                NO_TRACE,
                rows -> InstanceTransitions.start(rows, request, moment));
        return !change.isNone();
    }

    void crash(ActualLRPKey key, ActualLRPInstanceKey caller, String reason) {
        Moment moment = stores.moment();
        Change change = writer.apply(
                key.getProcessGuid(),
                key.getIndex(),
                NO_TRACE,
                rows -> InstanceTransitions.crash(rows, key, caller, reason, moment));
        requestAuction(change, key);
    }

    void fail(ActualLRPKey key, String placementError) {
        Moment moment = stores.moment();
        writer.apply(
                key.getProcessGuid(),
                key.getIndex(),
                NO_TRACE,
                rows -> InstanceTransitions.fail(rows, placementError, moment));
    }

    void remove(String processGuid, int index, @Nullable ActualLRPInstanceKey instance) {
        writer.apply(processGuid, index, NO_TRACE, rows -> InstanceTransitions.remove(rows, instance));
        somethingMissing.run();
    }

    /**
     * Ends an instance. Its row goes when the cell reports it gone; the events say so at once, so that no more requests are
     * routed to what is stopping.
     */
    void retire(ActualLRPKey key, String traceId) {
        for (int attempt = 1; ; attempt++) {
            if (attemptRetire(key, traceId, attempt == RETIRE_ATTEMPTS)) {
                return;
            }
        }
    }

    private boolean attemptRetire(ActualLRPKey key, String traceId, boolean last) {
        ActualLRP row = ordinary(key).orElseThrow(Refusal::notFound);
        if (!Instances.isPlaced(row)) {
            return deleteIfUnchanged(row, traceId) || last;
        }
        Optional<CellPresence> cell =
                reps.cells().find(row.getActualLrpInstanceKey().getCellId());
        if (cell.isEmpty()) {
            return deleteIfUnchanged(row, traceId) || last;
        }
        try {
            reps.stop(cell.get(), row, traceId);
        } catch (CellException e) {
            log.atWarn()
                    .addKeyValue("process_guid", key.getProcessGuid())
                    .addKeyValue("index", key.getIndex())
                    .addKeyValue("error", e.getMessage())
                    .log("failed-to-stop-retired-instance");
            if (!last) {
                return false;
            }
        }
        IndexRows gone = IndexRows.NONE.with(row);
        events.changed(Change.to(gone, IndexRows.NONE), traceId);
        return true;
    }

    /** Ends all instances of a process from an index on, except the copies that evacuate. */
    void stopFrom(String processGuid, int firstIndex, String traceId) {
        Map<Integer, IndexRows> rows =
                stores.database().write(dsl -> stores.actual().ofProcess(dsl, processGuid));
        rows.forEach((index, all) -> {
            if (index >= firstIndex) {
                all.stream()
                        .filter(row -> row.getPresence() != Presence.EVACUATING)
                        .forEach(row -> stop(row, traceId));
            }
        });
    }

    private void stop(ActualLRP row, String traceId) {
        if (Instances.isPlaced(row)) {
            reps.stopLater(row, traceId);
        } else {
            deleteIfUnchanged(row, traceId);
        }
    }

    /** False when the row is no longer what was seen. */
    private boolean deleteIfUnchanged(ActualLRP row, String traceId) {
        ActualLRPKey key = row.getActualLrpKey();
        Change change = writer.apply(
                key.getProcessGuid(),
                key.getIndex(),
                traceId,
                rows -> row.equals(rows.row(row.getPresence()))
                        ? Change.to(rows, rows.without(row.getPresence()))
                        : Change.none(rows));
        if (!change.isNone()) {
            somethingMissing.run();
        }
        return !change.isNone();
    }

    private Optional<ActualLRP> ordinary(ActualLRPKey key) {
        return Optional.ofNullable(stores.database()
                .write(dsl -> stores.actual().forUpdate(dsl, key.getProcessGuid(), key.getIndex()))
                .ordinary());
    }

    /** @throws Refusal when the change asks for an auction and nobody desires the process any more */
    void requestAuction(Change change, ActualLRPKey key) {
        if (change.auction()) {
            DesiredLRPSchedulingInfo info = stores.database()
                    .read(dsl -> stores.desired().schedulingInfo(dsl, key.getProcessGuid()))
                    .orElseThrow(Refusal::notFound);
            auctions.requestLrps(info, List.of(key.getIndex()), NO_TRACE);
        }
    }
}
