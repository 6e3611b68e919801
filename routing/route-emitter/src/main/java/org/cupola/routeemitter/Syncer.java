package org.cupola.routeemitter;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPsRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPsRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches from the BBS, on virtual threads: whole pictures, and single desired LRPs. Any thread. */
final class Syncer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Syncer.class);
    private static final int CONCURRENT_FETCHES = 20;

    private final BbsClient bbs;
    private final String cellId;
    private final EmitterLoop loop;
    private final EmitterMetrics metrics;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("bbs-sync-", 0).factory());
    private final Semaphore fetches = new Semaphore(CONCURRENT_FETCHES);
    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicBoolean again = new AtomicBoolean();

    /** @param cellId empty means all cells */
    Syncer(BbsClient bbs, String cellId, EmitterLoop loop, EmitterMetrics metrics) {
        this.bbs = bbs;
        this.cellId = cellId;
        this.loop = loop;
        this.metrics = metrics;
    }

    /** Starts a sync, unless one runs. */
    void sync(RouteEmitter emitter) {
        if (running.compareAndSet(false, true)) {
            threads.execute(() -> run(emitter));
        }
    }

    /** Starts a sync; while one runs, another follows, since that one may have begun too early. */
    void syncFresh(RouteEmitter emitter) {
        again.set(true);
        sync(emitter);
    }

    /** Answers {@link RouteEmitter#desiredFetched} on the loop, also when nothing could be had. */
    void fetchDesired(String processGuid, RouteEmitter emitter) {
        threads.execute(() -> {
            Optional<Desired> found = Optional.empty();
            try {
                fetches.acquire();
                try {
                    found = desired(List.of(processGuid)).stream().findFirst();
                } catch (BbsException | RuntimeException e) {
                    log.atError()
                            .addKeyValue("process_guid", processGuid)
                            .addKeyValue("error", e.getMessage())
                            .log("failed-to-fetch-desired-lrp");
                } finally {
                    fetches.release();
                }
                Optional<Desired> desired = found;
                loop.run(() -> emitter.desiredFetched(processGuid, desired));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
            }
        });
    }

    private void run(RouteEmitter emitter) {
        try {
            do {
                again.set(false);
                syncOnce(emitter);
            } while (again.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } finally {
            running.set(false);
        }
        if (again.get()) {
            sync(emitter); // asked for between the last look and the end
        }
    }

    private void syncOnce(RouteEmitter emitter) throws InterruptedException {
        long began = System.nanoTime();
        loop.runAndWait(emitter::syncBegins);
        try {
            Sync sync = fetch();
            loop.runAndWait(() -> emitter.syncEnds(sync));
            metrics.syncDurationNanos.set(System.nanoTime() - began);
        } catch (BbsException | RuntimeException e) {
            log.atError().addKeyValue("error", e.getMessage()).log("failed-to-sync");
            loop.runAndWait(emitter::syncFailed);
        }
    }

    private Sync fetch() throws BbsException {
        CompletableFuture<List<String>> domains = CompletableFuture.supplyAsync(this::domains, threads);
        List<ActualLRP> actual = bbs.actual()
                .list(ActualLRPsRequest.newBuilder().setCellId(cellId).build());
        Set<String> asked = cellId.isEmpty() ? null : new TreeSet<>();
        if (asked != null) {
            actual.forEach(lrp -> asked.add(lrp.getActualLrpKey().getProcessGuid()));
        }
        List<Desired> desired =
                asked != null && asked.isEmpty() ? List.of() : desired(asked == null ? List.of() : List.copyOf(asked));
        List<Instance> instances = actual.stream()
                .map(BbsRecords::instance)
                .filter(Instance::takesTraffic)
                .toList();
        return new Sync(desired, instances, asked, Set.copyOf(domains.join()));
    }

    private List<String> domains() {
        try {
            return bbs.domains();
        } catch (BbsException e) {
            throw new CompletionException(e);
        }
    }

    private List<Desired> desired(List<String> processGuids) throws BbsException {
        List<DesiredLRP> found;
        try {
            found = bbs.desired().routingInfos(processGuids);
        } catch (BbsException e) {
            if (!e.isNoSuchRoute()) {
                throw e;
            }
            found = bbs.desired()
                    .list(DesiredLRPsRequest.newBuilder()
                            .addAllProcessGuids(processGuids)
                            .build());
        }
        return found.stream().map(BbsRecords::desired).toList();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
