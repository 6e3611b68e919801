package org.cupola.bbs;

import static org.cupola.bbs.Instances.CRASHED;
import static org.cupola.bbs.Instances.RUNNING;
import static org.cupola.bbs.Instances.UNCLAIMED;
import static org.cupola.bbs.Instances.is;
import static org.cupola.bbs.Instances.isPlaced;

import java.util.Optional;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;

/** What becomes of an index when the cell of one of its rows drains. The row meant is that of the caller's instance. */
final class EvacuationTransitions {
    private EvacuationTransitions() {}

    /** @param keepContainer what the cell is told */
    record Outcome(Change change, boolean keepContainer) {
        private static Outcome keep(Change change) {
            return new Outcome(change, true);
        }

        private static Outcome release(Change change) {
            return new Outcome(change, false);
        }
    }

    /** What {@link #running} needs to know of the process as it is wanted. */
    record DesiredState(DesiredLRP.UpdateStrategy strategy, int instances, int runningInstances) {}

    static Change claimed(IndexRows rows, ActualLRPInstanceKey caller, Moment moment) {
        ActualLRP row = rows.ofInstance(caller).orElseThrow(Refusal::notFound);
        return row.getPresence() == Presence.ORDINARY
                ? InstanceTransitions.unclaim(rows, moment).withAuction()
                : Change.to(rows, rows.without(row.getPresence()));
    }

    static Change stopped(IndexRows rows, ActualLRPInstanceKey caller) {
        ActualLRP row = rows.ofInstance(caller).orElseThrow(Refusal::notFound);
        return Change.to(rows, rows.without(row.getPresence()));
    }

    /** As a crash, but never with an auction: the draining cell would only take it again. */
    static Change crashed(IndexRows rows, ActualLRPKey key, ActualLRPInstanceKey caller, String reason, Moment moment) {
        ActualLRP row = rows.ofInstance(caller).orElseThrow(Refusal::notFound);
        if (row.getPresence() != Presence.ORDINARY) {
            return Change.to(rows, rows.without(row.getPresence()));
        }
        Change crash = InstanceTransitions.crash(rows, key, caller, reason, moment);
        return new Change(crash.before(), crash.after(), true, false);
    }

    static Change removeEvacuating(IndexRows rows, ActualLRPInstanceKey caller) {
        ActualLRP row = rows.ofInstance(caller).orElseThrow(Refusal::notFound);
        if (row.getPresence() != Presence.EVACUATING) {
            throw Refusal.notFound();
        }
        return Change.to(rows, rows.without(Presence.EVACUATING));
    }

    /** @param desired none when nobody desires it any more */
    static Outcome running(
            IndexRows rows, EvacuateRunningActualLRPRequest request, Optional<DesiredState> desired, Moment moment) {
        if (rows.isEmpty()) {
            return Outcome.release(Change.none(rows));
        }
        ActualLRPInstanceKey caller = request.getActualLrpInstanceKey();
        ActualLRP ordinary = rows.ordinary();
        boolean settled = ordinary != null
                && !ordinary.getActualLrpInstanceKey().equals(caller)
                && (is(ordinary, RUNNING) || is(ordinary, CRASHED));
        if (ordinary == null || settled || desired.isEmpty()) {
            return Outcome.release(withoutEvacuating(rows, caller));
        }
        Optional<ActualLRP> target = rows.ofInstance(caller);
        return switch (desired.get().strategy()) {
            case RECREATE -> recreate(rows, target, desired.get(), moment);
            case ROLLING, UNRECOGNIZED -> roll(rows, target, request, moment);
        };
    }

    private static Change withoutEvacuating(IndexRows rows, ActualLRPInstanceKey caller) {
        boolean own = rows.evacuating() != null
                && rows.evacuating().getActualLrpInstanceKey().equals(caller);
        return own ? Change.to(rows, rows.without(Presence.EVACUATING)) : Change.none(rows);
    }

