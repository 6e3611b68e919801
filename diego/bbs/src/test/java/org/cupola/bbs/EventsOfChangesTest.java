package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.bbs.Rows.KEY;
import static org.cupola.bbs.Rows.LATER;
import static org.cupola.bbs.Rows.OTHER;
import static org.cupola.bbs.Rows.OWN;
import static org.cupola.bbs.Rows.rows;

import java.util.List;
import java.util.Optional;
import org.cupola.bbs.EvacuationTransitions.DesiredState;
import org.cupola.bbs.LrpConvergence.Step;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.junit.jupiter.api.Test;

/** What both streams tell of each change, and in which order. */
class EventsOfChangesTest {
    private static List<String> instances(Change change) {
        return InstanceEvents.of(change, "").stream().map(Rows::text).toList();
    }

    private static List<String> groups(Change change) {
        return Groups.events(change).stream().map(Rows::text).toList();
    }

    @Test
    void nothingChangedIsNoEvent() {
        Change none = Change.none(rows(Rows.running(OWN)));

        assertThat(instances(none)).isEmpty();
        assertThat(groups(none)).isEmpty();
    }

    @Test
    void aLifeFromCreationToRemoval() {
        Change created = InstanceTransitions.create(IndexRows.NONE, KEY, LATER);
        Change claimed = InstanceTransitions.claim(created.after(), OWN, LATER);
        Change started = InstanceTransitions.start(claimed.after(), Lrps.start(KEY, OWN), LATER);
        Change removed = InstanceTransitions.remove(started.after(), OWN);

        assertThat(instances(created)).containsExactly("created - UNCLAIMED");
        assertThat(instances(claimed)).containsExactly("changed own UNCLAIMED/ORDINARY CLAIMED/ORDINARY");
        assertThat(instances(started)).containsExactly("changed own CLAIMED/ORDINARY RUNNING/ORDINARY");
        assertThat(instances(removed)).containsExactly("removed own RUNNING");
        assertThat(groups(created)).containsExactly("created - UNCLAIMED");
        assertThat(groups(claimed)).containsExactly("changed - UNCLAIMED to own CLAIMED");
        assertThat(groups(started)).containsExactly("changed own CLAIMED to own RUNNING");
        assertThat(groups(removed)).containsExactly("removed own RUNNING");
    }

    @Test
    void aPlacementErrorIsAChange() {
        Change change = InstanceTransitions.fail(rows(Rows.unclaimed()), "no room", LATER);

        assertThat(instances(change)).containsExactly("changed  UNCLAIMED/ORDINARY UNCLAIMED/ORDINARY");
    }

    @Test
    void aCrashThatRestartsIsACrashThenAnUnclaimedInstanceForTheLostOne() {
        Change change = InstanceTransitions.crash(rows(Rows.running(OWN)), KEY, OWN, "exit 1", LATER);

        assertThat(instances(change)).containsExactly("crashed own 1", "created - UNCLAIMED", "removed own RUNNING");
        assertThat(groups(change)).containsExactly("crashed own 1", "changed own RUNNING to - UNCLAIMED");
    }

    @Test
    void aCrashThatStaysIsACrashThenAChangeOfTheInstance() {
        ActualLRP row = Rows.running(OWN).toBuilder().setCrashCount(2).build();

        Change change = InstanceTransitions.crash(rows(row), KEY, OWN, "exit 1", LATER);

        assertThat(instances(change)).containsExactly("crashed own 3", "changed own RUNNING/ORDINARY CRASHED/ORDINARY");
        assertThat(groups(change)).containsExactly("crashed own 3", "changed own RUNNING to - CRASHED");
    }

    @Test
    void aRestartFromCrashed() {
        Change change = InstanceTransitions.unclaim(rows(Rows.crashed(3)), LATER);

        assertThat(instances(change)).containsExactly("created - UNCLAIMED", "removed - CRASHED");
        assertThat(groups(change)).containsExactly("changed - CRASHED to - UNCLAIMED");
    }

    @Test
    void aReplacementIsKnownBeforeTheSuspectGoes() {
        var before = rows(Rows.claimed(OWN), Rows.suspect(OTHER));

        Change change = InstanceTransitions.start(before, Lrps.start(KEY, OWN), LATER);

        assertThat(instances(change))
                .containsExactly("changed own CLAIMED/ORDINARY RUNNING/ORDINARY", "removed other RUNNING");
        assertThat(groups(change)).containsExactly("created own RUNNING", "removed other RUNNING");
    }

    @Test
    void aLostCellMakesASuspectAndANewInstance() {
        var before = rows(Rows.running(OWN));

        Change change = ConvergenceTransitions.loseCell(before, new Step.LoseCell(KEY, OWN), LATER);

        assertThat(instances(change))
                .containsExactly("changed own RUNNING/ORDINARY RUNNING/SUSPECT", "created - UNCLAIMED");
        assertThat(groups(change)).as("the group looks the same").isEmpty();
        assertThat(change.auction()).isTrue();
        assertThat(change.after().suspect().getModificationTag())
                .isEqualTo(before.ordinary().getModificationTag());
    }

    @Test
    void aReturningCellTakesItsInstanceBack() {
        var before = rows(Rows.claimed(OTHER), Rows.suspect(OWN));

        Change change = ConvergenceTransitions.recover(before, new Step.Recover(KEY, OWN));

        assertThat(instances(change))
                .containsExactly("changed own RUNNING/SUSPECT RUNNING/ORDINARY", "removed other CLAIMED");
    }

    @Test
    void theFirstEvacuationKeepsTheInstanceAndAddsAnother() {
        var request = EvacuateRunningActualLRPRequest.newBuilder()
                .setActualLrpKey(KEY)
                .setActualLrpInstanceKey(OWN)
                .setActualLrpNetInfo(Lrps.NET_INFO)
                .setRoutable(true)
                .build();
        var desired = new DesiredState(DesiredLRP.UpdateStrategy.ROLLING, 1, 1);

        Change change = EvacuationTransitions.running(rows(Rows.running(OWN)), request, Optional.of(desired), LATER)
                .change();

        assertThat(instances(change))
                .containsExactly("changed own RUNNING/ORDINARY RUNNING/EVACUATING", "created - UNCLAIMED");
        assertThat(groups(change))
                .containsExactly("created evacuating own RUNNING", "changed own RUNNING to - UNCLAIMED");
    }

    @Test
    void aGroupResolvesBetweenOrdinaryAndSuspect() {
        assertThat(Groups.instance(rows(Rows.running(OWN), Rows.suspect(OTHER))).getActualLrpInstanceKey())
                .isEqualTo(OWN);
        assertThat(Groups.instance(rows(Rows.claimed(OWN), Rows.suspect(OTHER))).getActualLrpInstanceKey())
                .isEqualTo(OTHER);
        assertThat(Groups.instance(rows(Rows.crashed(3), Rows.suspect(OTHER))).getActualLrpInstanceKey())
                .isEqualTo(OTHER);
        assertThat(Groups.of(IndexRows.NONE)).isEmpty();
    }

    @Test
    void anEventCarriesTheTraceOfItsRequest() {
        Change created = InstanceTransitions.create(IndexRows.NONE, KEY, LATER);

        assertThat(InstanceEvents.of(created, "trace-1"))
                .singleElement()
                .satisfies(event -> assertThat(
                                ((BbsEvent.InstanceCreated) event).message().getTraceId())
                        .isEqualTo("trace-1"));
    }
}
