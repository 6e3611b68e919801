package org.cupola.routeemitter;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.BbsEvents;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the BBS's event stream for ever, subscribing again whenever it ends. Whoever subscribes may have missed events, so
 * each subscription asks for a sync. One virtual thread; {@code close} from any.
 */
final class BbsWatcher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BbsWatcher.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final BbsClient bbs;
    private final String cellId;
    private final EmitterLoop loop;
    private final RouteEmitter emitter;
    private final Runnable onSubscribed;
    private final EmitterMetrics metrics;
    private final Thread thread = Thread.ofVirtual().name("bbs-watcher").unstarted(this::run);
    private volatile @Nullable BbsEvents current;
    private volatile boolean closed;

    BbsWatcher(
            BbsClient bbs,
            String cellId,
            EmitterLoop loop,
            RouteEmitter emitter,
            EmitterMetrics metrics,
            Runnable onSubscribed) {
        this.bbs = bbs;
        this.cellId = cellId;
        this.loop = loop;
        this.emitter = emitter;
        this.metrics = metrics;
        this.onSubscribed = onSubscribed;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                long began = System.nanoTime();
                try (BbsEvents events = bbs.lrpEvents(cellId)) {
                    current = events;
                    if (closed) {
                        return;
                    }
                    log.atInfo().addKeyValue("cell_id", cellId).log("subscribed-to-bbs-events");
                    onSubscribed.run();
                    readAll(events);
                } catch (IOException e) {
                    if (!closed) {
                        log.atError().addKeyValue("error", e.getMessage()).log("bbs-event-stream-failed");
                    }
                }
                metrics.resubscriptions.increment();
                if (!closed && System.nanoTime() - began < PAUSE.toNanos()) {
                    Thread.sleep(PAUSE); // a BBS that ends streams at once must not be hammered
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void readAll(BbsEvents events) throws IOException, InterruptedException {
        while (!closed) {
            Optional<BbsEvent> next;
            try {
                next = events.next();
            } catch (IOException e) {
                if (!(e.getCause() instanceof IllegalArgumentException)) {
                    throw e;
                }
                log.atError().addKeyValue("error", e.getMessage()).log("unrecognized-event");
                continue;
            }
            if (next.isEmpty()) {
                return;
            }
            LrpEvent event = BbsRecords.event(next.get()).orElse(null);
            if (event == null) {
                log.atDebug().addKeyValue("event", next.get().name()).log("ignored-event");
            } else {
                loop.run(() -> emitter.event(event));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        BbsEvents open = current;
        if (open != null) {
            open.close();
        }
        thread.interrupt();
    }
}
