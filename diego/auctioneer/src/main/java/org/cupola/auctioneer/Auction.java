package org.cupola.auctioneer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One auction: places items on cells, one after the other, each where it does least harm.
 *
 * <p>An instance goes to the zone that holds the fewest of its process, and there to the cell with the lowest score; zones that hold equally
 * many compete. Same-process neighbours outweigh everything else in the score, then the used fractions of memory, disk and
 * containers, shifted by containers that are being started. A task has no zone and avoids cells with other tasks.
 *
 * <p>No I/O, no clock, no randomness: the same input gives the same placements; of equal cells the first wins. Used once, by one
 * thread.
 */
final class Auction {
    /** First every process' first instance and all tasks, so that a large process does not starve the others. */
    private static final Comparator<Item> ORDER = Comparator.comparingInt(Auction::turn)
            .thenComparing(Comparator.comparingInt(Item::memoryMb).reversed());

    private final List<Cell> cells;
    private final Map<String, List<Cell>> zones = new TreeMap<>();
    private final Weights weights;
    private final List<Failure> failures = new ArrayList<>();
    private int starting;

    Auction(List<Cell> cells, Weights weights) {
        this.cells = List.copyOf(cells);
        this.weights = weights;
        for (Cell cell : cells) {
            zones.computeIfAbsent(cell.zone(), zone -> new ArrayList<>()).add(cell);
            starting += cell.reportedStarting();
        }
        if (weights.firstFit() > 0) {
            zones.values().forEach(zone -> zone.sort(Comparator.comparingInt(Cell::reportedIndex)));
        }
    }

    /** What found no place. */
    record Failure(Item item, PlacementError error) {}

    /** Places what can be placed ({@link Cell#placed}) and returns the rest. */
    List<Failure> run(List<Item> items) {
        for (Item item : items.stream().sorted(ORDER).toList()) {
            Optional<PlacementError> error = place(item);
            error.ifPresent(reason -> failures.add(new Failure(item, reason)));
        }
        return List.copyOf(failures);
    }

    private static int turn(Item item) {
        return switch (item) {
            case Item.Lrp lrp when lrp.lrp().index() == 0 -> 0;
            case Item.Task task -> 1;
            case Item.Lrp lrp -> 1 + Math.max(1, lrp.lrp().index());
        };
    }

    private Optional<PlacementError> place(Item item) {
        int limit = weights.maxStartingContainers();
        if (limit > 0 && starting >= limit) {
            return Optional.of(new PlacementError.InFlight());
        }
        if (cells.isEmpty()) {
            return Optional.of(new PlacementError.NoCells());
        }
        var search = new Search(item);
        switch (item) {
            case Item.Task task -> search.consider(cells);
            case Item.Lrp lrp -> searchZones(search, lrp.lrp().processGuid());
        }
        if (search.winner == null) {
            return Optional.of(search.error());
        }
        search.winner.place(item);
        starting++;
        return Optional.empty();
    }

    /** From the emptiest zones on, until one group of equally filled zones has a place. */
    private void searchZones(Search search, String processGuid) {
        record Zone(List<Cell> cells, int instances) {}
        List<Zone> byInstances = zones.values().stream()
                .map(zone -> new Zone(
                        zone,
                        zone.stream()
                                .mapToInt(cell -> cell.instancesOf(processGuid))
                                .sum()))
                .sorted(Comparator.comparingInt(Zone::instances))
                .toList();
        int group = -1;
        for (Zone zone : byInstances) {
            boolean fits = search.wouldFit(zone.cells());
            if (fits && zone.instances() != group && search.winner != null) {
                return;
            }
            if (fits) {
                group = zone.instances();
            }
            search.consider(zone.cells());
        }
    }

    /** The search of a place for one item. */
    private final class Search {
        private final Item item;
        private @Nullable Cell winner;
        private double lowest;
        private @Nullable PlacementError mismatch;
        private @Nullable Set<PlacementError.Resource> lackingEverywhere;

        Search(Item item) {
            this.item = item;
        }

        boolean wouldFit(List<Cell> zone) {
            return zone.stream().anyMatch(cell -> cell.mismatch(item).isEmpty());
        }

        void consider(List<Cell> candidates) {
            int position = 0;
            for (Cell cell : candidates) {
                int index = weights.firstFit() > 0 ? position++ : cell.reportedIndex();
                Optional<PlacementError> misfit = cell.mismatch(item);
                if (misfit.isPresent()) {
                    note(misfit.get());
                    continue;
                }
                Set<PlacementError.Resource> lacking = cell.lacking(item);
                if (!lacking.isEmpty()) {
                    note(lacking);
                    continue;
                }
                double score = cell.score(item, weights, index);
                if (winner == null || score < lowest) {
                    winner = cell;
                    lowest = score;
                }
            }
        }

        private void note(PlacementError misfit) {
            if (mismatch == null || misfit.reach() > mismatch.reach()) {
                mismatch = misfit;
            }
        }

        private void note(Set<PlacementError.Resource> lacking) {
            if (lackingEverywhere == null) {
                lackingEverywhere = EnumSet.copyOf(lacking);
            } else {
                lackingEverywhere.retainAll(lacking);
            }
        }

        PlacementError error() {
            if (lackingEverywhere != null) {
                return new PlacementError.Resources(lackingEverywhere);
            }
            return mismatch == null ? new PlacementError.NoCells() : mismatch;
        }
    }

    /** Everything placed, by cell, cells without anything left out. */
    Stream<Cell> busyCells() {
        return cells.stream().filter(cell -> !cell.placed().isEmpty());
    }
}
