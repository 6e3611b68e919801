package org.cupola.bbs;

import static org.cupola.bbs.Instances.CLAIMED;
import static org.cupola.bbs.Instances.CRASHED;
import static org.cupola.bbs.Instances.RUNNING;
import static org.cupola.bbs.Instances.UNCLAIMED;
import static org.cupola.bbs.Instances.is;
import static org.cupola.bbs.Instances.isPlaced;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.cupola.bbs.DesiredLrpStore.DesiredProcess;
import org.cupola.protocol.bbs.InternalRoutes;
import org.cupola.protocol.bbs.MetricTags;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;

/**
 * What one pass does about the difference between what is and what is wanted: a plan made from one reading of everything, without
 * touching anything. Each step is checked again when it is carried out, on rows that may have moved on.
 *
 * <p>Only a fresh domain, whose owner vouches that its desired LRPs are complete, allows an instance to be stopped.
 */
final class LrpConvergence {
    private static final long STALE_NANOS = Duration.ofSeconds(30).toNanos();

    /**
     * @param domains       the fresh ones
     * @param cells         the ids of those present
     * @param retryUnplaced whether instances that no cell took are asked for again at once, because a cell has come
     * @param now           nanoseconds since 1970
     */
    record Snapshot(
            Collection<DesiredProcess> desired,
            Collection<ActualLRP> actual,
            Set<String> domains,
            Set<String> cells,
            boolean retryUnplaced,
            long now) {}

    /** One thing to do about one index. */
    sealed interface Step {
        ActualLRPKey key();

        /** Waiting for a cell for too long: ask again. */
        record AskAgain(ActualLRPKey key) implements Step {}

        /** Its cell is gone. */
        record LoseCell(ActualLRPKey key, ActualLRPInstanceKey instance) implements Step {}

        /** Wanted, and there is no row. */
        record Create(ActualLRPKey key) implements Step {}

        /** Not wanted, or no more of them. */
        record Retire(ActualLRPKey key) implements Step {}

        /** A suspect that is not wanted, or whose replacement runs. */
        record DropSuspect(ActualLRPKey key, ActualLRPInstanceKey instance) implements Step {}

        /** The cell of a suspect is back. */
        record Recover(ActualLRPKey key, ActualLRPInstanceKey instance) implements Step {}

        /** The backoff after its last crash is over. */
        record Restart(ActualLRPKey key) implements Step {}

        /** An evacuating copy whose cell is gone. */
        record DropEvacuating(ActualLRPKey key, ActualLRPInstanceKey instance) implements Step {}

        /** Runs with other internal routes or metric tags than wanted. */
        record Refresh(ActualLRPKey key, ActualLRP row, DesiredProcess process, boolean routes, boolean tags)
                implements Step {}
    }

    /** @param counts by the original's metric names */
    record Plan(List<Step> steps, Map<String, Integer> counts) {}

    private final Snapshot snapshot;
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Set<String> suspectCells = new HashSet<>();

