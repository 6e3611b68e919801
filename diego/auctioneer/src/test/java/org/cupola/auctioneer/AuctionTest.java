package org.cupola.auctioneer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cupola.auctioneer.States.cell;
import static org.cupola.auctioneer.States.lrp;
import static org.cupola.auctioneer.States.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class AuctionTest {
    private static final Weights WEIGHTS = new Weights(0.25, 0, 0);

    private List<Auction.Failure> failures = List.of();

    /** Where each item went: {@code key -> cell}. */
    private Map<String, String> auction(Weights weights, List<Cell> cells, Item... items) {
        failures = new Auction(cells, weights).run(List.of(items));
        Map<String, String> places = new HashMap<>();
        for (Cell cell : cells) {
            cell.placed().forEach(item -> places.put(item.key(), cell.id()));
        }
        return places;
    }

    private Map<String, String> auction(List<Cell> cells, Item... items) {
        return auction(WEIGHTS, cells, items);
    }

    private String failureOf(Item item, Cell... cells) {
        auction(List.of(cells), item);
        return failures.isEmpty() ? "" : failures.getFirst().error().text();
    }

    private static List<Cell> cells(States... states) {
        return Arrays.stream(states).map(States::build).toList();
    }

    @Test
    void anInstanceGoesToTheEmptierCell() {
        assertThat(auction(cells(cell("a").available(400, 1000, 100), cell("b")), lrp("p", 0, 100)))
                .containsEntry("p.0", "b");
        assertThat(auction(cells(cell("a").available(1000, 400, 100), cell("b")), lrp("p", 0, 100)))
                .containsEntry("p.0", "b");
        assertThat(auction(cells(cell("a").available(1000, 1000, 40), cell("b")), lrp("p", 0, 100)))
                .containsEntry("p.0", "b");
    }

    @Test
    void whatCountsIsTheFractionAndNotTheAmount() {
        // 600 of 1000 free after the placement against 1500 of 4000
        assertThat(auction(
                        cells(
                                cell("large").total(4000, 1000, 100).available(1600, 1000, 100),
                                cell("small").available(700, 1000, 100)),
                        lrp("p", 0, 100)))
                .containsEntry("p.0", "small");
    }

    @Test
    void instancesOfOneProcessKeepApartEvenOnFullerCells() {
        assertThat(auction(
                        cells(cell("empty").running("p", 1), cell("full").available(200, 200, 20)), lrp("p", 1, 100)))
                .containsEntry("p.1", "full");
        assertThat(auction(cells(cell("a"), cell("b"), cell("c")), lrp("p", 0, 10), lrp("p", 1, 10), lrp("p", 2, 10))
                        .values())
                .containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void startingContainersCountByTheirWeight() {
        List<States> states = List.of(cell("busy").starting(2), cell("calm").available(900, 900, 90));

        assertThat(auction(cells(states.toArray(States[]::new)), lrp("p", 0, 10)))
                .containsEntry("p.0", "calm");
        assertThat(auction(new Weights(0, 0, 0), cells(states.toArray(States[]::new)), lrp("p", 0, 10)))
                .containsEntry("p.0", "busy");
    }

    @Test
    void theZoneWithTheFewestInstancesWins() {
        assertThat(auction(
                        cells(
                                cell("a1").zone("z1").running("p", 1),
                                cell("a2").zone("z1"),
                                cell("b1").zone("z2").available(100, 100, 10)),
                        lrp("p", 1, 10)))
                .containsEntry("p.1", "b1");
    }

    @Test
    void zonesWithEquallyManyInstancesCompete() {
        assertThat(auction(
                        cells(
                                cell("a").zone("z1").available(100, 100, 10),
                                cell("b").zone("z2"),
                                cell("c").zone("z3").running("p", 1)),
                        lrp("p", 1, 10)))
                .containsEntry("p.1", "b");
    }

    @Test
    void aFullZoneFallsThroughToTheNext() {
        assertThat(auction(
                        cells(
                                cell("a").zone("z1").available(5, 1000, 100),
                                cell("b").zone("z2").running("p", 3)),
                        lrp("p", 3, 10)))
                .containsEntry("p.3", "b");
    }

    @Test
    void aZoneWithoutASuitableCellDoesNotEndTheSearchAmongEquals() {
        assertThat(auction(
                        cells(
                                cell("a").zone("z1").available(100, 100, 10),
                                cell("tagged").zone("z2").tags("gpu").running("p", 1),
                                cell("b").zone("z3").running("p", 2)),
                        lrp("p", 3, 10)))
                .containsEntry("p.3", "a");
    }

    @Test
    void zoneBalanceCountsInstancesOnUnsuitableCellsToo() {
        assertThat(auction(
                        cells(
                                cell("a").zone("z1").available(100, 100, 10),
                                cell("tagged").zone("z1").tags("gpu").running("p", 1),
                                cell("b").zone("z2").available(50, 50, 5)),
                        lrp("p", 1, 10)))
                .containsEntry("p.1", "b");
    }

    @Test
    void firstFitFillsCellsInTheOrderOfTheirIndex() {
        var weights = new Weights(0.25, 1, 0);
        List<Cell> cells = cells(cell("second").index(7), cell("first").index(3));

        assertThat(auction(weights, cells, lrp("p", 0, 10), lrp("q", 0, 10)))
                .containsEntry("p.0", "first")
                .containsEntry("q.0", "first");
    }

    @Test
    void firstFitUsesPlacesInTheZoneAndNotAbsoluteIndices() {
        var weights = new Weights(0, 0.1, 0);
        // by absolute indices z2's cell would lose by far
        List<Cell> cells = cells(
                cell("a").zone("z1").index(0).available(500, 500, 50),
                cell("b").zone("z2").index(90));

        assertThat(auction(weights, cells, lrp("p", 0, 10))).containsEntry("p.0", "b");
    }

    @Test
    void tasksSpreadByTheirNumberAndIgnoreZones() {
        assertThat(auction(
                        cells(
                                cell("a").runningTasks(1),
                                cell("b").available(200, 200, 20).zone("z2")),
                        task("t", 10)))
                .containsEntry("t", "b");
        assertThat(auction(cells(cell("a"), cell("b")), task("t1", 10), task("t2", 10))
                        .values())
                .containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void firstInstancesComeFirstThenTasksThenTheOthersLargestFirst() {
        List<Cell> cells = cells(cell("a"));

        auction(
                cells,
                lrp("p", 2, 10),
                task("small", 10),
                lrp("p", 1, 10),
                lrp("q", 1, 20),
                task("large", 20),
                lrp("p", 0, 10),
                lrp("q", 0, 20));

        assertThat(cells.getFirst().placed())
                .extracting(Item::key)
                .containsExactly("q.0", "p.0", "large", "small", "q.1", "p.1", "p.2");
    }

    @Test
    void firstInstancesComeBeforeTasksAlsoWhenThereAreNoOthers() {
        List<Cell> cells = cells(cell("a"));

        auction(cells, task("t", 10), lrp("p", 0, 10));

        assertThat(cells.getFirst().placed()).extracting(Item::key).containsExactly("p.0", "t");
    }

    @Test
    void theProxysMemoryCountsInTheFitButIsNotDeducted() {
        assertThat(failureOf(
                        lrp("p", 0, 90),
                        cell("a").total(100, 100, 10).proxyMemory(32).build()))
                .isEqualTo("insufficient resources: memory");
        assertThat(auction(cells(cell("a").total(100, 100, 10).proxyMemory(32)), lrp("p", 0, 34), lrp("q", 0, 34)))
                .hasSize(2);
        assertThat(auction(cells(cell("a").total(100, 100, 10).proxyMemory(32)), task("t", 90)))
                .hasSize(1);
    }

    @Test
    void theInFlightLimitHoldsTheRestBack() {
        var weights = new Weights(0.25, 0, 3);
        auction(weights, cells(cell("a").starting(1), cell("b")), lrp("p", 0, 10), lrp("p", 1, 10), lrp("p", 2, 10));

        assertThat(failures).singleElement().satisfies(failure -> {
            assertThat(failure.item().key()).isEqualTo("p.2");
            assertThat(failure.error().text()).isEqualTo("waiting to start instance: reached in-flight start limit");
        });
        auction(new Weights(0.25, 0, -1), cells(cell("a").starting(1000)), lrp("p", 0, 10));
        assertThat(failures).isEmpty();
    }

    @Test
    void rootFileSystemsAreMatchedByScheme() {
        assertThat(failureOf(
                        lrp("p", 0, 1, "preloaded:other", List.of(), List.of()),
                        cell("a").build()))
                .isEqualTo("found no compatible cell for required rootfs");
        assertThat(failureOf(
                        lrp("p", 0, 1, "docker:///busybox#1", List.of(), List.of()),
                        cell("a").build()))
                .isEqualTo("found no compatible cell for required rootfs");
        assertThat(failureOf(
                        lrp("p", 0, 1, "docker:///busybox#1", List.of(), List.of()),
                        cell("a").docker().build()))
                .isEmpty();
        assertThat(failureOf(
                        lrp("p", 0, 1, "preloaded:cflinuxfs4?layer=x", List.of(), List.of()),
                        cell("a").build()))
                .isEmpty();
        assertThat(failureOf(
                        lrp("p", 0, 1, "not a url", List.of(), List.of()),
                        cell("a").build()))
                .isEqualTo("found no compatible cell for required rootfs");
    }

    @Test
    void volumeDriversHaveToBeThere() {
        Item item = lrp("p", 0, 1, States.ROOT_FS, List.of("nfs", "smb"), List.of());

        assertThat(failureOf(item, cell("a").drivers("nfs").build()))
                .isEqualTo("found no compatible cell with required volume drivers");
        assertThat(failureOf(item, cell("a").drivers("smb", "nfs", "x").build()))
                .isEmpty();
    }

    @Test
    void tagsHaveToMatchBothWays() {
        States gpu = cell("a").tags("gpu").optionalTags("ssd");

        assertThat(failureOf(tagged(), gpu.build())).isEqualTo("found no compatible cell with no placement tags");
        assertThat(failureOf(tagged("gpu"), gpu.build())).isEmpty();
        assertThat(failureOf(tagged("gpu", "ssd"), gpu.build())).isEmpty();
        assertThat(failureOf(tagged("ssd"), gpu.build()))
                .isEqualTo("found no compatible cell with placement tag \"ssd\"");
        assertThat(failureOf(tagged("gpu", "big"), gpu.build()))
                .isEqualTo("found no compatible cell with placement tags \"gpu\" and \"big\"");
        assertThat(failureOf(tagged("a", "b", "c"), gpu.build()))
                .isEqualTo("found no compatible cell with placement tags \"a\", \"b\" and \"c\"");
        assertThat(failureOf(tagged(), cell("a").optionalTags("ssd").build())).isEmpty();
    }

    private static Item tagged(String... tags) {
        return lrp("p", 0, 1, States.ROOT_FS, List.of(), List.of(tags));
    }

    @Test
    void theReasonIsTheOneThatGotFarthest() {
        Item item = lrp("p", 0, 2000, States.ROOT_FS, List.of("nfs"), List.of("gpu"));

        assertThat(failureOf(item)).isEqualTo("unable to communicate to compatible cells");
        assertThat(failureOf(
                        item,
                        cell("a").build(),
                        cell("b").zone("z2").drivers("nfs").build()))
                .isEqualTo("found no compatible cell with placement tag \"gpu\"");
        assertThat(failureOf(
                        item,
                        cell("a").build(),
                        cell("b").drivers("nfs").tags("gpu").build()))
                .isEqualTo("insufficient resources: memory");
    }

    @Test
    void onlyWhatEveryCellLacksIsNamed() {
        assertThat(failureOf(
                        lrp("p", 0, 2000),
                        cell("a").available(0, 0, 0).build(),
                        cell("b").available(0, 1000, 0).zone("z2").build()))
                .isEqualTo("insufficient resources: containers, memory");
        assertThat(failureOf(
                        lrp("p", 0, 500),
                        cell("a").available(0, 1000, 10).build(),
                        cell("b").available(1000, 0, 10).build()))
                .isEqualTo("insufficient resources");
        assertThat(failureOf(task("t", 5000), cell("a").available(10, 1, 0).build()))
                .isEqualTo("insufficient resources: containers, disk, memory");
    }

    @RepeatedTest(100)
    void nothingIsLostPlacedTwiceOrPutWhereItDoesNotFit(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<Cell> cells = new ArrayList<>();
        Map<String, int[]> capacity = new HashMap<>();
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            int[] room = {random.nextInt(500), random.nextInt(500), random.nextInt(12)};
            capacity.put("c" + i, room);
            cells.add(cell("c" + i)
                    .zone("z" + random.nextInt(3))
                    .available(room[0], room[1], room[2])
                    .tags(random.nextInt(4) == 0 ? new String[] {"gpu"} : new String[0])
                    .running("p", random.nextInt(3))
                    .build());
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < random.nextInt(40); i++) {
            items.add(
                    random.nextBoolean()
                            ? task("t" + i, random.nextInt(200))
                            : lrp("p" + random.nextInt(3), 100 + i, random.nextInt(200)));
        }
        List<Auction.Failure> unplaced = new Auction(cells, WEIGHTS).run(items);

        assertThat(Stream.concat(
                        cells.stream().flatMap(one -> one.placed().stream()),
                        unplaced.stream().map(Auction.Failure::item)))
                .containsExactlyInAnyOrderElementsOf(items);
        for (Cell one : cells) {
            int[] room = capacity.get(one.id());
            assertThat(one.placed().stream().mapToInt(Item::memoryMb).sum()).isLessThanOrEqualTo(room[0]);
            assertThat(one.placed().stream().mapToInt(Item::diskMb).sum()).isLessThanOrEqualTo(room[1]);
            assertThat(one.placed()).hasSizeLessThanOrEqualTo(room[2]);
            assertThat(one.placed()).allMatch(item -> one.mismatch(item).isEmpty());
        }
        // What was refused for want of room fits nowhere even now, for room only shrinks.
        for (Auction.Failure failure : unplaced) {
            assertThat(cells)
                    .noneMatch(one -> one.mismatch(failure.item()).isEmpty()
                            && one.lacking(failure.item()).isEmpty());
        }
    }

    @RepeatedTest(20)
    void instancesOfOneProcessSpreadEvenlyOverEqualZones(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition());
        List<Cell> cells = new ArrayList<>();
        int zones = 2 + random.nextInt(3);
        for (int i = 0; i < zones * 2; i++) {
            cells.add(cell("c" + i).zone("z" + i % zones).build());
        }
        int count = 1 + random.nextInt(12);
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(lrp("p", i, 10));
        }
        new Auction(cells, WEIGHTS).run(items);

        Map<String, Integer> byZone = new HashMap<>();
        cells.forEach(one -> byZone.merge(one.zone(), one.placed().size(), Integer::sum));
        int most = byZone.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        int least = byZone.values().stream().mapToInt(Integer::intValue).min().orElseThrow();
        assertThat(most - least).isLessThanOrEqualTo(1);
    }
}
