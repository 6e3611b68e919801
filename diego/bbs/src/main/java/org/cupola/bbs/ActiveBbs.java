package org.cupola.bbs;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.protocol.bbs.AuctioneerClient;

/** What only the BBS that holds the lock has: controllers, convergence and the API, wired by hand. */
final class ActiveBbs {
    private static final long MAX_REQUEST_BYTES = 64L << 20;

    private final Stores stores;
    private final Cells cells;
    private final BbsMetrics metrics;
    private final Events events = new Events();
    private final ActualLrpController actual;
    private final DesiredLrpController desired;
    private final EvacuationController evacuation;
    private final TaskController tasks;
    private final ConvergenceLoop convergence;

    /** Takes over what must be closed. */
    interface Opened {
        <T extends AutoCloseable> T add(T part) throws Exception;
    }

    ActiveBbs(BbsConfig config, Stores stores, Cells cells, BbsMetrics metrics, ClientPool clients, Opened opened)
            throws Exception {
        this.stores = stores;
        this.cells = cells;
        this.metrics = metrics;
        Background requests = opened.add(new Background("request", config.updateWorkers()));
        Background callbackWorkers = opened.add(new Background("callback", config.taskCallbackWorkers()));
        var auctions = new Auctions(
                new AuctioneerClient(
                        clients.of(config.auctioneerTls()), config.auctioneerAddress(), config.communicationTimeout()),
                requests);
        var reps = new Reps(cells, clients.of(config.repTls()), config.communicationTimeout(), requests);
        var callbacks = new TaskCallbacks(clients.of(config.tls()), config.communicationTimeout(), callbackWorkers);
        var locks = new ProcessLocks();
        var writer = new InstanceWriter(stores, locks, events);
        var loop = new AtomicReference<ConvergenceLoop>();
        Runnable trigger = () -> {
            ConvergenceLoop running = loop.get();
            if (running != null) {
                running.trigger();
            }
        };
        actual = new ActualLrpController(stores, writer, events, reps, auctions, trigger);
        desired = new DesiredLrpController(stores, locks, events, actual, auctions, reps);
        evacuation = new EvacuationController(stores, writer, actual);
        tasks = new TaskController(stores, locks, events, auctions, reps, callbacks, metrics, config.maxTaskRetries());
        convergence = new ConvergenceLoop(
                cells,
                new LrpConverger(stores, writer, actual, auctions, reps, metrics, config.convergenceWorkers()),
                new TaskConverger(stores, tasks, callbacks, auctions, metrics, config.taskDurations()),
                config.convergeRepeatInterval());
        loop.set(convergence);
    }

    HttpServer apiServer(HttpListener listener, AccessLog accessLog, Consumer<Exception> onFailure) {
        return new HttpServer("bbs", listener, builder -> {
            builder.maxRequestLength(MAX_REQUEST_BYTES);
            var routes = new RpcRoutes(
                    builder,
                    metrics,
                    accessLog,
                    () -> onFailure.accept(new IllegalStateException("the database has lost a table")));
            new PlatformRoutes(stores, cells).register(routes);
            new DesiredLrpRoutes(stores, desired).register(routes);
            new LrpRoutes(stores, actual).register(routes);
            new EvacuationRoutes(evacuation).register(routes);
            new TaskRoutes(stores, tasks).register(routes);
            new StreamRoutes(builder, events, metrics).register();
        });
    }

    Events events() {
        return events;
    }

    ConvergenceLoop convergence() {
        return convergence;
    }
}
