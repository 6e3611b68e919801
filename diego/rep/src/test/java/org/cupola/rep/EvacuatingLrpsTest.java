package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;

import org.cupola.protocol.bbs.proto.Error;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EvacuatingLrpsTest {
    private static final String KEY = "process/2/domain i1@cell-1";

    private final FakeBbs bbs = new FakeBbs();
    private final FakeContainers containers = new FakeContainers();
    private final EvacuatingLrps lrps = new EvacuatingLrps(bbs, containers, new CellIdentity("cell-1", "z1", false));

    private void process(ContainerState state, RunResult result) throws Exception {
        lrps.process(containers.put("i1", state, result), FakeContainers.lrp("i1"));
    }

    @ParameterizedTest
    @EnumSource(names = {"RESERVED", "INITIALIZING", "CREATED"})
    void whatDoesNotRunYetGoesAtOnce(ContainerState state) throws Exception {
        bbs.keepContainer = true;

        process(state, null);

        assertThat(bbs.calls).containsExactly("evacuate-claimed " + KEY);
        assertThat(containers.calls).containsExactly("delete i1");
    }

    @Test
    void whatRunsStaysUntilTheBbsLetsItGo() throws Exception {
        bbs.keepContainer = true;
        process(ContainerState.RUNNING, null);
        process(ContainerState.RUNNING, null);

        assertThat(containers.calls).containsExactly("say i1 Cell cell-1 requesting replacement for instance i1");

        bbs.keepContainer = false;
        process(ContainerState.RUNNING, null);

        assertThat(containers.calls).endsWith("delete i1");
        assertThat(bbs.calls).containsOnly("evacuate-running " + KEY).hasSize(3);
    }

    @Test
    void whetherToKeepCountsAlsoBesideAnError() throws Exception {
        bbs.keepContainer = true;
        bbs.refuse("evacuate-running", Error.Type.UnknownError);

        process(ContainerState.RUNNING, null);

        assertThat(containers.calls).noneMatch(call -> call.startsWith("delete"));
    }

    @Test
    void whatEndedIsToldAndGoes() throws Exception {
        process(ContainerState.COMPLETED, new RunResult(true, "cancelled", false, true));
        process(ContainerState.COMPLETED, new RunResult(true, "broken", false, false));
        process(ContainerState.COMPLETED, new RunResult(false, "", false, false));

        assertThat(bbs.calls)
                .containsExactly(
                        "evacuate-stopped " + KEY,
                        "evacuate-crashed " + KEY + " broken",
                        "evacuate-crashed " + KEY + " instance exited");
        assertThat(containers.calls).containsExactly("delete i1", "delete i1", "delete i1");
    }
}
