package org.cupola.bbs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.cupola.bbs.DesiredLrpStore.DesiredProcess;
import org.cupola.bbs.LrpConvergence.Plan;
import org.cupola.bbs.LrpConvergence.Snapshot;
import org.cupola.bbs.LrpConvergence.Step;
import org.cupola.protocol.bbs.InternalRoutes;
import org.cupola.protocol.bbs.MetricTags;
import org.cupola.protocol.bbs.proto.Error;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One pass of LRP convergence: reads everything, plans, carries the steps out, asks the auctioneer once. Blocking. */
final class LrpConverger {
    private static final Logger log = LoggerFactory.getLogger(LrpConverger.class);
    private static final String NO_TRACE = "";

    private final Stores stores;
    private final InstanceWriter writer;
    private final ActualLrpController actual;
    private final Auctions auctions;
    private final Reps reps;
    private final BbsMetrics metrics;
    private final int workers;

    LrpConverger(
            Stores stores,
            InstanceWriter writer,
            ActualLrpController actual,
            Auctions auctions,
            Reps reps,
            BbsMetrics metrics,
            int workers) {
        this.stores = stores;
        this.writer = writer;
        this.actual = actual;
        this.auctions = auctions;
        this.reps = reps;
        this.metrics = metrics;
        this.workers = workers;
    }

    /**
     * @param cells         the ids of those present
     * @param retryUnplaced whether instances that no cell took are asked for again at once
     */
    void converge(Set<String> cells, boolean retryUnplaced) {
        long start = System.nanoTime();
        long now = stores.now();
        stores.database().writeVoid(dsl -> stores.domains().deleteExpired(dsl, now));
        List<String> domains = stores.database().read(dsl -> stores.domains().fresh(dsl, now));
        List<DesiredProcess> desired =
                stores.database().read(dsl -> stores.desired().processes(dsl));
        Plan plan = LrpConvergence.plan(new Snapshot(
                desired,
                stores.database().read(dsl -> stores.actual().all(dsl)),
                Set.copyOf(domains),
                cells,
                retryUnplaced,
                now));
        Map<String, DesiredProcess> byGuid = new HashMap<>();
        desired.forEach(process -> byGuid.put(process.guid(), process));
        var batch = new Auctions.Batch();
        carryOut(plan.steps(), byGuid, batch);
        metrics.lrpsConverged(Duration.ofNanos(System.nanoTime() - start), plan.counts(), domains);
        auctions.requestLrps(batch.requests(), NO_TRACE);
    }

    private void carryOut(List<Step> steps, Map<String, DesiredProcess> desired, Auctions.Batch batch) {
        if (steps.isEmpty()) {
            return;
        }
        log.atInfo().addKeyValue("steps", steps.size()).log("converging");
        try (ExecutorService pool = Executors.newFixedThreadPool(
                Math.min(workers, steps.size()), Thread.ofVirtual().factory())) {
            List<Future<?>> results = new ArrayList<>();
            for (Step step : steps) {
                results.add(pool.submit((Callable<Void>) () -> {
                    carryOut(step, desired, batch);
                    return null;
                }));
            }
            for (int i = 0; i < results.size(); i++) {
                try {
                    results.get(i).get();
                } catch (ExecutionException e) {
                    // An instance that went while the pass ran needs nothing any more; of all else the next pass sees
                    // more.
                    boolean gone = e.getCause() instanceof Refusal refusal && refusal.is(Error.Type.ResourceNotFound);
                    log.atLevel(gone ? Level.DEBUG : Level.ERROR)
                            .addKeyValue("step", steps.get(i).getClass().getSimpleName())
                            .addKeyValue("process_guid", steps.get(i).key().getProcessGuid())
                            .addKeyValue("index", steps.get(i).key().getIndex())
                            .addKeyValue("error", String.valueOf(e.getCause()))
                            .log("failed-to-converge");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void carryOut(Step step, Map<String, DesiredProcess> desired, Auctions.Batch batch) {
        Moment moment = stores.moment();
        switch (step) {
            case Step.AskAgain ask -> apply(step, desired, batch, ConvergenceTransitions::askAgain);
            case Step.Create create ->
                apply(step, desired, batch, rows -> ConvergenceTransitions.create(rows, create, moment));
            case Step.LoseCell lose ->
                apply(step, desired, batch, rows -> ConvergenceTransitions.loseCell(rows, lose, moment));
            case Step.Restart restart ->
                apply(step, desired, batch, rows -> ConvergenceTransitions.restart(rows, moment));
            case Step.DropSuspect drop ->
                apply(step, desired, batch, rows -> ConvergenceTransitions.dropSuspect(rows, drop));
            case Step.DropEvacuating drop ->
                apply(step, desired, batch, rows -> ConvergenceTransitions.dropEvacuating(rows, drop));
            case Step.Recover recover ->
                apply(step, desired, batch, rows -> ConvergenceTransitions.recover(rows, recover));
            case Step.Retire retire -> actual.retire(retire.key(), NO_TRACE);
            case Step.Refresh refresh -> refresh(refresh);
        }
    }

    private void apply(
            Step step,
            Map<String, DesiredProcess> desired,
            Auctions.Batch batch,
            Function<IndexRows, Change> transition) {
        String guid = step.key().getProcessGuid();
        Change change = writer.apply(guid, step.key().getIndex(), NO_TRACE, transition);
        DesiredProcess process = desired.get(guid);
        if (change.auction() && process != null) {
            batch.add(process.info(), step.key().getIndex());
        }
    }

    private void refresh(Step.Refresh refresh) {
        var row = refresh.row();
        var process = refresh.process();
        reps.updateLater(
                row.getActualLrpInstanceKey().getCellId(),
                DesiredLrpController.lrpUpdate(
                        row,
                        refresh.routes() ? InternalRoutes.of(process.info().getRoutes()) : null,
                        refresh.tags()
                                ? MetricTags.resolve(
                                        process.metricTags(),
                                        refresh.key().getIndex(),
                                        row.getActualLrpInstanceKey().getInstanceGuid())
                                : null),
                NO_TRACE);
    }
}
