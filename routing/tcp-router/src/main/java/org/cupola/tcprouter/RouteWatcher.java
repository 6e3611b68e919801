package org.cupola.tcprouter;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.protocol.routing.RouteEvent;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.routing.RoutingEvents;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Listens to the Routing API: its event stream for ever, and a list of all routes after each subscription that cannot say that
 * nothing was missed, and in an interval. Two virtual threads of its own; {@code close} from any.
 */
final class RouteWatcher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RouteWatcher.class);

    /** A stream that ends sooner than this counts as failed, so that a sick API is not hammered. */
    private static final Duration SHORT_STREAM = Duration.ofSeconds(1);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private final RoutingApiClient api;
    private final RouteKeeper keeper;
    private final TcpRouterFlags flags;
    private final ReentrantLock syncs = new ReentrantLock();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("routing-api-sync").factory());
    private final Thread thread = Thread.ofVirtual().name("routing-api-watcher").unstarted(this::run);
    private volatile @Nullable RoutingEvents<TcpRouteMapping> current;
    private volatile boolean closed;

    RouteWatcher(RoutingApiClient api, RouteKeeper keeper, TcpRouterFlags flags) {
        this.api = api;
        this.keeper = keeper;
        this.flags = flags;
    }

    void start() {
        thread.start();
        every(flags.syncInterval(), this::sync);
        every(flags.staleRouteCheckInterval(), keeper::expire);
    }

    private void every(Duration interval, Runnable task) {
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        log.atError().setCause(e).log("periodic-task-failed"); // it must go on
                    }
                },
                interval.toNanos(),
                interval.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void run() {
        String lastEventId = "";
        int failures = 0;
        while (!closed) {
            long began = System.nanoTime();
            try (RoutingEvents<TcpRouteMapping> events = api.tcpRouteEvents(lastEventId)) {
                current = events;
                keeper.apiIsHeard();
                log.atInfo().addKeyValue("resumed", events.resumed()).log("subscribed-to-tcp-routing-events");
                if (!events.resumed()) {
                    lastEventId = "";
                    timer.execute(this::sync);
                }
                lastEventId = readAll(events, lastEventId);
            } catch (RoutingApiException | RuntimeException e) {
                if (!closed) {
                    // The first tells of the outage; the rest would only say so again.
                    log.atLevel(failures == 0 ? Level.ERROR : Level.DEBUG)
                            .addKeyValue("error", e.getMessage())
                            .log("failed-subscribing-to-tcp-routing-events");
                }
            }
            keeper.apiIsSilent();
            failures = System.nanoTime() - began < SHORT_STREAM.toNanos() ? failures + 1 : 0;
            if (!closed && failures > 0) {
                pause(failures);
            }
        }
    }

    private String readAll(RoutingEvents<TcpRouteMapping> events, String lastEventId) throws RoutingApiException {
        String last = lastEventId;
        while (!closed) {
            Optional<RouteEvent<TcpRouteMapping>> next;
            try {
                next = events.next();
            } catch (RoutingApiException e) {
                log.atWarn().addKeyValue("error", e.getMessage()).log("tcp-routing-events-broke");
                return last;
            }
            if (next.isEmpty()) {
                return last;
            }
            keeper.event(next.get());
            last = next.get().id();
        }
        return last;
    }

    /** Short at first, since an API that restarts is back soon. */
    private void pause(int failures) {
        Duration longest = flags.subscriptionRetryInterval();
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 10));
        try {
            Thread.sleep(pause.compareTo(longest) < 0 ? pause : longest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void sync() {
        syncs.lock();
        try {
            keeper.fetchBegins();
            List<TcpRouteMapping> routes = api.tcpRoutes();
            keeper.fetched(routes);
        } catch (RoutingApiException | RuntimeException e) {
            keeper.fetchFailed();
            if (!closed) {
                log.atError().addKeyValue("error", e.getMessage()).log("failed-fetching-routes");
            }
        } finally {
            syncs.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
        RoutingEvents<TcpRouteMapping> open = current;
        if (open != null) {
            open.close();
        }
        thread.interrupt();
    }
}
