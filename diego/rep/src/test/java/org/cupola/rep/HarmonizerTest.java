package org.cupola.rep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.Error;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.rep.executor.ContainerState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HarmonizerTest {
    private static final String KEY = "process/0/domain i1@cell-1";

    private final FakeBbs bbs = new FakeBbs();
    private final FakeContainers containers = new FakeContainers();
    private final AtomicBoolean evacuating = new AtomicBoolean();
    private final Harmonizer harmonizer = new Harmonizer(
            bbs,
            containers,
            new CellIdentity("cell-1", "z1", false),
            evacuating::get,
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));

    @AfterEach
    void close() {
        harmonizer.close();
    }

    private static ActualLRP row(ActualLRP.Presence presence) {
        return ActualLRP.newBuilder()
                .setActualLrpKey(
                        ActualLRPKey.newBuilder().setProcessGuid("process").setDomain("domain"))
                .setActualLrpInstanceKey(
                        ActualLRPInstanceKey.newBuilder().setInstanceGuid("i1").setCellId("cell-1"))
                .setPresence(presence)
                .build();
    }

    private void awaitCalls(String... calls) {
        await().untilAsserted(() -> assertThat(bbs.calls).contains(calls));
    }

    private void awaitPasses(int count) {
        await().until(() ->
                bbs.calls.stream().filter(call -> call.startsWith("list-tasks")).count() >= count);
    }

    @Test
    void aChangeIsActedOnAtOnceByWhatTheContainerIsNow() {
        var reported = containers.put("i1", ContainerState.RESERVED, null);
        containers.put("i1", ContainerState.RUNNING, null);

        harmonizer.changed(reported);

        awaitCalls("start process/2/domain i1@cell-1");
        assertThat(bbs.calls).hasSize(1);
    }

    @Test
    void aPassLooksAtEveryContainer() {
        containers.put("i1", ContainerState.RUNNING, null);
        containers.putTask("t1", ContainerState.RUNNING, null);
        harmonizer.start();

        awaitCalls("start process/2/domain i1@cell-1", "start-task t1");
    }

    @Test
    void instancesLostWithAnEarlierRunAreReplacedAtOnce() {
        bbs.actualLrps.add(row(ActualLRP.Presence.ORDINARY));

        harmonizer.start();

        awaitCalls("evacuate-claimed " + KEY);
        assertThat(bbs.calls).noneMatch(call -> call.startsWith("remove"));
    }

    @Test
    void aLostInstanceThatCannotBeReplacedIsRemoved() {
        bbs.actualLrps.add(row(ActualLRP.Presence.ORDINARY));
        bbs.refuse("evacuate-claimed", Error.Type.UnknownError);

        harmonizer.start();

        awaitCalls("remove " + KEY);
    }

    @Test
    void laterARecordWithoutAContainerIsOnlyRemoved() {
        harmonizer.start();
        awaitPasses(1);
        bbs.actualLrps.add(row(ActualLRP.Presence.ORDINARY));

        harmonizer.passNow();

        awaitCalls("remove " + KEY);
        assertThat(bbs.calls).noneMatch(call -> call.startsWith("evacuate"));
    }

    @Test
    void evacuatingAndSuspectRecordsAreRemovedEachInItsWay() {
        bbs.actualLrps.add(row(ActualLRP.Presence.EVACUATING));
        harmonizer.start();
        awaitCalls("remove-evacuating " + KEY);

        bbs.actualLrps.set(0, row(ActualLRP.Presence.SUSPECT));
        harmonizer.passNow();
        awaitCalls("remove " + KEY);
    }

    @Test
    void aTaskWithoutAContainerFails() {
        bbs.tasks.add(Task.newBuilder().setTaskGuid("t1").build());

        harmonizer.start();

        awaitCalls("complete-task t1 true [task container does not exist] [task container does not exist]");
    }

    @Test
    void whatAppearedSinceTheListWasMadeIsNoResidue() {
        containers.put("i1", ContainerState.RUNNING, null);

        assertThat(new Residues(bbs, containers).process(row(ActualLRP.Presence.ORDINARY), true))
                .isEqualTo(Outcome.SETTLED);
        assertThat(bbs.calls).isEmpty();
    }

    @Test
    void aPassWithoutTheBbsChangesNothingAndTheFirstIsRepeatedSoon() {
        bbs.actualLrps.add(row(ActualLRP.Presence.ORDINARY));
        bbs.unanswered("list-lrps");
        harmonizer.start();
        await().until(() -> !bbs.calls.isEmpty());
        bbs.answer("list-lrps");

        awaitCalls("evacuate-claimed " + KEY);
    }

    @Test
    void whileDrainedInstancesAreEvacuated() {
        evacuating.set(true);
        bbs.keepContainer = true;
        harmonizer.changed(containers.put("i1", ContainerState.RUNNING, null));

        awaitCalls("evacuate-running process/2/domain i1@cell-1");
    }
}