    private LrpConvergence(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    static Plan plan(Snapshot snapshot) {
        var convergence = new LrpConvergence(snapshot);
        convergence.run();
        return new Plan(List.copyOf(convergence.steps), Map.copyOf(convergence.counts));
    }

    private void run() {
        List.of(
                        "LRPsUnclaimed",
                        "LRPsClaimed",
                        "LRPsRunning",
                        "CrashedActualLRPs",
                        "CrashingDesiredLRPs",
                        "LRPsDesired")
                .forEach(name -> count(name, 0));
        List.of("LRPsMissing", "LRPsExtra", "SuspectRunningActualLRPs", "SuspectClaimedActualLRPs")
                .forEach(name -> count(name, 0));
        Map<String, Map<Integer, IndexRows>> rows = new HashMap<>();
        for (ActualLRP row : snapshot.actual) {
            rows.computeIfAbsent(row.getActualLrpKey().getProcessGuid(), guid -> new TreeMap<>())
                    .merge(
                            row.getActualLrpKey().getIndex(),
                            IndexRows.NONE.with(row),
                            (known, other) -> known.with(row));
            countState(row);
        }
        for (DesiredProcess process : snapshot.desired) {
            Map<Integer, IndexRows> indices = rows.remove(process.guid());
            converge(process, indices == null ? Map.of() : indices);
        }
        rows.values().forEach(indices -> indices.values().forEach(this::orphan));
        count("PresentCells", snapshot.cells.size());
        count("SuspectCells", suspectCells.size());
    }

    private void converge(DesiredProcess process, Map<Integer, IndexRows> indices) {
        int wanted = process.info().getInstances();
        count("LRPsDesired", wanted);
        for (int index = 0; index < wanted; index++) {
            IndexRows rows = indices.get(index);
            if (rows == null || rows.ordinary() == null) {
                steps.add(new Step.Create(Instances.key(process.guid(), index, process.domain())));
                count("LRPsMissing", 1);
            }
        }
        boolean fresh = snapshot.domains.contains(process.domain());
        boolean crashing = false;
        for (IndexRows rows : indices.values()) {
            dropLostEvacuating(rows);
            ActualLRP row = rows.ordinary();
            if (row != null && row.getActualLrpKey().getIndex() >= wanted) {
                extra(row, fresh);
            } else if (row != null) {
                crashing |= is(row, CRASHED);
                ordinary(row, process);
            }
            suspect(rows);
        }
        count("CrashingDesiredLRPs", crashing ? 1 : 0);
    }

    private void extra(ActualLRP row, boolean fresh) {
        if (fresh) {
            steps.add(new Step.Retire(row.getActualLrpKey()));
            count("LRPsExtra", 1);
        }
    }

    private void ordinary(ActualLRP row, DesiredProcess process) {
        ActualLRPKey key = row.getActualLrpKey();
        long age = snapshot.now - row.getSince();
        switch (row.getState()) {
            case UNCLAIMED -> {
                boolean retry =
                        snapshot.retryUnplaced && !row.getPlacementError().isEmpty();
                if (age > STALE_NANOS || retry) {
                    steps.add(new Step.AskAgain(key));
                }
            }
            case CRASHED -> {
                if (CrashPolicy.isDue(row, snapshot.now)) {
                    steps.add(new Step.Restart(key));
                }
            }
            default -> {
                if (!snapshot.cells.contains(row.getActualLrpInstanceKey().getCellId())) {
                    steps.add(new Step.LoseCell(key, row.getActualLrpInstanceKey()));
                } else if (is(row, RUNNING)) {
                    refresh(row, process);
                }
            }
        }
    }

    private void refresh(ActualLRP row, DesiredProcess process) {
        ActualLRPKey key = row.getActualLrpKey();
        boolean routes = !InternalRoutes.of(process.info().getRoutes()).equals(row.getActualLrpInternalRoutesList());
        boolean tags = !row.getMetricTagsMap().isEmpty()
                && !MetricTags.resolve(
                                process.metricTags(),
                                key.getIndex(),
                                row.getActualLrpInstanceKey().getInstanceGuid())
                        .equals(row.getMetricTagsMap());
        if (routes || tags) {
            steps.add(new Step.Refresh(key, row, process, routes, tags));
        }
    }

    private void suspect(IndexRows rows) {
        ActualLRP suspect = rows.suspect();
        if (suspect == null) {
            return;
        }
        ActualLRP ordinary = rows.ordinary();
        boolean replaced = ordinary != null && is(ordinary, RUNNING) && is(suspect, RUNNING);
        if (replaced) {
            steps.add(new Step.DropSuspect(suspect.getActualLrpKey(), suspect.getActualLrpInstanceKey()));
        } else if (snapshot.cells.contains(suspect.getActualLrpInstanceKey().getCellId())) {
            steps.add(new Step.Recover(suspect.getActualLrpKey(), suspect.getActualLrpInstanceKey()));
        }
    }

    private void orphan(IndexRows rows) {
        dropLostEvacuating(rows);
        rows.stream()
                .filter(row -> snapshot.domains.contains(row.getActualLrpKey().getDomain()))
                .forEach(row -> {
                    switch (row.getPresence()) {
                        case ORDINARY, UNRECOGNIZED -> steps.add(new Step.Retire(row.getActualLrpKey()));
                        case SUSPECT ->
                            steps.add(new Step.DropSuspect(row.getActualLrpKey(), row.getActualLrpInstanceKey()));
                        case EVACUATING -> {} // its cell ends it
                    }
                });
    }

    private void dropLostEvacuating(IndexRows rows) {
        ActualLRP row = rows.evacuating();
        if (row != null
                && !snapshot.cells.contains(row.getActualLrpInstanceKey().getCellId())) {
            steps.add(new Step.DropEvacuating(row.getActualLrpKey(), row.getActualLrpInstanceKey()));
        }
    }

    private void countState(ActualLRP row) {
        if (isPlaced(row)
                && !snapshot.cells.contains(row.getActualLrpInstanceKey().getCellId())) {
            suspectCells.add(row.getActualLrpInstanceKey().getCellId());
        }
        switch (row.getPresence()) {
            case ORDINARY ->
                count(
                        switch (row.getState()) {
                            case UNCLAIMED -> "LRPsUnclaimed";
                            case CLAIMED -> "LRPsClaimed";
                            case RUNNING -> "LRPsRunning";
                            default -> "CrashedActualLRPs";
                        },
                        1);
            case SUSPECT -> count(is(row, RUNNING) ? "SuspectRunningActualLRPs" : "SuspectClaimedActualLRPs", 1);
            case EVACUATING, UNRECOGNIZED -> {} // the original has no count for them
        }
    }

    private void count(String name, int more) {
        counts.merge(name, more, Integer::sum);
    }
}
