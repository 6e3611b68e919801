package org.cupola.bbs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.cupola.protocol.bbs.InternalRoutes;
import org.cupola.protocol.bbs.LrpUpdate;
import org.cupola.protocol.bbs.MetricTags;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInternalRoute;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPUpdate;
import org.jooq.DSLContext;

/**
 * Desires, updates and removes processes. The desired row and the new rows of its instances are one transaction, so that
 * a process is never half there. Blocking, any thread.
 */
final class DesiredLrpController {
    private final Stores stores;
    private final ProcessLocks locks;
    private final Events events;
    private final ActualLrpController actual;
    private final Auctions auctions;
    private final Reps reps;

    DesiredLrpController(
            Stores stores,
            ProcessLocks locks,
            Events events,
            ActualLrpController actual,
            Auctions auctions,
            Reps reps) {
        this.stores = stores;
        this.locks = locks;
        this.events = events;
        this.actual = actual;
        this.auctions = auctions;
        this.reps = reps;
    }

    /** What a transaction did, for the events after it. */
    private record Written(DesiredLRP before, DesiredLRP after, List<Change> created) {
        List<Integer> createdIndices() {
            return created.stream()
                    .flatMap(change -> Stream.ofNullable(change.after().ordinary()))
                    .map(row -> row.getActualLrpKey().getIndex())
                    .toList();
        }
    }

    void desire(DesiredLRP lrp, String traceId) {
        String guid = lrp.getProcessGuid();
        Moment moment = stores.moment();
        Written written = locks.with(guid, () -> {
            Written result = stores.database().write(dsl -> {
                if (stores.desired().find(dsl, guid).isPresent()) {
                    throw Refusal.exists();
                }
                DesiredLRP tagged =
                        lrp.toBuilder().setModificationTag(moment.newTag()).build();
                stores.desired().insert(dsl, tagged, moment.now());
                DesiredLRP stored = stores.desired().find(dsl, guid).orElseThrow(Refusal::notFound);
                return new Written(stored, stored, createMissing(dsl, stored, moment));
            });
            events.desiredCreated(result.after(), traceId);
            result.created().forEach(change -> events.changed(change, traceId));
            return result;
        });
        requestAuction(written, traceId);
    }

    /** Rows for the indices that have none. */
    private List<Change> createMissing(DSLContext dsl, DesiredLRP lrp, Moment moment) {
        List<Change> created = new ArrayList<>();
        Map<Integer, IndexRows> present = stores.actual().ofProcess(dsl, lrp.getProcessGuid());
        for (int index = 0; index < lrp.getInstances(); index++) {
            IndexRows rows = present.getOrDefault(index, IndexRows.NONE);
            if (rows.ordinary() == null) {
                ActualLRPKey key = Instances.key(lrp.getProcessGuid(), index, lrp.getDomain());
                Change change = InstanceTransitions.create(rows, key, moment);
                stores.actual().write(dsl, change);
                created.add(change);
            }
        }
        return created;
    }

    void update(String processGuid, DesiredLRPUpdate update, String traceId) {
        Moment moment = stores.moment();
        Written written = locks.with(processGuid, () -> {
            Written result = stores.database().write(dsl -> {
                DesiredLRP before =
                        stores.desired().findForUpdate(dsl, processGuid).orElseThrow(Refusal::notFound);
                stores.desired().update(dsl, before, updated(before, update));
                DesiredLRP after = stores.desired().find(dsl, processGuid).orElseThrow(Refusal::notFound);
                boolean more = after.getInstances() > before.getInstances();
                return new Written(before, after, more ? createMissing(dsl, after, moment) : List.of());
            });
            events.desiredChanged(result.before(), result.after(), traceId);
            result.created().forEach(change -> events.changed(change, traceId));
            return result;
        });
        requestAuction(written, traceId);
        if (written.after().getInstances() < written.before().getInstances()) {
            actual.stopFrom(processGuid, written.after().getInstances(), traceId);
        }
        tellCells(written, update, traceId);
    }

