package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.bbs.Rows.KEY;
import static org.cupola.bbs.Rows.OTHER;
import static org.cupola.bbs.Rows.OWN;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cupola.bbs.DesiredLrpStore.DesiredProcess;
import org.cupola.bbs.LrpConvergence.Plan;
import org.cupola.bbs.LrpConvergence.Snapshot;
import org.cupola.bbs.LrpConvergence.Step;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRPSchedulingInfo;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.junit.jupiter.api.Test;

/** What a pass plans, situation by situation. */
class LrpConvergenceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final List<DesiredProcess> desired = new ArrayList<>();
    private final List<ActualLRP> actual = new ArrayList<>();
    private Set<String> domains = Set.of();
    private Set<String> cells = Set.of("cell-1", "cell-2");
    private boolean retryUnplaced;
    private long now = 10 * SECOND;

    private Plan plan() {
        return LrpConvergence.plan(new Snapshot(desired, actual, domains, cells, retryUnplaced, now));
    }

    private void wanted(int instances) {
        wanted(instances, ProtoRoutes.getDefaultInstance());
    }

    private void wanted(int instances, ProtoRoutes routes) {
        desired.add(new DesiredProcess(
                DesiredLRPSchedulingInfo.newBuilder()
                        .setDesiredLrpKey(
                                DesiredLRPKey.newBuilder().setProcessGuid("p").setDomain("cf-apps"))
                        .setInstances(instances)
                        .setRoutes(routes)
                        .build(),
                Map.of("source_id", MetricTagValue.newBuilder().setStatic("p").build())));
    }

    private static ActualLRP at(ActualLRP row, int index) {
        return row.toBuilder().setActualLrpKey(Lrps.key("p", index)).build();
    }

    @Test
    void whatRunsAsWantedIsLeftAlone() {
        wanted(1);
        actual.add(Rows.running(OWN));
        domains = Set.of("cf-apps");

        assertThat(plan().steps()).isEmpty();
        assertThat(plan().counts())
                .containsEntry("LRPsDesired", 1)
                .containsEntry("LRPsRunning", 1)
                .containsEntry("LRPsMissing", 0)
                .containsEntry("PresentCells", 2)
                .containsEntry("SuspectCells", 0);
    }

    @Test
    void makesMissingInstancesWhateverTheDomain() {
        wanted(3);
        actual.add(at(Rows.running(OWN), 1));

        assertThat(plan().steps())
                .containsExactly(new Step.Create(Lrps.key("p", 0)), new Step.Create(Lrps.key("p", 2)));
        assertThat(plan().counts()).containsEntry("LRPsMissing", 2);
    }

    @Test
    void retiresExtraInstancesOnlyInAFreshDomain() {
        wanted(1);
        actual.add(Rows.running(OWN));
        actual.add(at(Rows.running(OTHER), 1));
        assertThat(plan().steps()).isEmpty();

        domains = Set.of("cf-apps");

        assertThat(plan().steps()).containsExactly(new Step.Retire(Lrps.key("p", 1)));
    }

    @Test
    void retiresOrphansOnlyInAFreshDomain() {
        actual.add(Rows.running(OWN));
        actual.add(Rows.suspect(OTHER));
        assertThat(plan().steps()).isEmpty();

        domains = Set.of("cf-apps");

        assertThat(plan().steps()).containsExactlyInAnyOrder(new Step.Retire(KEY), new Step.DropSuspect(KEY, OTHER));
    }

    @Test
    void asksAgainForWhatHasWaitedForLong() {
        wanted(1);
        actual.add(Rows.unclaimed());
        now = 30 * SECOND;
        assertThat(plan().steps()).isEmpty();

        now = 30 * SECOND + 1;

        assertThat(plan().steps()).containsExactly(new Step.AskAgain(KEY));
    }

    @Test
    void asksAgainAtOnceForWhatNoCellTookWhenACellHasCome() {
        wanted(2);
        actual.add(Rows.unclaimed().toBuilder().setPlacementError("no room").build());
        actual.add(at(Rows.unclaimed(), 1));
        retryUnplaced = true;

        assertThat(plan().steps()).containsExactly(new Step.AskAgain(KEY));
    }

    @Test
    void restartsTheCrashedWhenTheirTimeHasCome() {
        wanted(1);
        actual.add(Rows.crashed(3));
        now = 29 * SECOND;
        assertThat(plan().steps()).isEmpty();
        assertThat(plan().counts()).containsEntry("CrashingDesiredLRPs", 1);

        now = 30 * SECOND;

        assertThat(plan().steps()).containsExactly(new Step.Restart(KEY));
    }

    @Test
    void noticesLostCells() {
        wanted(2);
        actual.add(Rows.running(OWN));
        actual.add(at(Rows.claimed(OTHER), 1));
        cells = Set.of("cell-2");

        assertThat(plan().steps()).containsExactly(new Step.LoseCell(KEY, OWN));
        cells = Set.of();
        assertThat(plan().steps()).hasSize(2);
        assertThat(plan().counts()).containsEntry("SuspectCells", 2);
    }

    @Test
    void takesASuspectBackWhenItsCellReturnsUnlessItsReplacementRuns() {
        wanted(1);
        actual.add(Rows.claimed(OTHER));
        actual.add(Rows.suspect(OWN));
        assertThat(plan().steps()).containsExactly(new Step.Recover(KEY, OWN));

        actual.set(0, Rows.running(OTHER));

        assertThat(plan().steps()).containsExactly(new Step.DropSuspect(KEY, OWN));
        assertThat(plan().counts()).containsEntry("SuspectRunningActualLRPs", 1);
    }

    @Test
    void keepsASuspectWhoseCellIsAway() {
        wanted(1);
        actual.add(Rows.claimed(OTHER));
        actual.add(Rows.suspect(OWN));
        cells = Set.of("cell-2");

        assertThat(plan().steps()).isEmpty();
    }

    @Test
    void dropsEvacuatingCopiesOfLostCells() {
        wanted(1);
        actual.add(Rows.unclaimed());
        actual.add(Rows.evacuating(OWN));
        assertThat(plan().steps()).isEmpty();

        cells = Set.of("cell-2");

        assertThat(plan().steps()).containsExactly(new Step.DropEvacuating(KEY, OWN));
    }

    @Test
    void refreshesInternalRoutesAndMetricTagsThatDrifted() {
        wanted(
                1,
                ProtoRoutes.newBuilder()
                        .putRoutes("internal-router", ByteString.copyFromUtf8("[{\"hostname\":\"a.apps.internal\"}]"))
                        .build());
        actual.add(
                Rows.running(OWN).toBuilder().putMetricTags("source_id", "old").build());

        assertThat(plan().steps()).singleElement().isInstanceOfSatisfying(Step.Refresh.class, refresh -> {
            assertThat(refresh.routes()).isTrue();
            assertThat(refresh.tags()).isTrue();
        });
    }

    @Test
    void stepsThatAreNoLongerDueChangeNothing() {
        var running = Rows.rows(Rows.running(OTHER));
        Moment moment = Rows.LATER;

        assertThat(ConvergenceTransitions.askAgain(running).auction()).isFalse();
        assertThat(ConvergenceTransitions.create(running, new Step.Create(KEY), moment)
                        .isNone())
                .isTrue();
        assertThat(ConvergenceTransitions.loseCell(running, new Step.LoseCell(KEY, OWN), moment)
                        .isNone())
                .isTrue();
        assertThat(ConvergenceTransitions.recover(running, new Step.Recover(KEY, OWN))
                        .isNone())
                .isTrue();
        assertThat(ConvergenceTransitions.dropSuspect(running, new Step.DropSuspect(KEY, OWN))
                        .isNone())
                .isTrue();
        assertThat(ConvergenceTransitions.dropEvacuating(running, new Step.DropEvacuating(KEY, OWN))
                        .isNone())
                .isTrue();
        assertThat(ConvergenceTransitions.restart(running, moment).isNone()).isTrue();
    }

    @Test
    void aReplacementThatIsLostTooLeavesTheSuspect() {
        var before = Rows.rows(Rows.running(OTHER), Rows.suspect(OWN));

        Change change = ConvergenceTransitions.loseCell(before, new Step.LoseCell(KEY, OTHER), Rows.LATER);

        assertThat(change.after().suspect()).isEqualTo(before.suspect());
        assertThat(change.after().ordinary().getState()).isEqualTo("UNCLAIMED");
        assertThat(change.auction()).isFalse();
    }
}
