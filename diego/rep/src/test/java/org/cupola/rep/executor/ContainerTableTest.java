package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.rep.container.NetworkInfo;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ContainerTableTest {
    private static final Instant NOW = Instant.ofEpochSecond(1000);
    private static final NetworkInfo NETWORK = new NetworkInfo("10.0.0.1", "10.0.0.1", List.of());
    private static final RunResult RESULT = RunResult.success(false);

    private final ContainerTable table = new ContainerTable(new CellResources(100, 200, 3));

    static Work work(String guid, int memoryMb, int diskMb) {
        return new Work.Task(
                new CellTask(guid, "d", List.of(), List.of(), "preloaded:x", memoryMb, diskMb, 0, "Invalid", false));
    }

    @Test
    void takesAndReturnsShares() throws Exception {
        table.reserve(work("a", 60, 50), NOW);
        assertThat(table.remaining()).isEqualTo(new CellResources(40, 150, 2));

        assertThat(table.remove("a")).isTrue();
        assertThat(table.remove("a")).isFalse();

        assertThat(table.remaining()).isEqualTo(table.total());
    }

    @Test
    void refusesWhatDoesNotFit() throws Exception {
        table.reserve(work("a", 60, 50), NOW);

        assertThatThrownBy(() -> table.reserve(work("b", 41, 0), NOW)).hasMessageContaining("insufficient resources");
        assertThatThrownBy(() -> table.reserve(work("b", 0, 151), NOW)).hasMessageContaining("insufficient resources");
        assertThatThrownBy(() -> table.reserve(work("a", 1, 1), NOW))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        e -> assertThat(e.kind().errorName()).isEqualTo("ContainerGuidNotAvailable"));
        table.reserve(work("b", 40, 150), NOW);
        table.reserve(work("c", 0, 0), NOW);
        assertThatThrownBy(() -> table.reserve(work("d", 0, 0), NOW)).hasMessageContaining("insufficient resources");
    }

    @Test
    void onlyAllowedStatesFollowEachOther() throws Exception {
        Map<ContainerState, Set<ContainerState>> allowed = new EnumMap<>(Map.of(
                ContainerState.RESERVED, Set.of(ContainerState.INITIALIZING, ContainerState.COMPLETED),
                ContainerState.INITIALIZING, Set.of(ContainerState.CREATED, ContainerState.COMPLETED),
                ContainerState.CREATED, Set.of(ContainerState.RUNNING, ContainerState.COMPLETED),
                ContainerState.RUNNING, Set.of(ContainerState.COMPLETED),
                ContainerState.COMPLETED, Set.of()));
        for (ContainerState from : ContainerState.values()) {
            for (ContainerState to : ContainerState.values()) {
                if (to == ContainerState.RESERVED) {
                    continue;
                }
                String guid = from + "-" + to;
                var fresh = new ContainerTable(new CellResources(1, 1, 1));
                fresh.reserve(work(guid, 0, 0), NOW);
                reach(fresh, guid, from);
                boolean moved;
                try {
                    moveTo(fresh, guid, to);
                    moved = true;
                } catch (ExecutorException e) {
                    assertThat(e.kind()).isEqualTo(ExecutorException.Kind.INVALID_STATE_TRANSITION);
                    moved = false;
                }
                assertThat(moved).as(guid).isEqualTo(allowed.get(from).contains(to));
                assertThat(fresh.find(guid).orElseThrow().state()).isEqualTo(moved ? to : from);
            }
        }
    }

    private static void reach(ContainerTable table, String guid, ContainerState state) throws ExecutorException {
        if (state == ContainerState.COMPLETED) {
            moveTo(table, guid, state);
            return;
        }
        for (ContainerState step : ContainerState.values()) {
            if (step != ContainerState.RESERVED && step.compareTo(state) <= 0) {
                moveTo(table, guid, step);
            }
        }
    }

    private static void moveTo(ContainerTable table, String guid, ContainerState state) throws ExecutorException {
        switch (state) {
            case INITIALIZING -> table.initialize(guid, List.of(), Map.of(), NOW);
            case CREATED -> table.create(guid, NETWORK, NOW);
            case RUNNING -> table.run(guid, true, NOW);
            case COMPLETED -> table.complete(guid, RESULT, NOW);
            case RESERVED -> throw new IllegalArgumentException();
        }
    }

    @Test
    void routabilityChangesOnlyWhileItRuns() throws Exception {
        table.reserve(work("a", 0, 0), NOW);
        reach(table, "a", ContainerState.CREATED);
        assertThat(table.routable("a", true)).isEmpty();

        table.run("a", false, NOW);
        assertThat(table.routable("a", false)).isEmpty();
        assertThat(table.routable("a", true).orElseThrow().routable()).isTrue();

        assertThat(table.complete("a", RESULT, NOW).routable()).isFalse();
        assertThat(table.routable("none", true)).isEmpty();
    }

    @Test
    void findsReservationsNobodyUsed() throws Exception {
        table.reserve(work("old", 0, 0), NOW);
        table.reserve(work("used", 0, 0), NOW);
        table.initialize("used", List.of(), Map.of(), NOW);
        table.reserve(work("new", 0, 0), NOW.plusSeconds(30));

        assertThat(table.staleReservations(NOW.plusSeconds(60), Duration.ofMinutes(1)))
                .extracting(CellContainer::guid)
                .containsExactly("old");
    }

    @RepeatedTest(50)
    void nothingIsEverHandedOutTwiceOrLost(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<Work> held = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            if (random.nextBoolean() && !held.isEmpty()) {
                table.remove(held.remove(random.nextInt(held.size())).guid());
            } else {
                Work work = work("w" + random.nextInt(10), random.nextInt(70), random.nextInt(120));
                try {
                    table.reserve(work, NOW);
                    held.add(work);
                } catch (ExecutorException e) {
                    boolean fits = work.memoryMb() <= table.remaining().memoryMb()
                            && work.diskMb() <= table.remaining().diskMb()
                            && table.remaining().containers() > 0;
                    boolean known = held.stream().anyMatch(one -> one.guid().equals(work.guid()));
                    assertThat(known || !fits).isTrue();
                }
            }
            int memory = held.stream().mapToInt(Work::memoryMb).sum();
            int disk = held.stream().mapToInt(Work::diskMb).sum();
            assertThat(table.remaining()).isEqualTo(new CellResources(100 - memory, 200 - disk, 3 - held.size()));
            assertThat(memory).isLessThanOrEqualTo(100);
            assertThat(disk).isLessThanOrEqualTo(200);
        }
    }
}
