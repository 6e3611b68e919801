package org.cupola.rep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.CellState;
import org.cupola.protocol.bbs.CellTask;
import org.cupola.protocol.bbs.CellWork;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.Executor;
import org.cupola.rep.executor.ExecutorException;
import org.cupola.rep.executor.RunResult;
import org.cupola.rep.executor.Work;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cell as the auctioneer sees it: what it has, and what it takes. Any thread. */
final class AuctionCell {
    private static final Logger log = LoggerFactory.getLogger(AuctionCell.class);

    private final Supplier<CellDescription> described;
    private final Executor executor;
    private final BooleanSupplier isEvacuating;
    private final Supplier<String> newGuid;

    /**
     * @param described what the cell is, known once it listens
     * @param newGuid   makes instance guids
     */
    AuctionCell(
            Supplier<CellDescription> described,
            Executor executor,
            BooleanSupplier isEvacuating,
            Supplier<String> newGuid) {
        this.described = described;
        this.executor = executor;
        this.isEvacuating = isEvacuating;
        this.newGuid = newGuid;
    }

    boolean healthy() {
        return executor.healthy();
    }

    CellState state() {
        CellDescription description = described.get();
        List<CellLrp> lrps = new ArrayList<>();
        List<CellTask> tasks = new ArrayList<>();
        int starting = 0;
        for (CellContainer container : executor.containers()) {
            starting += container.state().isStarting() ? 1 : 0;
            switch (container.work()) {
                case Work.Lrp lrp -> lrps.add(withState(lrp.lrp(), lrpState(container)));
                case Work.Task task -> tasks.add(withState(task.task(), container));
            }
        }
        return new CellState(
                description.repUrl(),
                description.cellId(),
                description.index(),
                description.rootFsProviders(),
                executor.remaining(),
                executor.total(),
                lrps,
                tasks,
                starting,
                description.zone(),
                isEvacuating.getAsBoolean(),
                List.of(),
                description.placementTags(),
                description.optionalPlacementTags(),
                0);
    }

    private static String lrpState(CellContainer container) {
        RunResult result = container.result();
        return switch (container.state()) {
            case RESERVED, INITIALIZING, CREATED -> "CLAIMED";
            case RUNNING -> "RUNNING";
            case COMPLETED -> result != null && result.failed() ? "CRASHED" : "SHUTDOWN";
        };
    }

    private static CellLrp withState(CellLrp lrp, String state) {
        return new CellLrp(
                lrp.instanceGuid(),
                lrp.processGuid(),
                lrp.index(),
                lrp.domain(),
                lrp.placementTags(),
                lrp.volumeDrivers(),
                lrp.rootFs(),
                lrp.memoryMb(),
                lrp.diskMb(),
                lrp.maxPids(),
                state);
    }

    private static CellTask withState(CellTask task, CellContainer container) {
        RunResult result = container.result();
        return new CellTask(
                task.taskGuid(),
                task.domain(),
                task.placementTags(),
                task.volumeDrivers(),
                task.rootFs(),
                task.memoryMb(),
                task.diskMb(),
                task.maxPids(),
                container.state() == ContainerState.COMPLETED ? "Completed" : "Running",
                result != null && result.failed());
    }

    /**
     * Sets a container aside for each thing the cell can take, large instances first, and returns the rest as it came.
     *
     * @throws IllegalArgumentException when the work is meant for another cell
     */
    CellWork perform(CellWork work) {
        CellDescription description = described.get();
        if (work.cellId() != null && !work.cellId().isEmpty() && !work.cellId().equals(description.cellId())) {
            throw new IllegalArgumentException(
                    "cell_id: " + work.cellId() + " (expected: " + description.cellId() + ")");
        }
        if (isEvacuating.getAsBoolean()) {
            return work;
        }
        List<CellLrp> refusedLrps = new ArrayList<>();
        List<CellTask> refusedTasks = new ArrayList<>();
        work.lrps().stream()
                .sorted(Comparator.comparingInt(CellLrp::memoryMb).reversed())
                .forEach(lrp -> {
                    if (!accept(description, new Work.Lrp(withGuid(lrp)))) {
                        refusedLrps.add(lrp);
                    }
                });
        for (CellTask task : work.tasks()) {
            if (!accept(description, new Work.Task(task))) {
                refusedTasks.add(task);
            }
        }
        return new CellWork(refusedLrps, refusedTasks, work.cellId());
    }

    private CellLrp withGuid(CellLrp lrp) {
        return new CellLrp(
                newGuid.get(),
                lrp.processGuid(),
                lrp.index(),
                lrp.domain(),
                lrp.placementTags(),
                lrp.volumeDrivers(),
                lrp.rootFs(),
                lrp.memoryMb(),
                lrp.diskMb(),
                lrp.maxPids(),
                lrp.state());
    }

    private boolean accept(CellDescription description, Work work) {
        String refusal = "unknown root file system " + work.rootFs();
        if (description.has(work.rootFs())) {
            try {
                executor.reserve(work);
                return true;
            } catch (ExecutorException e) {
                refusal = String.valueOf(e.getMessage());
            }
        }
        log.atWarn()
                .addKeyValue("guid", work.guid())
                .addKeyValue("reason", refusal)
                .log("work-refused");
        return false;
    }
}
