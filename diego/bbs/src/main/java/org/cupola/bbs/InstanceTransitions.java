package org.cupola.bbs;

import static org.cupola.bbs.Instances.CLAIMED;
import static org.cupola.bbs.Instances.CRASHED;
import static org.cupola.bbs.Instances.RUNNING;
import static org.cupola.bbs.Instances.UNCLAIMED;
import static org.cupola.bbs.Instances.changing;
import static org.cupola.bbs.Instances.is;
import static org.cupola.bbs.Instances.isPlaced;
import static org.cupola.bbs.Instances.withoutCell;

import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of an instance: UNCLAIMED, CLAIMED, RUNNING, CRASHED. Each function takes the rows of one index and returns
 * what they become, or throws a {@link Refusal}. A caller that is the suspect copy changes nothing by claiming or starting: the
 * ordinary row belongs to its replacement.
 */
final class InstanceTransitions {
    private InstanceTransitions() {}

    static Change create(IndexRows rows, ActualLRPKey key, Moment moment) {
        if (rows.ordinary() != null) {
            throw Refusal.exists();
        }
        return Change.to(rows, rows.with(Instances.unclaimed(key, moment)));
    }

    static Change claim(IndexRows rows, ActualLRPInstanceKey caller, Moment moment) {
        if (rows.isSuspect(caller)) {
            return Change.none(rows);
        }
        ActualLRP row = rows.ordinaryOrRefuse();
        boolean own = row.getActualLrpInstanceKey().equals(caller);
        if (!is(row, UNCLAIMED) && !(isPlaced(row) && own)) {
            throw Refusal.cannotBeClaimed();
        }
        if (is(row, CLAIMED)) {
            return Change.none(rows);
        }
        return Change.to(
                rows,
                rows.with(changing(row, moment)
                        .setState(CLAIMED)
                        .setActualLrpInstanceKey(caller)
                        .setActualLrpNetInfo(ActualLRPNetInfo.getDefaultInstance())
                        .clearPlacementError()
                        .build()));
    }

    /**
     * The instance runs. The copies kept for its sake go; so does nothing when it is the suspect itself that speaks.
     *
     * @param request with {@code routable} set
     */
    static Change start(IndexRows rows, StartActualLRPRequest request, Moment moment) {
        ActualLRPInstanceKey caller = request.getActualLrpInstanceKey();
        if (rows.isSuspect(caller)) {
            return Change.none(rows);
        }
        ActualLRP row = rows.ordinary();
        ActualLRP started =
                row == null ? running(newRow(request, moment), request).build() : started(row, request, moment);
        return Change.to(rows, new IndexRows(started, null, null));
    }

    private static ActualLRP.Builder newRow(StartActualLRPRequest request, Moment moment) {
        return ActualLRP.newBuilder()
                .setActualLrpKey(request.getActualLrpKey())
                .setSince(moment.now())
                .setModificationTag(moment.newTag());
    }

    private static ActualLRP started(ActualLRP row, StartActualLRPRequest request, Moment moment) {
        boolean own = row.getActualLrpInstanceKey().equals(request.getActualLrpInstanceKey());
        boolean allowed = row.getActualLrpKey().equals(request.getActualLrpKey())
                && (is(row, UNCLAIMED) || is(row, CLAIMED) || (is(row, RUNNING) && own));
        if (!allowed) {
            throw Refusal.cannotBeStarted();
        }
        if (is(row, RUNNING) && running(row.toBuilder(), request).build().equals(row)) {
            return row; // the heartbeat of a running instance
        }
        return running(changing(row, moment), request).clearPlacementError().build();
    }

    private static ActualLRP.Builder running(ActualLRP.Builder row, StartActualLRPRequest request) {
        return row.setState(RUNNING)
                .setActualLrpInstanceKey(request.getActualLrpInstanceKey())
                .setActualLrpNetInfo(request.getActualLrpNetInfo())
                .clearActualLrpInternalRoutes()
                .addAllActualLrpInternalRoutes(request.getActualLrpInternalRoutesList())
                .clearMetricTags()
                .putAllMetricTags(request.getMetricTagsMap())
                .setRoutable(request.getRoutable())
                .setAvailabilityZone(request.getAvailabilityZone());
    }

    static Change crash(IndexRows rows, ActualLRPKey key, ActualLRPInstanceKey caller, String reason, Moment moment) {
        if (rows.isSuspect(caller)) {
            return Change.to(rows, rows.without(Presence.SUSPECT));
        }
        ActualLRP row = rows.ordinaryOrRefuse();
        boolean allowed = row.getActualLrpKey().equals(key)
                && row.getActualLrpInstanceKey().equals(caller)
                && isPlaced(row);
        if (!allowed) {
            throw Refusal.cannotBeCrashed();
        }
        int count = CrashPolicy.countAfter(row, moment.now());
        boolean restarts = CrashPolicy.restartsAtOnce(count);
        ActualLRP after = withoutCell(row, moment)
                .setState(restarts ? UNCLAIMED : CRASHED)
                .setCrashCount(count)
                .setCrashReason(Instances.truncated(reason))
                .clearPlacementError()
                .build();
        return new Change(rows, rows.with(after), true, restarts);
    }

    /** A placement failure. The later time delays the next attempt of convergence. */
    static Change fail(IndexRows rows, String placementError, Moment moment) {
        ActualLRP row = rows.ordinary();
        if (row == null) {
            return Change.none(rows);
        }
        if (!is(row, UNCLAIMED)) {
            throw Refusal.cannotBeFailed();
        }
        return Change.to(
                rows,
                rows.with(changing(row, moment)
                        .setPlacementError(Instances.truncated(placementError))
                        .build()));
    }

    static Change unclaim(IndexRows rows, Moment moment) {
        ActualLRP row = rows.ordinaryOrRefuse();
        if (is(row, UNCLAIMED)) {
            throw Refusal.cannotBeUnclaimed();
        }
        return Change.to(
                rows, rows.with(withoutCell(row, moment).setState(UNCLAIMED).build()));
    }

    /** @param instance whose row it must be; none means whosever it is */
    static Change remove(IndexRows rows, @Nullable ActualLRPInstanceKey instance) {
        ActualLRP row = rows.ordinaryOrRefuse();
        if (instance != null && !row.getActualLrpInstanceKey().equals(instance)) {
            throw Refusal.notFound();
        }
        return Change.to(rows, rows.without(Presence.ORDINARY));
    }
}
