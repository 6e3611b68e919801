package org.cupola.auctioneer;

import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.protocol.bbs.CellState;
import org.cupola.protocol.bbs.RootFsProvider;

/**
 * A cell within one auction: what it reported, less what was placed on it since. Confined to the auction's thread.
 *
 * <p>The extra memory of a container proxy counts when a place is looked for but is not taken off, as the cells' own accounting expects; a
 * cell checks again before it accepts.
 */
final class Cell {
    private static final double LOCALITY = 1000;

    private final String id;
    private final CellState state;
    private final Map<String, Integer> instances = new HashMap<>();
    private final List<Item> placed = new ArrayList<>();
    private long memoryMb;
    private long diskMb;
    private int containers;
    private int starting;
    private int tasks;

    Cell(String id, CellState state) {
        this.id = id;
        this.state = state;
        this.memoryMb = state.availableResources().memoryMb();
        this.diskMb = state.availableResources().diskMb();
        this.containers = state.availableResources().containers();
        this.starting = state.startingContainerCount();
        this.tasks = state.tasks().size();
        for (CellLrp lrp : state.lrps()) {
            instances.merge(lrp.processGuid(), 1, Integer::sum);
        }
    }

    String id() {
        return id;
    }

    String zone() {
        return state.zone();
    }

    int reportedIndex() {
        return state.cellIndex();
    }

    int reportedStarting() {
        return state.startingContainerCount();
    }

    int instancesOf(String processGuid) {
        return instances.getOrDefault(processGuid, 0);
    }

    /** What was placed here in this auction. */
    List<Item> placed() {
        return placed;
    }

    /** Why this cell could never take the item; empty when it could, given room. */
    Optional<PlacementError> mismatch(Item item) {
        if (!hasRootFs(item.rootFs())) {
            return Optional.of(new PlacementError.RootFs());
        }
        if (!state.volumeDrivers().containsAll(item.volumeDrivers())) {
            return Optional.of(new PlacementError.VolumeDrivers());
        }
        if (!fitsTags(item.placementTags())) {
            return Optional.of(new PlacementError.Tags(item.placementTags()));
        }
        return Optional.empty();
    }

    private boolean hasRootFs(String rootFs) {
        URI uri;
        try {
            uri = URI.create(rootFs);
        } catch (IllegalArgumentException e) {
            return false;
        }
        RootFsProvider provider =
                uri.getScheme() == null ? null : state.rootFsProviders().get(uri.getScheme());
        String opaque = String.valueOf(uri.getSchemeSpecificPart());
        int query = opaque.indexOf('?');
        return provider != null && provider.has(query < 0 ? opaque : opaque.substring(0, query));
    }

    private boolean fitsTags(List<String> wanted) {
        Set<String> allowed = new HashSet<>(state.placementTags());
        allowed.addAll(state.optionalPlacementTags());
        return wanted.containsAll(state.placementTags()) && allowed.containsAll(wanted);
    }

    /** What there is too little of here for the item; empty when it fits. */
    Set<PlacementError.Resource> lacking(Item item) {
        Set<PlacementError.Resource> lacking = EnumSet.noneOf(PlacementError.Resource.class);
        if (containers < 1) {
            lacking.add(PlacementError.Resource.CONTAINERS);
        }
        if (diskMb < item.diskMb()) {
            lacking.add(PlacementError.Resource.DISK);
        }
        if (memoryMb < neededMemory(item)) {
            lacking.add(PlacementError.Resource.MEMORY);
        }
        return lacking;
    }

    private long neededMemory(Item item) {
        return switch (item) {
            case Item.Lrp lrp -> (long) lrp.memoryMb() + state.proxyMemoryAllocationMb();
            case Item.Task task -> task.memoryMb();
        };
    }

    /** How bad a place this is for the item, which fits; the lowest wins. */
    double score(Item item, Weights weights, int indexInZone) {
        double base = usedAfter(item) + weights.startingContainer() * starting;
        return switch (item) {
            case Item.Lrp lrp ->
                base + LOCALITY * instancesOf(lrp.lrp().processGuid()) + weights.firstFit() * indexInZone;
            case Item.Task task -> base + LOCALITY * tasks;
        };
    }

    private double usedAfter(Item item) {
        CellResources total = state.totalResources();
        return (used(memoryMb - neededMemory(item), total.memoryMb())
                        + used(diskMb - item.diskMb(), total.diskMb())
                        + used(containers - 1, total.containers()))
                / 3;
    }

    private static double used(long remaining, long total) {
        return total <= 0 ? 1 : 1 - (double) remaining / total;
    }

    void place(Item item) {
        memoryMb -= item.memoryMb();
        diskMb -= item.diskMb();
        containers--;
        starting++;
        placed.add(item);
        switch (item) {
            case Item.Lrp lrp -> instances.merge(lrp.lrp().processGuid(), 1, Integer::sum);
            case Item.Task task -> tasks++;
        }
    }
}
