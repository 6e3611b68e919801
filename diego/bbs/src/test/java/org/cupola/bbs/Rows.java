package org.cupola.bbs;

import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;

/** Rows in each state, at time 0 with an epoch of their own. */
final class Rows {
    static final ActualLRPKey KEY = Lrps.key("p", 0);
    static final ActualLRPInstanceKey OWN = Lrps.instance("own", "cell-1");
    static final ActualLRPInstanceKey OTHER = Lrps.instance("other", "cell-2");
    static final Moment LATER = moment(1_000_000_000L);

    private static int epochs;

    private Rows() {}

    static Moment moment(long now) {
        return new Moment(now, Rows::newEpoch);
    }

    private static synchronized String newEpoch() {
        return "epoch-" + ++epochs;
    }

    static ActualLRP unclaimed() {
        return Instances.unclaimed(KEY, moment(0));
    }

    static ActualLRP claimed(ActualLRPInstanceKey instance) {
        return unclaimed().toBuilder()
                .setState("CLAIMED")
                .setActualLrpInstanceKey(instance)
                .build();
    }

    static ActualLRP running(ActualLRPInstanceKey instance) {
        return claimed(instance).toBuilder()
                .setState("RUNNING")
                .setActualLrpNetInfo(Lrps.NET_INFO)
                .putMetricTags("source_id", "p")
                .setRoutable(true)
                .setAvailabilityZone("z1")
                .build();
    }

    static ActualLRP crashed(int count) {
        return unclaimed().toBuilder()
                .setState("CRASHED")
                .setCrashCount(count)
                .setCrashReason("exit 1")
                .build();
    }

    static ActualLRP suspect(ActualLRPInstanceKey instance) {
        return running(instance).toBuilder().setPresence(Presence.SUSPECT).build();
    }

    static ActualLRP evacuating(ActualLRPInstanceKey instance) {
        return running(instance).toBuilder().setPresence(Presence.EVACUATING).build();
    }

    static IndexRows rows(ActualLRP... rows) {
        return IndexRows.of(java.util.List.of(rows));
    }

    /** Whether a row is as its state wants it. */
    static boolean isSound(ActualLRP row) {
        boolean instance = !row.getActualLrpInstanceKey().equals(ActualLRPInstanceKey.getDefaultInstance());
        boolean net = !row.getActualLrpNetInfo().equals(ActualLRPNetInfo.getDefaultInstance());
        boolean placed = row.getPlacementError().isEmpty();
        return switch (row.getState()) {
            case "UNCLAIMED" -> !instance && !net && row.getPresence() == Presence.ORDINARY;
            case "CLAIMED" -> instance && !net && placed;
            case "RUNNING" -> instance && net && placed;
            case "CRASHED" -> !instance && !net && placed && row.getPresence() == Presence.ORDINARY;
            default -> false;
        };
    }

    /** An event as text: its name, and the instance it is about. */
    static String text(BbsEvent event) {
        return switch (event) {
            case BbsEvent.InstanceCreated(var e) -> "created " + describe(e.getActualLrp());
            case BbsEvent.InstanceRemoved(var e) -> "removed " + describe(e.getActualLrp());
            case BbsEvent.InstanceChanged(var e) ->
                "changed " + e.getActualLrpInstanceKey().getInstanceGuid() + " "
                        + e.getBefore().getState() + "/" + e.getBefore().getPresence() + " "
                        + e.getAfter().getState() + "/" + e.getAfter().getPresence();
            case BbsEvent.ActualLrpCrashed(var e) ->
                "crashed " + e.getActualLrpInstanceKey().getInstanceGuid() + " " + e.getCrashCount();
            case BbsEvent.GroupCreated(var e) -> "created " + describe(e.getActualLrpGroup());
            case BbsEvent.GroupRemoved(var e) -> "removed " + describe(e.getActualLrpGroup());
            case BbsEvent.GroupChanged(var e) -> "changed " + describe(e.getBefore()) + " to " + describe(e.getAfter());
            default -> event.name();
        };
    }

    private static String describe(org.cupola.protocol.bbs.proto.ActualLRPGroup group) {
        return group.hasInstance() ? describe(group.getInstance()) : "evacuating " + describe(group.getEvacuating());
    }

    private static String describe(ActualLRP row) {
        String guid = row.getActualLrpInstanceKey().getInstanceGuid();
        return (guid.isEmpty() ? "-" : guid) + " " + row.getState();
    }
}
