package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cupola.bbs.Rows.KEY;
import static org.cupola.bbs.Rows.LATER;
import static org.cupola.bbs.Rows.OTHER;
import static org.cupola.bbs.Rows.OWN;
import static org.cupola.bbs.Rows.rows;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.junit.jupiter.api.Test;

/** Every state by every operation, by the row's own instance and by another. */
class InstanceTransitionsTest {
    private static final Map<String, Supplier<ActualLRP>> STATES = new TreeMap<>(Map.of(
            "UNCLAIMED", Rows::unclaimed,
            "CLAIMED", () -> Rows.claimed(OWN),
            "RUNNING", () -> Rows.running(OWN),
            "CRASHED", () -> Rows.crashed(3)));

    private interface Transition {
        Change of(IndexRows rows, ActualLRPInstanceKey caller);
    }

    /** The state after the transition, {@code same}, or the error. */
    private static String outcome(String state, ActualLRPInstanceKey caller, Transition transition) {
        IndexRows before = rows(STATES.get(state).get());
        try {
            Change change = transition.of(before, caller);
            if (change.isNone()) {
                return "same";
            }
            ActualLRP after = change.after().ordinary();
            if (after == null) {
                return "gone";
            }
            assertThat(Rows.isSound(after)).as(after.toString()).isTrue();
            assertThat(after.getModificationTag().getEpoch())
                    .isEqualTo(before.ordinary().getModificationTag().getEpoch());
            assertThat(after.getModificationTag().getIndex()).isEqualTo(1);
            assertThat(after.getSince()).isEqualTo(LATER.now());
            return after.getState();
        } catch (Refusal e) {
            return e.type().name();
        }
    }

    private static Map<String, List<String>> table(Transition transition) {
        Map<String, List<String>> table = new TreeMap<>();
        STATES.keySet()
                .forEach(state ->
                        table.put(state, List.of(outcome(state, OWN, transition), outcome(state, OTHER, transition))));
        return table;
    }

    @Test
    void claims() {
        String no = "ActualLRPCannotBeClaimed";
        assertThat(table((rows, caller) -> InstanceTransitions.claim(rows, caller, LATER)))
                .isEqualTo(Map.of(
                        "UNCLAIMED", List.of("CLAIMED", "CLAIMED"),
                        "CLAIMED", List.of("same", no),
                        "RUNNING", List.of("CLAIMED", no),
                        "CRASHED", List.of(no, no)));
    }

    @Test
    void starts() {
        String no = "ActualLRPCannotBeStarted";
        assertThat(table((rows, caller) -> InstanceTransitions.start(rows, Lrps.start(KEY, caller), LATER)))
                .isEqualTo(Map.of(
                        "UNCLAIMED", List.of("RUNNING", "RUNNING"),
                        "CLAIMED", List.of("RUNNING", "RUNNING"),
                        "RUNNING", List.of("same", no),
                        "CRASHED", List.of(no, no)));
    }

    @Test
    void crashes() {
        String no = "ActualLRPCannotBeCrashed";
        assertThat(table((rows, caller) -> InstanceTransitions.crash(rows, KEY, caller, "exit 1", LATER)))
                .isEqualTo(Map.of(
                        "UNCLAIMED", List.of(no, no),
                        "CLAIMED", List.of("UNCLAIMED", no),
                        "RUNNING", List.of("UNCLAIMED", no),
                        "CRASHED", List.of(no, no)));
    }

    @Test
    void failsToBePlaced() {
        String no = "ActualLRPCannotBeFailed";
        assertThat(table((rows, caller) -> InstanceTransitions.fail(rows, "no room", LATER)))
                .isEqualTo(Map.of(
                        "UNCLAIMED", List.of("UNCLAIMED", "UNCLAIMED"),
                        "CLAIMED", List.of(no, no),
                        "RUNNING", List.of(no, no),
                        "CRASHED", List.of(no, no)));
    }

    @Test
    void isUnclaimed() {
        String no = "ActualLRPCannotBeUnclaimed";
        assertThat(table((rows, caller) -> InstanceTransitions.unclaim(rows, LATER)))
                .isEqualTo(Map.of(
                        "UNCLAIMED", List.of(no, no),
                        "CLAIMED", List.of("UNCLAIMED", "UNCLAIMED"),
                        "RUNNING", List.of("UNCLAIMED", "UNCLAIMED"),
                        "CRASHED", List.of("UNCLAIMED", "UNCLAIMED")));
    }

    @Test
    void isRemovedByItsOwnInstanceOnly() {
        String no = "ResourceNotFound";
        assertThat(table(InstanceTransitions::remove))
                .isEqualTo(Map.of(
                        "UNCLAIMED", List.of(no, no),
                        "CLAIMED", List.of("gone", no),
                        "RUNNING", List.of("gone", no),
                        "CRASHED", List.of(no, no)));
        STATES.values()
                .forEach(state -> assertThat(InstanceTransitions.remove(rows(state.get()), null)
                                .after()
                                .isEmpty())
                        .isTrue());
    }

