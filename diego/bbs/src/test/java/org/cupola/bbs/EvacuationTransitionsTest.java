package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cupola.bbs.Rows.KEY;
import static org.cupola.bbs.Rows.LATER;
import static org.cupola.bbs.Rows.OTHER;
import static org.cupola.bbs.Rows.OWN;
import static org.cupola.bbs.Rows.rows;

import java.util.Optional;
import org.cupola.bbs.EvacuationTransitions.DesiredState;
import org.cupola.bbs.EvacuationTransitions.Outcome;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRP.Presence;
import org.cupola.protocol.bbs.proto.DesiredLRP.UpdateStrategy;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.junit.jupiter.api.Test;

class EvacuationTransitionsTest {
    private static final EvacuateRunningActualLRPRequest REQUEST = EvacuateRunningActualLRPRequest.newBuilder()
            .setActualLrpKey(KEY)
            .setActualLrpInstanceKey(OWN)
            .setActualLrpNetInfo(Lrps.NET_INFO)
            .putMetricTags("source_id", "p")
            .setRoutable(true)
            .setAvailabilityZone("z1")
            .build();

    private static Outcome rolling(IndexRows rows) {
        return EvacuationTransitions.running(
                rows, REQUEST, Optional.of(new DesiredState(UpdateStrategy.ROLLING, 1, 1)), LATER);
    }

    private static Outcome recreate(IndexRows rows, int runningInstances) {
        return EvacuationTransitions.running(
                rows, REQUEST, Optional.of(new DesiredState(UpdateStrategy.RECREATE, 2, runningInstances)), LATER);
    }

    @Test
    void theFirstCallCopiesTheInstanceAndAsksForAnother() {
        Outcome outcome = rolling(rows(Rows.running(OWN)));

        assertThat(outcome.keepContainer()).isTrue();
        assertThat(outcome.change().auction()).isTrue();
        ActualLRP copy = outcome.change().after().evacuating();
        assertThat(copy.getActualLrpInstanceKey()).isEqualTo(OWN);
        assertThat(copy.getState()).isEqualTo("RUNNING");
        assertThat(outcome.change().after().ordinary().getState()).isEqualTo("UNCLAIMED");
    }

    @Test
    void aClaimedRowIsCopiedWithWhatTheCellReports() {
        Outcome outcome = rolling(rows(Rows.claimed(OWN)));

        assertThat(outcome.change().after().evacuating().getActualLrpNetInfo()).isEqualTo(Lrps.NET_INFO);
    }

    @Test
    void laterCallsChangeNothing() {
        Outcome outcome = rolling(rows(Rows.unclaimed(), Rows.evacuating(OWN)));

        assertThat(outcome.keepContainer()).isTrue();
        assertThat(outcome.change().isNone()).isTrue();
    }

    @Test
    void aLaterCallWithOtherFactsUpdatesTheCopy() {
        var moved = Rows.evacuating(OWN).toBuilder()
                .setActualLrpNetInfo(Lrps.NET_INFO.toBuilder().setAddress("10.9.9.9"))
                .build();

        Outcome outcome = rolling(rows(Rows.unclaimed(), moved));

        assertThat(outcome.change().after().evacuating().getActualLrpNetInfo()).isEqualTo(Lrps.NET_INFO);
        assertThat(outcome.change().after().evacuating().getModificationTag().getIndex())
                .isEqualTo(1);
    }

    @Test
    void aSettledReplacementLetsTheContainerGo() {
        for (ActualLRP settled : new ActualLRP[] {Rows.running(OTHER), Rows.crashed(3)}) {
            Outcome outcome = rolling(rows(settled, Rows.evacuating(OWN)));

            assertThat(outcome.keepContainer()).isFalse();
            assertThat(outcome.change().after()).isEqualTo(rows(settled));
        }
    }