    /** One instance at a time: the container goes only while all instances run. */
    private static Outcome recreate(IndexRows rows, Optional<ActualLRP> target, DesiredState desired, Moment moment) {
        if (target.isEmpty()) {
            return Outcome.release(Change.none(rows));
        }
        ActualLRP row = target.get();
        if (row.getPresence() != Presence.ORDINARY) {
            return Outcome.release(Change.to(rows, rows.without(row.getPresence())));
        }
        if (!isPlaced(row)) {
            return Outcome.release(Change.none(rows));
        }
        return desired.runningInstances() >= desired.instances()
                ? Outcome.release(InstanceTransitions.unclaim(rows, moment).withAuction())
                : Outcome.keep(Change.none(rows));
    }

    /** The container stays until its replacement runs. */
    private static Outcome roll(
            IndexRows rows, Optional<ActualLRP> target, EvacuateRunningActualLRPRequest request, Moment moment) {
        if (target.isEmpty() || target.get().getPresence() == Presence.EVACUATING) {
            return again(rows, request, moment);
        }
        ActualLRP row = target.get();
        if (!isPlaced(row)) {
            return Outcome.release(Change.none(rows));
        }
        // A row that is only claimed yet has no addresses; the cell, whose container runs, knows them.
        ActualLRP.Builder copy = is(row, RUNNING) ? row.toBuilder() : asReported(request);
        IndexRows copied = rows.with(evacuating(copy, moment).build());
        if (row.getPresence() == Presence.SUSPECT) {
            return Outcome.keep(Change.to(rows, copied.without(Presence.SUSPECT)));
        }
        ActualLRP unclaimed =
                Instances.withoutCell(row, moment).setState(UNCLAIMED).build();
        return Outcome.keep(Change.to(rows, copied.with(unclaimed)).withAuction());
    }

    private static Outcome again(IndexRows rows, EvacuateRunningActualLRPRequest request, Moment moment) {
        ActualLRP present = rows.evacuating();
        if (present == null) {
            return Outcome.keep(Change.to(
                    rows, rows.with(evacuating(asReported(request), moment).build())));
        }
        if (!present.getActualLrpInstanceKey().equals(request.getActualLrpInstanceKey())) {
            return Outcome.release(Change.none(rows)); // another draining cell has it
        }
        ActualLRP.Builder reported = asReported(request)
                .setModificationTag(present.getModificationTag())
                .setSince(present.getSince())
                .setPresence(Presence.EVACUATING)
                .setCrashCount(present.getCrashCount())
                .setCrashReason(present.getCrashReason());
        if (reported.build().equals(present)) {
            return Outcome.keep(Change.none(rows));
        }
        reported.setModificationTag(Instances.next(present.getModificationTag()))
                .setSince(moment.now());
        return Outcome.keep(Change.to(rows, rows.with(reported.build())));
    }

    private static ActualLRP.Builder asReported(EvacuateRunningActualLRPRequest request) {
        return ActualLRP.newBuilder()
                .setActualLrpKey(request.getActualLrpKey())
                .setActualLrpInstanceKey(request.getActualLrpInstanceKey())
                .setActualLrpNetInfo(request.getActualLrpNetInfo())
                .setState(RUNNING)
                .addAllActualLrpInternalRoutes(request.getActualLrpInternalRoutesList())
                .putAllMetricTags(request.getMetricTagsMap())
                .setRoutable(request.getRoutable())
                .setAvailabilityZone(request.getAvailabilityZone());
    }

    /** A new evacuating row always counts as running, and has an epoch of its own. */
    private static ActualLRP.Builder evacuating(ActualLRP.Builder copy, Moment moment) {
        return copy.setPresence(Presence.EVACUATING)
                .setState(RUNNING)
                .clearPlacementError()
                .setSince(moment.now())
                .setModificationTag(moment.newTag());
    }
}
