package org.cupola.bbs;

import static org.cupola.bbs.Instances.CLAIMED;
import static org.cupola.bbs.Instances.CRASHED;
import static org.cupola.bbs.Instances.RUNNING;
import static org.cupola.bbs.Instances.UNCLAIMED;
import static org.cupola.bbs.Instances.is;
import static org.cupola.bbs.Instances.isPlaced;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPChangedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPCreatedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPGroup;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPRemovedEvent;
import org.jspecify.annotations.Nullable;

/**
 * The deprecated view of an index as one group: an instance, and beside it an evacuating one. A suspect row hides
 * behind or before the ordinary one, so that its becoming suspect is not seen.
 */
final class Groups {
    private Groups() {}

    static Optional<ActualLRPGroup> of(IndexRows rows) {
        ActualLRP instance = instance(rows);
        ActualLRP evacuating = rows.evacuating();
        if (instance == null && evacuating == null) {
            return Optional.empty();
        }
        var group = ActualLRPGroup.newBuilder();
        if (instance != null) {
            group.setInstance(instance);
        }
        if (evacuating != null) {
            group.setEvacuating(evacuating);
        }
        return Optional.of(group.build());
    }

    /** Which of the ordinary and the suspect row stands for the instance. */
    static @Nullable ActualLRP instance(IndexRows rows) {
        ActualLRP ordinary = rows.ordinary();
        ActualLRP suspect = rows.suspect();
        if (ordinary == null || suspect == null) {
            return ordinary == null ? suspect : ordinary;
        }
        if (is(ordinary, RUNNING)) {
            return ordinary;
        }
        if (is(ordinary, CLAIMED) && !isPlaced(suspect)) {
            return ordinary;
        }
        return isPlaced(suspect) ? suspect : ordinary;
    }

    /** The events of the group stream for one change; sorted as those of the instance stream. */
    static List<BbsEvent> events(Change change) {
        List<BbsEvent> first = new ArrayList<>();
        List<BbsEvent> rest = new ArrayList<>();
        ActualLRP before = instance(change.before());
        ActualLRP after = instance(change.after());
        if (change.crashed()
                && change.before().ordinary() != null
                && change.after().ordinary() != null) {
            first.add(InstanceEvents.crashed(
                    change.before().ordinary(), change.after().ordinary()));
        }
        if (before != null && after != null) {
            if (replaced(before, after)) {
                rest.add(created(group(after, false)));
                rest.add(removed(group(before, false)));
            } else if (!sameButForPresence(before, after)) {
                (is(after, RUNNING) ? first : rest).add(changed(group(before, false), group(after, false)));
            }
        } else if (after != null) {
            (is(after, RUNNING) ? first : rest).add(created(group(after, false)));
        } else if (before != null) {
            rest.add(removed(group(before, false)));
        }
        evacuatingEvents(change.before().evacuating(), change.after().evacuating(), first, rest);
        first.addAll(rest);
        return List.copyOf(first);
    }

    private static void evacuatingEvents(
            @Nullable ActualLRP before, @Nullable ActualLRP after, List<BbsEvent> running, List<BbsEvent> rest) {
        if (before == null && after != null) {
            running.add(created(group(after, true)));
        } else if (before != null && after == null) {
            rest.add(removed(group(before, true)));
        } else if (before != null && after != null && !before.equals(after)) {
            running.add(changed(group(before, true), group(after, true)));
        }
    }

    /** Another instance on a cell takes the place of one on another. */
    private static boolean replaced(ActualLRP before, ActualLRP after) {
        return isPlaced(after)
                && !is(before, UNCLAIMED)
                && !is(before, CRASHED)
                && !before.getActualLrpInstanceKey().equals(ActualLRPInstanceKey.getDefaultInstance())
                && !before.getActualLrpInstanceKey().equals(after.getActualLrpInstanceKey());
    }

    private static boolean sameButForPresence(ActualLRP before, ActualLRP after) {
        return before.toBuilder().setPresence(after.getPresence()).build().equals(after);
    }

    private static ActualLRPGroup group(ActualLRP row, boolean evacuating) {
        var group = ActualLRPGroup.newBuilder();
        return (evacuating ? group.setEvacuating(row) : group.setInstance(row)).build();
    }

    private static BbsEvent created(ActualLRPGroup group) {
        return new BbsEvent.GroupCreated(
                ActualLRPCreatedEvent.newBuilder().setActualLrpGroup(group).build());
    }

    private static BbsEvent changed(ActualLRPGroup before, ActualLRPGroup after) {
        return new BbsEvent.GroupChanged(ActualLRPChangedEvent.newBuilder()
                .setBefore(before)
                .setAfter(after)
                .build());
    }

    private static BbsEvent removed(ActualLRPGroup group) {
        return new BbsEvent.GroupRemoved(
                ActualLRPRemovedEvent.newBuilder().setActualLrpGroup(group).build());
    }
}