    @Test
    void whatNobodyWantsAnyMoreGoes() {
        assertThat(rolling(IndexRows.NONE).keepContainer()).isFalse();
        assertThat(rolling(rows(Rows.evacuating(OWN))).change().after().isEmpty())
                .isTrue();
        Outcome undesired = EvacuationTransitions.running(
                rows(Rows.running(OWN), Rows.evacuating(OTHER)), REQUEST, Optional.empty(), LATER);
        assertThat(undesired.keepContainer()).isFalse();
        assertThat(undesired.change().isNone()).as("the copy is another cell's").isTrue();
    }

    @Test
    void aSecondCellCannotTakeTheCopy() {
        Outcome outcome = rolling(rows(Rows.unclaimed(), Rows.evacuating(OTHER)));

        assertThat(outcome.keepContainer()).isFalse();
        assertThat(outcome.change().isNone()).isTrue();
    }

    @Test
    void aSuspectBecomesTheCopyWithoutAnAuction() {
        var before = rows(Rows.unclaimed(), Rows.suspect(OWN));

        Outcome outcome = rolling(before);

        assertThat(outcome.keepContainer()).isTrue();
        assertThat(outcome.change().auction()).isFalse();
        assertThat(outcome.change().after().suspect()).isNull();
        assertThat(outcome.change().after().evacuating().getPresence()).isEqualTo(Presence.EVACUATING);
        assertThat(outcome.change().after().ordinary()).isEqualTo(before.ordinary());
    }

    @Test
    void recreateReleasesOneInstanceOnlyWhileAllRun() {
        Outcome waits = recreate(rows(Rows.running(OWN)), 1);
        Outcome goes = recreate(rows(Rows.running(OWN)), 2);

        assertThat(waits.keepContainer()).isTrue();
        assertThat(waits.change().isNone()).isTrue();
        assertThat(goes.keepContainer()).isFalse();
        assertThat(goes.change().auction()).isTrue();
        assertThat(goes.change().after().ordinary().getState()).isEqualTo("UNCLAIMED");
        assertThat(recreate(rows(Rows.unclaimed(), Rows.suspect(OWN)), 0)
                        .change()
                        .after()
                        .suspect())
                .isNull();
        assertThat(recreate(rows(Rows.unclaimed()), 0).keepContainer()).isFalse();
    }

    @Test
    void aClaimedInstanceIsPlacedElsewhere() {
        Change claimed = EvacuationTransitions.claimed(rows(Rows.claimed(OWN)), OWN, LATER);
        Change suspect = EvacuationTransitions.claimed(rows(Rows.unclaimed(), Rows.suspect(OWN)), OWN, LATER);

        assertThat(claimed.after().ordinary().getState()).isEqualTo("UNCLAIMED");
        assertThat(claimed.auction()).isTrue();
        assertThat(suspect.after().suspect()).isNull();
        assertThat(suspect.auction()).isFalse();
    }

    @Test
    void aCrashWhileEvacuatingAsksForNoAuction() {
        Change change = EvacuationTransitions.crashed(rows(Rows.running(OWN)), KEY, OWN, "exit 1", LATER);

        assertThat(change.after().ordinary().getState()).isEqualTo("UNCLAIMED");
        assertThat(change.after().ordinary().getCrashCount()).isEqualTo(1);
        assertThat(change.auction()).isFalse();
    }

    @Test
    void stoppedInstancesAndStrandedCopiesGo() {
        assertThat(EvacuationTransitions.stopped(rows(Rows.running(OWN)), OWN)
                        .after()
                        .isEmpty())
                .isTrue();
        assertThat(EvacuationTransitions.removeEvacuating(rows(Rows.evacuating(OWN)), OWN)
                        .after()
                        .isEmpty())
                .isTrue();
        assertThatThrownBy(() -> EvacuationTransitions.removeEvacuating(rows(Rows.running(OWN)), OWN))
                .hasMessage("the requested resource could not be found");
        assertThatThrownBy(() -> EvacuationTransitions.stopped(rows(Rows.running(OWN)), OTHER))
                .hasMessage("the requested resource could not be found");
    }
}
