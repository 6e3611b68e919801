package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;

import org.cupola.protocol.bbs.proto.ActualLRPNetInfo.PreferredAddress;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrdinaryLrpsTest {
    private static final String KEY = "process/2/domain i1@cell-1";

    private final FakeBbs bbs = new FakeBbs();
    private final FakeContainers containers = new FakeContainers();
    private final OrdinaryLrps lrps =
            new OrdinaryLrps(bbs, containers, new CellIdentity("cell-1", "z1", false), new RunRequests());

    private Outcome process(ContainerState state) throws Exception {
        return process(state, null);
    }

    private Outcome process(ContainerState state, RunResult result) throws Exception {
        CellContainer container = containers.put("i1", state, result);
        return lrps.process(container, FakeContainers.lrp("i1"));
    }

    private static RunResult ended(boolean failed, String reason, boolean stopped) {
        return new RunResult(failed, reason, false, stopped);
    }

    @Test
    void aReservedContainerIsClaimedAndRun() throws Exception {
        assertThat(process(ContainerState.RESERVED)).isEqualTo(Outcome.SETTLED);

        assertThat(bbs.calls).containsExactly("claim " + KEY, "desired process");
        assertThat(containers.calls).containsExactly("run i1");
    }

    @Test
    void aRefusedClaimRemovesTheContainer() throws Exception {
        bbs.refuse("claim", Error.Type.ActualLRPCannotBeClaimed);

        assertThat(process(ContainerState.RESERVED)).isEqualTo(Outcome.SETTLED);

        assertThat(containers.calls).containsExactly("delete i1");
    }

    @Test
    void anyOtherAnswerToAClaimLeavesTheContainerAlone() throws Exception {
        bbs.refuse("claim", Error.Type.UnknownError);

        assertThat(process(ContainerState.RESERVED)).isEqualTo(Outcome.SETTLED);
        assertThat(containers.calls).isEmpty();
    }

    @Test
    void withoutAnAnswerEverythingIsTriedAgain() throws Exception {
        bbs.unanswered("claim");
        bbs.unanswered("start");
        bbs.unanswered("crash");
        bbs.unanswered("remove");

        assertThat(process(ContainerState.RESERVED)).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(process(ContainerState.INITIALIZING)).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(process(ContainerState.CREATED)).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(process(ContainerState.RUNNING)).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(process(ContainerState.COMPLETED, ended(true, "x", false))).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(process(ContainerState.COMPLETED, ended(false, "", true))).isEqualTo(Outcome.TRY_AGAIN);
        assertThat(containers.calls).isEmpty();

        bbs.answer("claim");
        bbs.unanswered("desired");
        assertThat(process(ContainerState.RESERVED)).isEqualTo(Outcome.TRY_AGAIN);
    }

    @Test
    void whatIsNotDesiredAnyMoreIsRemoved() throws Exception {
        bbs.refuse("desired", Error.Type.ResourceNotFound);

        assertThat(process(ContainerState.RESERVED)).isEqualTo(Outcome.SETTLED);

        assertThat(bbs.calls).containsExactly("claim " + KEY, "desired process", "remove " + KEY);
        assertThat(containers.calls).containsExactly("delete i1");
    }

    @ParameterizedTest
    @EnumSource(names = {"INITIALIZING", "CREATED"})
    void aStartingContainerIsClaimed(ContainerState state) throws Exception {
        process(state);
        assertThat(bbs.calls).containsExactly("claim " + KEY);
        assertThat(containers.calls).isEmpty();

        bbs.refuse("claim", Error.Type.ActualLRPCannotBeClaimed);
        process(state);
        assertThat(containers.calls).containsExactly("delete i1");
    }

    @Test
    void aRunningContainerIsStarted() throws Exception {
        assertThat(process(ContainerState.RUNNING)).isEqualTo(Outcome.SETTLED);

        assertThat(bbs.calls).containsExactly("start " + KEY);
        assertThat(bbs.started.getRoutable()).isTrue();
        assertThat(bbs.started.getAvailabilityZone()).isEqualTo("z1");
        assertThat(bbs.started.getMetricTagsMap()).containsEntry("source_id", "app");
        assertThat(bbs.started.getActualLrpInternalRoutes(0).getHostname()).isEqualTo("a.apps.internal");
        var net = bbs.started.getActualLrpNetInfo();
        assertThat(net.getAddress()).isEqualTo("10.0.0.1");
        assertThat(net.getInstanceAddress()).isEqualTo("10.255.0.2");
        assertThat(net.getPreferredAddress()).isEqualTo(PreferredAddress.HOST);
        assertThat(net.getPorts(0).getContainerPort()).isEqualTo(8080);
        assertThat(net.getPorts(0).getHostPort()).isEqualTo(61001);
    }

    @Test
    void aRefusedStartStopsTheContainer() throws Exception {
        bbs.refuse("start", Error.Type.ActualLRPCannotBeStarted);
        assertThat(process(ContainerState.RUNNING)).isEqualTo(Outcome.SETTLED);
        assertThat(containers.calls).containsExactly("stop i1");

        containers.calls.clear();
        bbs.refuse("start", Error.Type.UnknownError);
        process(ContainerState.RUNNING);
        assertThat(containers.calls).isEmpty();
    }

    @Test
    void anEndIsACrashUnlessItWasAskedFor() throws Exception {
        process(ContainerState.COMPLETED, ended(true, "APP: Exited with status 1", false));
        process(ContainerState.COMPLETED, ended(false, "", false));
        process(ContainerState.COMPLETED, ended(true, "cancelled", true));

        assertThat(bbs.calls)
                .containsExactly("crash " + KEY + " APP: Exited with status 1", "crash " + KEY + " ", "remove " + KEY);
        assertThat(containers.calls).containsExactly("delete i1", "delete i1", "delete i1");
    }

    @Test
    void theContainerGoesWhateverTheBbsAnswers() throws Exception {
        bbs.refuse("crash", Error.Type.ActualLRPCannotBeCrashed);
        bbs.refuse("remove", Error.Type.ResourceNotFound);

        assertThat(process(ContainerState.COMPLETED, ended(true, "x", false))).isEqualTo(Outcome.SETTLED);
        assertThat(process(ContainerState.COMPLETED, ended(true, "x", true))).isEqualTo(Outcome.SETTLED);

        assertThat(containers.calls).containsExactly("delete i1", "delete i1");
    }
}