    static DesiredLRP updated(DesiredLRP before, DesiredLRPUpdate update) {
        var after = before.toBuilder().setModificationTag(Instances.next(before.getModificationTag()));
        if (update.hasInstances()) {
            after.setInstances(update.getInstances());
        }
        if (update.hasRoutes()) {
            after.setRoutes(update.getRoutes());
        }
        if (update.hasAnnotation()) {
            after.setAnnotation(update.getAnnotation());
        }
        if (update.getMetricTagsCount() > 0) {
            after.clearMetricTags().putAllMetricTags(update.getMetricTagsMap());
        }
        if (update.hasImageUsername()) {
            after.setImageUsername(update.getImageUsername());
        }
        if (update.hasImagePassword()) {
            after.setImagePassword(update.getImagePassword());
        }
        return after.build();
    }

    /** Running instances take new internal routes and metric tags without a restart. */
    private void tellCells(Written written, DesiredLRPUpdate update, String traceId) {
        List<ActualLRPInternalRoute> routes = InternalRoutes.of(written.after().getRoutes());
        boolean newRoutes = update.hasRoutes()
                && !InternalRoutes.of(written.before().getRoutes()).equals(routes);
        boolean newTags =
                !written.before().getMetricTagsMap().equals(written.after().getMetricTagsMap());
        if (!newRoutes && !newTags) {
            return;
        }
        String guid = written.after().getProcessGuid();
        stores.database().write(dsl -> stores.actual().ofProcess(dsl, guid)).values().stream()
                .flatMap(IndexRows::stream)
                .filter(row -> row.getPresence() != Presence.EVACUATING && Instances.isPlaced(row))
                .forEach(row -> reps.updateLater(
                        row.getActualLrpInstanceKey().getCellId(),
                        lrpUpdate(row, written.after(), newRoutes, newTags),
                        traceId));
    }

    private static LrpUpdate lrpUpdate(ActualLRP row, DesiredLRP desired, boolean routes, boolean tags) {
        return lrpUpdate(
                row,
                routes ? InternalRoutes.of(desired.getRoutes()) : null,
                tags
                        ? MetricTags.resolve(
                                desired.getMetricTagsMap(),
                                row.getActualLrpKey().getIndex(),
                                row.getActualLrpInstanceKey().getInstanceGuid())
                        : null);
    }

    static LrpUpdate lrpUpdate(
            ActualLRP row,
            @org.jspecify.annotations.Nullable List<ActualLRPInternalRoute> routes,
            @org.jspecify.annotations.Nullable Map<String, String> tags) {
        return new LrpUpdate(
                row.getActualLrpInstanceKey().getInstanceGuid(),
                row.getActualLrpKey().getProcessGuid(),
                row.getActualLrpKey().getIndex(),
                row.getActualLrpKey().getDomain(),
                routes == null
                        ? null
                        : routes.stream()
                                .map(route -> new LrpUpdate.InternalRoute(route.getHostname()))
                                .toList(),
                tags);
    }

    void remove(String processGuid, String traceId) {
        locks.with(processGuid, () -> {
            DesiredLRP removed = stores.database().write(dsl -> {
                DesiredLRP lrp =
                        stores.desired().findForUpdate(dsl, processGuid).orElseThrow(Refusal::notFound);
                stores.desired().delete(dsl, processGuid);
                return lrp;
            });
            events.desiredRemoved(removed, traceId);
            return removed;
        });
        actual.stopFrom(processGuid, 0, traceId);
    }

    private void requestAuction(Written written, String traceId) {
        if (!written.created().isEmpty()) {
            stores.database()
                    .read(dsl ->
                            stores.desired().schedulingInfo(dsl, written.after().getProcessGuid()))
                    .ifPresent(info -> auctions.requestLrps(info, written.createdIndices(), traceId));
        }
    }
}
