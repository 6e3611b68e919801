package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.bbs.Rows.KEY;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.cupola.bbs.EvacuationTransitions.DesiredState;
import org.cupola.bbs.LrpConvergence.Step;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.ActualLRPInfo;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.DesiredLRP.UpdateStrategy;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Laws that hold after any sequence of operations, by any cells, in any order. */
class TransitionLawsTest {
    private static final int STEPS = 3000;

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hold(int seed) {
        var random = new Random(seed);
        var replica = new HashMap<String, ActualLRPInfo>();
        IndexRows rows = IndexRows.NONE;
        int epoch = 0;
        for (int step = 0; step < STEPS; step++) {
            int number = ++epoch;
            var epochs = new int[1];
            var moment = new Moment(step * 20_000_000_000L, () -> "epoch-" + number + "-" + epochs[0]++);
            Change change;
            try {
                change = apply(random, rows, moment);
            } catch (Refusal e) {
                continue;
            }
            rows = change.after();

            rows.stream()
                    .forEach(row -> assertThat(Rows.isSound(row)).as("%s", row).isTrue());
            assertThat(rows.stream()
                            .map(ActualLRP::getActualLrpInstanceKey)
                            .filter(key -> !key.getInstanceGuid().isEmpty())
                            .toList())
                    .as("one row per instance")
                    .doesNotHaveDuplicates();
            assertTagsGrow(change);
            InstanceEvents.of(change, "").forEach(event -> replay(event, replica));
            assertThat(running(replica)).as("step %s", step).isEqualTo(running(rows));
        }
    }

    private static Change apply(Random random, IndexRows rows, Moment moment) {
        ActualLRPInstanceKey caller = caller(random, rows, moment);
        var start = Lrps.start(KEY, caller).toBuilder()
                .setRoutable(random.nextBoolean())
                .build();
        return switch (random.nextInt(16)) {
            case 0 -> InstanceTransitions.create(rows, KEY, moment);
            case 1, 2 -> InstanceTransitions.claim(rows, fresh(random, moment), moment);
            case 3, 4, 5 -> InstanceTransitions.start(rows, start, moment);
            case 6 -> InstanceTransitions.crash(rows, KEY, caller, "exit 1", moment);
            case 7 -> InstanceTransitions.fail(rows, "no room", moment);
            case 8 -> InstanceTransitions.remove(rows, random.nextBoolean() ? caller : null);
            case 9 -> ConvergenceTransitions.loseCell(rows, new Step.LoseCell(KEY, caller), moment);
            case 10 -> ConvergenceTransitions.recover(rows, new Step.Recover(KEY, caller));
            case 11 -> ConvergenceTransitions.restart(rows, moment);
            case 12, 13 -> evacuateRunning(random, rows, caller, moment);
            case 14 -> EvacuationTransitions.crashed(rows, KEY, caller, "exit 2", moment);
            default -> EvacuationTransitions.claimed(rows, caller, moment);
        };
    }

    /** One of the instances that have a row, or one that no row knows: a cell makes a new guid for each container. */
    private static ActualLRPInstanceKey caller(Random random, IndexRows rows, Moment moment) {
        List<ActualLRPInstanceKey> known = rows.stream()
                .map(ActualLRP::getActualLrpInstanceKey)
                .filter(key -> !key.getInstanceGuid().isEmpty())
                .toList();
        return known.isEmpty() || random.nextInt(4) == 0
                ? fresh(random, moment)
                : known.get(random.nextInt(known.size()));
    }

    private static ActualLRPInstanceKey fresh(Random random, Moment moment) {
        return Lrps.instance("i-" + moment.now(), "cell-" + random.nextInt(3));
    }

    private static Change evacuateRunning(Random random, IndexRows rows, ActualLRPInstanceKey caller, Moment moment) {
        var request = EvacuateRunningActualLRPRequest.newBuilder()
                .setActualLrpKey(KEY)
                .setActualLrpInstanceKey(caller)
                .setActualLrpNetInfo(Lrps.NET_INFO)
                .setRoutable(random.nextBoolean())
                .build();
        var strategy = random.nextBoolean() ? UpdateStrategy.ROLLING : UpdateStrategy.RECREATE;
        var desired = random.nextInt(5) == 0
                ? Optional.<DesiredState>empty()
                : Optional.of(new DesiredState(strategy, 1, random.nextInt(2)));
        return EvacuationTransitions.running(rows, request, desired, moment).change();
    }

    /** A row that changes has a higher index in the same epoch, or only its presence has changed, or another epoch. */
    private static void assertTagsGrow(Change change) {
        for (Presence presence : List.of(Presence.ORDINARY, Presence.EVACUATING, Presence.SUSPECT)) {
            ActualLRP before = change.before().row(presence);
            ActualLRP after = change.after().row(presence);
            if (before == null || after == null || before.equals(after)) {
                continue;
            }
            boolean sameEpoch = before.getModificationTag()
                    .getEpoch()
                    .equals(after.getModificationTag().getEpoch());
            if (sameEpoch) {
                assertThat(after.getModificationTag().getIndex())
                        .isGreaterThan(before.getModificationTag().getIndex());
            }
        }
    }

    /** As a router does: instances by guid, in the order of the events. */
    private static void replay(BbsEvent event, Map<String, ActualLRPInfo> replica) {
        switch (event) {
            case BbsEvent.InstanceCreated(var created) ->
                replica.put(
                        created.getActualLrp().getActualLrpInstanceKey().getInstanceGuid(),
                        InstanceEvents.info(created.getActualLrp()));
            case BbsEvent.InstanceChanged(var changed) ->
                replica.put(changed.getActualLrpInstanceKey().getInstanceGuid(), changed.getAfter());
            case BbsEvent.InstanceRemoved(var removed) ->
                replica.remove(removed.getActualLrp().getActualLrpInstanceKey().getInstanceGuid());
            default -> {} // crashes say nothing about what is
        }
    }

    private static Map<String, ActualLRPInfo> running(Map<String, ActualLRPInfo> replica) {
        return replica.entrySet().stream()
                .filter(entry -> entry.getValue().getState().equals("RUNNING"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Map<String, ActualLRPInfo> running(IndexRows rows) {
        return rows.stream()
                .filter(row -> row.getState().equals("RUNNING"))
                .collect(
                        Collectors.toMap(row -> row.getActualLrpInstanceKey().getInstanceGuid(), InstanceEvents::info));
    }
}
