package org.cupola.rep;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.Containers;
import org.cupola.rep.executor.Work;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the BBS and the cell's containers in step: reacts to each change of a container at once, and goes through everything in
 * a pass at each interval, to find what a reaction missed. The passes run on a virtual thread of its own; any thread may report
 * a change.
 */
final class Harmonizer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Harmonizer.class);

    private final Bbs bbs;
    private final Containers containers;
    private final OrdinaryLrps ordinary;
    private final EvacuatingLrps evacuating;
    private final Tasks tasks;
    private final Residues residues;
    private final BooleanSupplier isEvacuating;
    private final Duration interval;
    private final Duration evacuationInterval;
    private final OperationQueue operations = new OperationQueue();
    private final AtomicLong lastPassNanos = new AtomicLong();
    private final Thread passes = Thread.ofVirtual().name("bulk-pass").unstarted(this::run);
    private final Object wake = new Object();
    private boolean wanted;
    private boolean first = true;

    Harmonizer(
            Bbs bbs,
            Containers containers,
            CellIdentity cell,
            BooleanSupplier isEvacuating,
            Duration interval,
            Duration evacuationInterval) {
        var requests = new RunRequests();
        this.bbs = bbs;
        this.containers = containers;
        this.ordinary = new OrdinaryLrps(bbs, containers, cell, requests);
        this.evacuating = new EvacuatingLrps(bbs, containers, cell);
        this.tasks = new Tasks(bbs, containers, requests);
        this.residues = new Residues(bbs, containers);
        this.isEvacuating = isEvacuating;
        this.interval = interval;
        this.evacuationInterval = evacuationInterval;
    }

    /** The first pass begins at once. */
    void start() {
        passes.start();
    }

    /** A container has changed. */
    void changed(CellContainer container) {
        operations.push(container.guid(), () -> process(container.guid()));
    }

    /** Begins a pass now. */
    void passNow() {
        synchronized (wake) {
            wanted = true;
            wake.notifyAll();
        }
    }

    /** How long the last pass took; 0 before the first. */
    long lastPassNanos() {
        return lastPassNanos.get();
    }

    /** The container may have gone on since the change was reported: what it is now counts. */
    private Outcome process(String guid) throws Exception {
        var found = containers.find(guid);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        CellContainer container = found.get();
        return switch (container.work()) {
            case Work.Task task -> tasks.process(container);
            case Work.Lrp lrp ->
                isEvacuating.getAsBoolean()
                        ? evacuating.process(container, lrp.lrp())
                        : ordinary.process(container, lrp.lrp());
        };
    }

    private void run() {
        try {
            while (true) {
                long start = System.nanoTime();
                if (pass(first)) {
                    first = false;
                    lastPassNanos.set(System.nanoTime() - start);
                }
                awaitNext();
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private void awaitNext() throws InterruptedException {
        Duration pause = isEvacuating.getAsBoolean() ? evacuationInterval : interval;
        if (first) {
            pause = Duration.ofSeconds(1); // the BBS was away; what it knows of an earlier run must not wait long
        }
        long deadline = System.nanoTime() + pause.toNanos();
        synchronized (wake) {
            while (!wanted) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    break;
                }
                wake.wait(left);
            }
            wanted = false;
        }
    }

    /** @return whether it could be made */
    private boolean pass(boolean afterStart) {
        List<ActualLRP> lrps;
        List<Task> bbsTasks;
        try {
            lrps = bbs.actualLrps();
            bbsTasks = bbs.tasks();
        } catch (BbsException e) {
            log.atWarn().addKeyValue("reason", e.getMessage()).log("bulk-pass-not-made");
            return false;
        }
        Set<String> present = new HashSet<>();
        for (CellContainer container : containers.containers()) {
            present.add(container.guid());
            changed(container);
        }
        for (ActualLRP lrp : lrps) {
            String guid = lrp.getActualLrpInstanceKey().getInstanceGuid();
            if (!present.contains(guid)) {
                operations.push(guid, () -> residues.process(lrp, afterStart));
            }
        }
        for (Task task : bbsTasks) {
            if (!present.contains(task.getTaskGuid())) {
                operations.push(task.getTaskGuid(), () -> residues.process(task));
            }
        }
        return true;
    }

    @Override
    public void close() {
        passes.interrupt();
        operations.close();
    }
}