    @Test
    void whatIsNotThereIsNotFoundExceptThatAStartMakesItAndAFailureDoesNotMind() {
        for (Transition transition : List.<Transition>of(
                (rows, caller) -> InstanceTransitions.claim(rows, caller, LATER),
                (rows, caller) -> InstanceTransitions.crash(rows, KEY, caller, "", LATER),
                (rows, caller) -> InstanceTransitions.unclaim(rows, LATER),
                InstanceTransitions::remove)) {
            assertThatThrownBy(() -> transition.of(IndexRows.NONE, OWN))
                    .hasMessage("the requested resource could not be found");
        }
        assertThat(InstanceTransitions.fail(IndexRows.NONE, "no room", LATER).isNone())
                .isTrue();
        ActualLRP made = InstanceTransitions.start(IndexRows.NONE, Lrps.start(KEY, OWN), LATER)
                .after()
                .ordinary();
        assertThat(Rows.isSound(made)).isTrue();
        assertThat(made.getModificationTag().getIndex()).isZero();
    }

    @Test
    void aHeartbeatWithOtherFactsIsAChange() {
        var before = rows(Rows.running(OWN));

        Change change = InstanceTransitions.start(
                before, Lrps.start(KEY, OWN).toBuilder().setRoutable(false).build(), LATER);

        assertThat(change.after().ordinary().getRoutable()).isFalse();
        assertThat(change.after().ordinary().getModificationTag().getIndex()).isEqualTo(1);
    }

    @Test
    void startingEndsTheCopiesKeptForItsSake() {
        var before = rows(Rows.claimed(OWN), Rows.suspect(OTHER), Rows.evacuating(Lrps.instance("third", "cell-3")));

        Change change = InstanceTransitions.start(before, Lrps.start(KEY, OWN), LATER);

        assertThat(change.after().suspect()).isNull();
        assertThat(change.after().evacuating()).isNull();
        assertThat(change.after().ordinary().getState()).isEqualTo("RUNNING");
    }

    @Test
    void theSuspectItselfChangesNothingUntilItCrashes() {
        var before = rows(Rows.unclaimed(), Rows.suspect(OWN));

        assertThat(InstanceTransitions.claim(before, OWN, LATER).isNone()).isTrue();
        assertThat(InstanceTransitions.start(before, Lrps.start(KEY, OWN), LATER)
                        .isNone())
                .isTrue();
        Change crash = InstanceTransitions.crash(before, KEY, OWN, "exit 1", LATER);
        assertThat(crash.after()).isEqualTo(rows(before.ordinary()));
        assertThat(crash.auction()).isFalse();
        assertThat(crash.crashed()).isFalse();
    }

    @Test
    void theThirdCrashInARowIsOneWithoutARestart() {
        ActualLRP row = Rows.running(OWN).toBuilder().setCrashCount(2).build();

        Change change = InstanceTransitions.crash(rows(row), KEY, OWN, "x".repeat(2000), LATER);

        ActualLRP crashed = change.after().ordinary();
        assertThat(crashed.getState()).isEqualTo("CRASHED");
        assertThat(crashed.getCrashCount()).isEqualTo(3);
        assertThat(crashed.getCrashReason()).hasSize(1024).endsWith("x(truncated)");
        assertThat(change.auction()).isFalse();
    }

    @Test
    void anotherDomainIsAnotherInstance() {
        ActualLRPKey elsewhere = Instances.key("p", 0, "other-domain");

        assertThatThrownBy(() -> InstanceTransitions.start(rows(Rows.unclaimed()), Lrps.start(elsewhere, OWN), LATER))
                .hasMessage("cannot start actual LRP");
        assertThatThrownBy(() -> InstanceTransitions.crash(rows(Rows.running(OWN)), elsewhere, OWN, "", LATER))
                .hasMessage("cannot crash actual LRP");
    }

    @Test
    void claimingClearsWhatKeptItFromBeingPlaced() {
        ActualLRP row =
                Rows.unclaimed().toBuilder().setPlacementError("no room").build();

        ActualLRP claimed =
                InstanceTransitions.claim(rows(row), OWN, LATER).after().ordinary();

        assertThat(claimed.getPlacementError()).isEmpty();
        assertThat(claimed.getActualLrpNetInfo()).isEqualTo(ActualLRPNetInfo.getDefaultInstance());
    }

    @Test
    void cutsLongReasonsBetweenCharacters() {
        assertThat(Instances.truncated("y".repeat(1023))).hasSize(1023);
        String cut = Instances.truncated("é".repeat(1000));
        assertThat(cut).isEqualTo("é".repeat(506) + "(truncated)");
    }
}
