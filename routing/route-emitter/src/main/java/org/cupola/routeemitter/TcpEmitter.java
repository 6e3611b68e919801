package org.cupola.routeemitter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.routeemitter.Association.Tcp;
import org.cupola.routeemitter.Changes.Batch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries TCP mappings to the Routing API from a thread of its own, so that a slow or absent Routing API delays nobody. What
 * gathers meanwhile is folded together: the newest word on a mapping counts.
 *
 * <p>Mappings that could not be sent come again with the next periodic emission; failed deletions are kept here until
 * then. Guarded by its lock.
 */
final class TcpEmitter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TcpEmitter.class);

    private final RoutingApi api;
    private final EmitterMetrics metrics;
    private final Thread worker;

    @GuardedBy("this")
    private Map<Object, Tcp> upserts = new LinkedHashMap<>();

    @GuardedBy("this")
    private Map<Object, Tcp> deletes = new LinkedHashMap<>();

    @GuardedBy("this")
    private Map<Object, Tcp> failedDeletes = new LinkedHashMap<>();

    @GuardedBy("this")
    private boolean closed;

    /** The two calls that are made; lists are never empty. Blocking. */
    interface RoutingApi {
        /** For an emitter without TCP routes. */
        RoutingApi NONE = new RoutingApi() {
            @Override
            public void upsert(List<Tcp> mappings) {}

            @Override
            public void delete(List<Tcp> mappings) {}
        };

        void upsert(List<Tcp> mappings) throws IOException;

        void delete(List<Tcp> mappings) throws IOException;
    }

    private record Work(List<Tcp> deleteFirst, List<Tcp> upsert, List<Tcp> delete) {}

    TcpEmitter(RoutingApi api, EmitterMetrics metrics) {
        this.api = api;
        this.metrics = metrics;
        this.worker = Thread.ofVirtual().name("tcp-emitter").unstarted(this::run);
    }

    void start() {
        worker.start();
    }

    /** Returns at once. */
    synchronized void submit(Batch<Tcp> batch) {
        if (batch.isEmpty()) {
            return;
        }
        batch.withdrawFirst().forEach(this::delete);
        batch.withdraw().forEach(this::delete);
        for (Tcp mapping : batch.register()) {
            upserts.put(mapping.wireKey(), mapping);
            Tcp deleted = deletes.get(mapping.wireKey());
            if (deleted != null && deleted.leavesTheSameAs(mapping)) {
                deletes.remove(mapping.wireKey());
            }
            failedDeletes.remove(mapping.wireKey());
        }
        notifyAll();
    }

    @GuardedBy("this")
    private void delete(Tcp mapping) {
        upserts.remove(mapping.wireKey());
        deletes.put(mapping.wireKey(), mapping);
    }

    /** Asks once more for the deletions that failed. */
    synchronized void retryDeletions() {
        failedDeletes.forEach(deletes::putIfAbsent);
        failedDeletes = new LinkedHashMap<>();
        notifyAll();
    }

    private void run() {
        try {
            while (true) {
                send(take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private synchronized Work take() throws InterruptedException {
        while (upserts.isEmpty() && deletes.isEmpty()) {
            if (closed) {
                throw new InterruptedException();
            }
            wait();
        }
        List<Tcp> first = new ArrayList<>();
        List<Tcp> last = new ArrayList<>();
        deletes.forEach((key, mapping) -> (upserts.containsKey(key) ? first : last).add(mapping));
        var work = new Work(first, List.copyOf(upserts.values()), last);
        upserts = new LinkedHashMap<>();
        deletes = new LinkedHashMap<>();
        return work;
    }

    private void send(Work work) {
        deleteOrKeep(work.deleteFirst());
        try {
            if (!work.upsert().isEmpty()) {
                api.upsert(work.upsert());
            }
        } catch (IOException e) {
            failed("upsert", work.upsert().size(), e);
        }
        deleteOrKeep(work.delete());
    }

    private void deleteOrKeep(List<Tcp> mappings) {
        try {
            if (!mappings.isEmpty()) {
                api.delete(mappings);
            }
        } catch (IOException e) {
            failed("delete", mappings.size(), e);
            synchronized (this) {
                for (Tcp mapping : mappings) {
                    if (!upserts.containsKey(mapping.wireKey())) {
                        failedDeletes.put(mapping.wireKey(), mapping);
                    }
                }
            }
        }
    }

    private void failed(String action, int mappings, IOException e) {
        metrics.tcpFailures.increment();
        log.atError()
                .addKeyValue("action", action)
                .addKeyValue("mappings", mappings)
                .addKeyValue("error", e.getMessage())
                .log("unable-to-emit-tcp-routes");
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        worker.interrupt();
    }
}
