package org.cupola.bbs;

import static org.cupola.bbs.Instances.RUNNING;
import static org.cupola.bbs.Instances.UNCLAIMED;
import static org.cupola.bbs.Instances.is;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPCrashedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInfo;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceChangedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceCreatedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceRemovedEvent;
import org.jspecify.annotations.Nullable;

/**
 * The events of the instance stream for one change.
 *
 * <p>An instance is followed by its instance key, wherever its row goes: one that becomes suspect or evacuating has
 * changed, though another row carries it now. An ordinary row that loses its instance is told as an unclaimed one created and
 * the instance removed. Crashes come first, then what leaves an instance running, then the rest, so that a route's
 * replacement is known before the route goes.
 */
final class InstanceEvents {
    private final String traceId;
    private final List<BbsEvent> crashed = new ArrayList<>();
    private final List<BbsEvent> running = new ArrayList<>();
    private final List<BbsEvent> others = new ArrayList<>();

    private InstanceEvents(String traceId) {
        this.traceId = traceId;
    }

    static List<BbsEvent> of(Change change, String traceId) {
        if (change.isNone()) {
            return List.of();
        }
        var events = new InstanceEvents(traceId);
        events.collect(change);
        List<BbsEvent> sorted = new ArrayList<>(events.crashed);
        sorted.addAll(events.running);
        sorted.addAll(events.others);
        return List.copyOf(sorted);
    }

    private void collect(Change change) {
        IndexRows before = change.before();
        IndexRows after = change.after();
        ActualLRP ordinaryBefore = before.ordinary();
        ActualLRP ordinaryAfter = after.ordinary();
        if (change.crashed() && ordinaryBefore != null && ordinaryAfter != null) {
            crashed.add(crashed(ordinaryBefore, ordinaryAfter));
        }
        // The same row, with or without the same instance: told apart from rows that merely share the slot.
        boolean sameRow = isSameRow(ordinaryBefore, ordinaryAfter);
        boolean lostItsInstance = sameRow && lostItsInstance(ordinaryBefore, ordinaryAfter);
        after.stream().forEach(row -> {
            boolean ordinary = row.getPresence() == Presence.ORDINARY;
            Optional<ActualLRP> former =
                    hasInstance(row) ? before.ofInstance(row.getActualLrpInstanceKey()) : Optional.empty();
            if (former.isEmpty() && ordinary && sameRow && !lostItsInstance) {
                former = Optional.ofNullable(ordinaryBefore);
            }
            if (former.isEmpty()) {
                created(row);
            } else if (!former.get().equals(row)) {
                changed(former.get(), row);
            }
        });
        before.stream()
                .sorted(Comparator.comparing(row -> row.getPresence() == Presence.ORDINARY))
                .forEach(row -> {
                    boolean goesOn = hasInstance(row)
                            && after.ofInstance(row.getActualLrpInstanceKey()).isPresent();
                    boolean replacedInItsRow = row.getPresence() == Presence.ORDINARY && sameRow && !lostItsInstance;
                    if (!goesOn && !replacedInItsRow) {
                        removed(row);
                    }
                });
    }

    private void created(ActualLRP row) {
        add(
                row,
                new BbsEvent.InstanceCreated(ActualLRPInstanceCreatedEvent.newBuilder()
                        .setActualLrp(row)
                        .setTraceId(traceId)
                        .build()));
    }

    private void changed(ActualLRP before, ActualLRP after) {
        add(
                after,
                new BbsEvent.InstanceChanged(ActualLRPInstanceChangedEvent.newBuilder()
                        .setActualLrpKey(after.getActualLrpKey())
                        .setActualLrpInstanceKey((hasInstance(after) ? after : before).getActualLrpInstanceKey())
                        .setBefore(info(before))
                        .setAfter(info(after))
                        .setTraceId(traceId)
                        .build()));
    }

    private void removed(ActualLRP row) {
        others.add(new BbsEvent.InstanceRemoved(ActualLRPInstanceRemovedEvent.newBuilder()
                .setActualLrp(row)
                .setTraceId(traceId)
                .build()));
    }

    private void add(ActualLRP result, BbsEvent event) {
        (is(result, RUNNING) ? running : others).add(event);
    }

    static BbsEvent crashed(ActualLRP before, ActualLRP after) {
        return new BbsEvent.ActualLrpCrashed(ActualLRPCrashedEvent.newBuilder()
                .setActualLrpKey(after.getActualLrpKey())
                .setActualLrpInstanceKey(before.getActualLrpInstanceKey())
                .setCrashCount(after.getCrashCount())
                .setCrashReason(after.getCrashReason())
                .setSince(after.getSince())
                .build());
    }

    static ActualLRPInfo info(ActualLRP row) {
        return ActualLRPInfo.newBuilder()
                .setActualLrpNetInfo(row.getActualLrpNetInfo())
                .setCrashCount(row.getCrashCount())
                .setCrashReason(row.getCrashReason())
                .setState(row.getState())
                .setPlacementError(row.getPlacementError())
                .setSince(row.getSince())
                .setModificationTag(row.getModificationTag())
                .setPresence(row.getPresence())
                .setRoutable(row.getRoutable())
                .setAvailabilityZone(row.getAvailabilityZone())
                .build();
    }

    private static boolean isSameRow(@Nullable ActualLRP before, @Nullable ActualLRP after) {
        return before != null
                && after != null
                && before.getModificationTag()
                        .getEpoch()
                        .equals(after.getModificationTag().getEpoch());
    }

    private static boolean lostItsInstance(@Nullable ActualLRP before, @Nullable ActualLRP after) {
        return before != null && after != null && !is(before, UNCLAIMED) && is(after, UNCLAIMED);
    }

    private static boolean hasInstance(ActualLRP row) {
        return !row.getActualLrpInstanceKey().equals(ActualLRPInstanceKey.getDefaultInstance());
    }
}
