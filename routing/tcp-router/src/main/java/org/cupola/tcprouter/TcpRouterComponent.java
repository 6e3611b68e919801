package org.cupola.tcprouter;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.ReplaceableTls;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.net.TakeOver;
import org.cupola.platform.tls.Pem;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaConnection;
import org.cupola.protocol.uaa.UaaException;
import org.cupola.tcprouter.TcpRouterConfig.HealthListener;
import org.cupola.tcprouter.TcpRouterConfig.OAuth;
import org.cupola.tcprouter.TcpRouterConfig.RoutingApi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TCP router as a component. {@code start} returns when the health listeners are open and the Routing API is being
 * listened to; the API may come later. {@code drain} is what the original does on SIGUSR2; {@code close} stops at once, but for
 * the time that open connections are given.
 */
public final class TcpRouterComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(TcpRouterComponent.class);
    private static final Duration API_TIMEOUT = Duration.ofSeconds(30);
    private static final int PORT_CHECK_ATTEMPTS = 3;

    private final TcpRouterConfig config;
    private final InstantSource clock;
    private final @Nullable InetSocketAddress debugAddress;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final ReentrantLock drains = new ReentrantLock();
    private volatile @Nullable DataPlane dataPlane;
    private volatile @Nullable HealthListeners health;
    private volatile @Nullable Path configFile;
    private volatile @Nullable Reloading reloading;
    private @Nullable DebugServer debugServer;
    private volatile boolean draining;
    private boolean closed;

    /** Without a debug server. */
    public TcpRouterComponent(TcpRouterConfig config, InstantSource clock) {
        this(config, clock, null);
    }

    /** @param debugAddress of the debug server, which has {@code /metrics} and {@code /routes} too; absent for none */
    public TcpRouterComponent(TcpRouterConfig config, InstantSource clock, @Nullable InetSocketAddress debugAddress) {
        this.config = config;
        this.clock = clock;
        this.debugAddress = debugAddress;
    }

    /**
     * Where the configuration came from, so that its certificates can be read again: on {@link #reload}, and when they
     * change. To be called before the start.
     */
    public void cameFrom(Path file) {
        configFile = file;
    }

    @Override
    public String name() {
        return "tcp-router";
    }

    /** Ports of the health listeners, in the order of the configuration. */
    public List<Integer> healthPorts() {
        HealthListeners listening = health;
        return listening == null ? List.of() : listening.ports();
    }

    /** How many external ports accept connections now. */
    public int openPorts() {
        DataPlane plane = dataPlane;
        return plane == null
                ? 0
                : Math.toIntExact(plane.ports().values().stream()
                        .filter(PortListener::isListening)
                        .count());
    }

    /** Port of the debug server. */
    public synchronized int debugPort() {
        DebugServer server = debugServer;
        if (server == null) {
            throw new IllegalStateException("no debug server");
        }
        return server.port();
    }

    @Override
    public synchronized void start() throws Exception {
        try {
            TokenSource tokens = tokens();
            RoutingApi routingApi = config.routingApi();
            var apiTls = new ReplaceableTls(routingApi.identity(), routingApi.authorities());
            HttpClients clients = keep(HttpClients.create(apiTls));
            var api = new RoutingApiClient(routingApi.uri(), clients, tokens, API_TIMEOUT);
            checkPorts(api);
            DataPlane plane = keep(new DataPlane(
                    config.dataPlane(),
                    config.transport(),
                    new FrontendTls(config.frontendIdentities()),
                    Reloading.backendTls(config)));
            dataPlane = plane;
            var listening = keep(new HealthListeners(config.transport(), plane.takeOver(), () -> draining));
            health = listening;
            for (HealthListener listener : config.healthListeners()) {
                listening.start(listener);
            }
            if (debugAddress != null) {
                DebugServer server = keep(new DebugServer(name(), debugAddress, new Monitoring(plane)::addTo));
                server.start();
                debugServer = server;
            }
            if (config.flags().dropsondePort() > 0) {
                keep(new MetricsReporter(plane, clock, config.flags().dropsondePort()))
                        .start(config.flags().statsCollectionInterval());
            }
            var keeper = new RouteKeeper(
                    new RouteTable(config.flags().defaultRouteExpiry()),
                    new RouteCompiler(
                            config.backendTls() != null,
                            config.balancing().otherwise(),
                            config.balancing().byPort()),
                    plane,
                    new RouteKeeper.Filter(config.servedSegments(), config.servedRouterGroups()),
                    clock);
            keep(new RouteWatcher(api, keeper, config.flags())).start();
            Path file = configFile;
            if (file != null) {
                var again = new Reloading(file, config, plane, apiTls, listening);
                reloading = again;
                keep(again::close);
                again.watch(plane.timer());
            }
        } catch (Exception e) {
            close();
            throw e;
        }
        log.atInfo()
                .addKeyValue(
                        "listen_address", config.dataPlane().listenAddress().getHostAddress())
                .addKeyValue("isolation_segments", config.isolationSegments())
                .log("started");
    }

    /**
     * Reads certificates, keys and authorities again; open connections keep theirs. Nothing else is taken over.
     *
     * @return false when there is nothing to read, or it was refused, which is logged
     */
    public boolean reload() {
        Reloading present = reloading;
        return present != null && present.reload();
    }

    private <T extends AutoCloseable> T keep(T resource) {
        running.push(resource);
        return resource;
    }

    /** As the original does, this asks for the keys only to learn that the UAA is there. */
    private TokenSource tokens() throws UaaException {
        OAuth oauth = config.oauth();
        if (oauth == null) {
            return TokenSource.NONE;
        }
        Path ca = oauth.caCerts();
        HttpClients clients = keep(
                oauth.skipSslValidation()
                        ? HttpClients.trustingAnyone(null)
                        : HttpClients.create(null, ca == null ? List.of() : Pem.certificates(ca)));
        var uaa = new UaaConnection(oauth.uaa(), clients, API_TIMEOUT);
        uaa.tokenKeys();
        TcpRouterFlags flags = config.flags();
        return new TokenClient(
                uaa,
                oauth.clientName(),
                oauth.clientSecret(),
                new TokenClient.Settings(
                        flags.tokenExpirationBuffer(),
                        flags.tokenFetchMaxRetries() + 1,
                        flags.tokenFetchRetryInterval()),
                clock);
    }

    private void checkPorts(RoutingApiClient api) {
        if (config.reservedPorts().isEmpty()) {
            return;
        }
        for (int attempt = 1; attempt <= PORT_CHECK_ATTEMPTS; attempt++) {
            List<RouterGroup> groups;
            try {
                groups = api.routerGroups();
            } catch (RoutingApiException e) {
                log.atError()
                        .addKeyValue("error", "router-group-port-checker-error: " + e.getMessage())
                        .log("router-group-port-checker-error");
                continue;
            }
            judge(PortConflicts.find(groups, config.reservedPorts()));
            return;
        }
    }

    private void judge(List<String> conflicts) {
        if (conflicts.isEmpty()) {
            log.atInfo().log("router-group-port-checker-success: No conflicting router group ports.");
            return;
        }
        String all = String.join("; ", conflicts);
        if (config.flags().routingGroupCheckExit()) {
            throw new IllegalStateException("router-group-port-checker-failure: Exiting now. " + all);
        }
        log.atWarn().addKeyValue("conflicts", all).log("router-group-port-checker-failure: WARNING!");
    }

    /**
     * Answers health checks with 503, goes on accepting for the configured wait, then stops listening and waits for open
     * connections as long as configured. Where another process shares our ports, new connections go to that one at once, and
     * the wait is long enough for those that were on their way to us. Returns when that is over, also to whoever asks again
     * meanwhile; {@code close} is still the caller's to call.
     */
    public void drain() throws InterruptedException {
        drains.lockInterruptibly();
        try {
            if (!draining) {
                log.atInfo().log("drain-requested");
                long began = System.nanoTime();
                giveWay();
                TimeUnit.NANOSECONDS.sleep(config.drainWait().toNanos() - (System.nanoTime() - began));
                finishConnections();
            }
        } finally {
            drains.unlock();
        }
    }

    /** Whoever takes our place answers health checks before we refuse them. */
    private void giveWay() throws InterruptedException {
        DataPlane plane = dataPlane;
        boolean shared = plane != null && plane.takeOver().giveWay();
        draining = true;
        if (shared) {
            TakeOver.settle();
        }
    }

    private void finishConnections() throws InterruptedException {
        DataPlane plane = dataPlane;
        if (plane != null) {
            plane.stopListening();
            HealthListeners listening = health;
            if (listening != null) {
                listening.close(); // health checks are the business of one that took our place
            }
            plane.awaitConnections(config.connectionDrain());
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!draining) {
                giveWay();
            }
            finishConnections();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                log.atWarn().addKeyValue("error", e.toString()).log("did not close cleanly");
            }
        }
        log.atInfo().log("exited");
    }
}
