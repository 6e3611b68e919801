package org.cupola.gorouter;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.proxy.AccessLog;
import org.cupola.gorouter.proxy.Counter;
import org.cupola.gorouter.proxy.DataPlane;
import org.cupola.gorouter.proxy.FrontendTls;
import org.cupola.gorouter.proxy.LogSources;
import org.cupola.gorouter.proxy.ProxySettings;
import org.cupola.gorouter.proxy.RouteServices;
import org.cupola.gorouter.proxy.RouterHealth;
import org.cupola.gorouter.proxy.TlsClients;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.net.TakeOver;
import org.cupola.platform.net.Transport;
import org.cupola.platform.tls.TlsContexts;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.RouterStartMessage;
import org.cupola.protocol.routing.RoutingApiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The router as one component: wires its parts, in the original's order, and takes them down again.
 *
 * <p>{@link #drain} is what the original does on SIGUSR1. {@link #close}, on SIGTERM, is the same without the wait before
 * it and with little patience. Guarded by its lock, but for what only reads.
 */
public final class GorouterComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(GorouterComponent.class);
    private static final Logger routerLog = LoggerFactory.getLogger(LogSources.ROUTER);
    private static final Logger natsLog = LoggerFactory.getLogger(LogSources.NATS);
    private static final Logger proxyLog = LoggerFactory.getLogger(LogSources.PROXY);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final GorouterConfig config;
    private final InstantSource clock;
    private final RouteTable table;
    private final RouterHealth health = new RouterHealth();
    private final RegistryMetrics registryMetrics = new RegistryMetrics();
    private final RegistrationLatency registrationLatency;
    private final String id;
    private final String address;
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("gorouter-timers").factory());
    private final TakeOver takeOver = new TakeOver(timers);
    private final Optional<RouteSnapshot> snapshot;
    private final Optional<DebugServer> debug;

    private @Nullable NatsBus bus;
    private @Nullable AccessLog accessLog;
    private @Nullable LoggregatorLink loggregator;
    private @Nullable DataPlane dataPlane;
    private boolean closed;
    private volatile @Nullable HttpsListeners https;
    private volatile @Nullable FrontendTls internalTls;
    private volatile @Nullable RouteFetcher fetcher;
    private volatile @Nullable RouteInbox inbox;
    private volatile int port = -1;
    private volatile int tlsPort = -1;
    private volatile @Nullable StatusListeners status;
    private volatile @Nullable Path configFile;
    private volatile @Nullable Reloading reloading;

    public GorouterComponent(GorouterConfig config) {
        this(config, InstantSource.system());
    }

    /** @param clock wall time, for what people read; intervals come from the JVM's monotonic clock */
    public GorouterComponent(GorouterConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        this.id = config.registry().index() + "-" + UUID.randomUUID();
        this.address = OwnAddress.find();
        this.table = new RouteTable(
                new RouteTable.Rules(
                        config.registry().sharding(),
                        config.registry().staleThreshold().toNanos(),
                        config.registry().emptyPool503(),
                        config.registry().emptyPoolTimeout().toNanos(),
                        config.frontend().http2(),
                        config.beyond().routeDefaults(),
                        Upkeep.cadenceNanos(config.registry())),
                new SplittableRandom(),
                new RouteLog(registryMetrics));
        this.registrationLatency = new RegistrationLatency(
                clock,
                config.metrics().registrationMuzzle(),
                config.prometheus().registrationBuckets());
        this.debug = Optional.ofNullable(config.status().debug()).map(where -> new DebugServer(name(), where));
        this.snapshot = config.beyond().snapshot().map(file -> new RouteSnapshot(file, table));
    }

    /**
     * Where the configuration came from, so that it can be read again: on {@link #reload}, and when it changes. To be called
     * before the start.
     */
    public void cameFrom(Path file) {
        configFile = file;
    }

    /**
     * Reads certificates, keys and authorities again; connections that exist keep theirs. Nothing else is taken over.
     *
     * @return false when there is nothing to read, or it was refused, which is logged
     */
    public boolean reload() {
        Reloading present = reloading;
        return present != null && present.reload();
    }

    /** The start delay, as the original has it; emitters refuse zero, so a router that starts at once asks for 20 s. */
    private static long announcedIntervalSeconds(Duration startDelay) {
        return startDelay.toSeconds() > 0 ? startDelay.toSeconds() : 20;
    }

    @Override
    public String name() {
        return "gorouter";
    }

    /** The routes in force. */
    public RouteTable table() {
        return table;
    }

    /** The plain HTTP port in use; -1 before there is one. */
    public int port() {
        return port;
    }

    /** The HTTPS port in use; -1 when there is none. */
    public int tlsPort() {
        return tlsPort;
    }

    /** The plain health port in use. */
    public int statusPort() {
        StatusListeners open = status;
        return open == null ? -1 : open.port();
    }

    /** The port of {@code /routes}, on loopback. */
    public int routesPort() {
        StatusListeners open = status;
        return open == null ? -1 : open.routesPort();
    }

    public long count(Counter counter) {
        DataPlane running = dataPlane;
        return running == null ? 0 : running.count(counter);
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure.minimalCompletionStage();
    }

    @Override
    public void start() throws Exception {
        log.atInfo().log("starting");
        log.atInfo()
                .addKeyValue(
                        "isolation_segments",
                        config.registry().sharding().segments().stream()
                                .sorted()
                                .toList())
                .addKeyValue(
                        "routing_table_sharding_mode",
                        config.registry().sharding().mode().label())
                .log("retrieved-isolation-segments");
        try {
            startParts();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private void startParts() throws Exception {
        ProxySettings settings = StartStep.named(
                proxyLog, "new-html-error-template-from-file", () -> ProxySettingsFactory.of(config, address));
        RouteServices routeServices = StartStep.named(
                proxyLog, "allowlist-entry-invalid", () -> ProxySettingsFactory.routeServices(config, table, clock));
        if (debug.isPresent()) {
            debug.get().startOrLog();
        }
        Transport transport = config.beyond().transport();
        var subscriber = new RouteSubscriber(
                table,
                registryMetrics,
                registrationLatency,
                new RouterStartMessage(
                        id,
                        List.of(address),
                        announcedIntervalSeconds(config.registry().startDelay()),
                        config.registry().staleThreshold().toSeconds()),
                System::nanoTime);
        snapshot.ifPresent(saved -> saved.load(System.nanoTime()));
        InternalIdentity internal = config.routeServices().hairpinning() ? InternalIdentity.create() : null;
        var tls = new MadeBeside<>("gorouter-tls", () -> ProxySettingsFactory.tlsClients(config, internal));
        NatsBus connected =
                tls.meanwhile(() -> StartStep.named(natsLog, "nats-connection-error", () -> connect(subscriber)));
        LoggregatorLink link = LoggregatorLink.open(config);
        TlsClients tlsClients = tls.get();
        DataPlane plane;
        synchronized (this) {
            loggregator = link;
            bus = connected;
            AccessLog lines = new AccessLog(AccessLogTargets.open(config.logs(), clock));
            accessLog = lines;
            plane = new DataPlane(
                    transport,
                    config.beyond().threads(),
                    settings,
                    table,
                    lines,
                    link.telemetry(),
                    health,
                    tlsClients,
                    routeServices);
            dataPlane = plane;
        }
        link.start(clock, plane, table, registryMetrics, registrationLatency, connected, timers);
        startStatus(transport, plane, connected, link);
        fetchRoutes();
        inbox = subscriber.subscribe(connected, failure::completeExceptionally);
        connected.flush(Duration.ofSeconds(5));
        Upkeep.start(config, table, registryMetrics, connected, plane, link, timers);
        snapshot.ifPresent(saved -> Upkeep.keep(saved, connected, timers));
        if (closing.await(config.registry().startDelay().toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("closed while starting");
        }
        listenPlain(plane);
        listenForTls(plane);
        if (internal != null) {
            listenForOurselves(plane, internal, routeServices);
        }
        health.healthy();
        StatusListeners listening = Objects.requireNonNull(status);
        Path file = configFile;
        if (file != null) {
            var again = new Reloading(file, config, https, tlsClients, listening);
            reloading = again;
            again.watch(timers, config.beyond().watchInterval());
        }
        plane.ports().forEach(shared -> takeOver.opened(shared, config.beyond().takeOver()));
        listening
                .ports()
                .forEach(shared -> takeOver.opened(shared, config.beyond().takeOver()));
        routerLog.atInfo().log("gorouter.started");
    }

    private void listenPlain(DataPlane plane) throws Exception {
        if (!config.frontend().plain()) {
            routerLog.atInfo().log("tcp-listener-disabled");
            return;
        }
        var where =
                new InetSocketAddress(config.beyond().host(), config.frontend().port());
        port = StartStep.named(
                routerLog,
                "tcp-listener-error",
                () -> plane.listen(where, config.beyond().takeOver(), null));
        routerLog
                .atInfo()
                .addKeyValue("address", config.beyond().host() + ":" + port)
                .log("tcp-listener-started");
    }

    private void listenForTls(DataPlane plane) throws Exception {
        if (config.frontend().tls().isEmpty()) {
            routerLog.atInfo().log("tls-listener-not-enabled");
            return;
        }
        var listening = StartStep.named(
                routerLog,
                "tls-listener-error",
                () -> HttpsListeners.open(config, config.frontend().tls().get(), plane, timers));
        https = listening;
        tlsPort = listening.port();
    }

    private NatsBus connect(RouteSubscriber subscriber) throws IOException, InterruptedException {
        var watch = new NatsWatch(timers, config.nats().pingInterval(), failure);
        NatsBus connected = NatsBus.connect(config.nats(), watch);
        watch.onReconnect(() -> {
            table.announcementsLost(System.nanoTime());
            subscriber.announce(connected);
        });
        natsLog.atInfo()
                .addKeyValue("host", connected.server())
                .addKeyValue("addr", connected.server().replaceFirst("^[a-z]+://", ""))
                .log("Successfully-connected-to-nats");
        return connected;
    }

    private void startStatus(Transport transport, DataPlane plane, NatsBus connected, LoggregatorLink link)
            throws IOException, InterruptedException {
        var varz = new VarzPage(config, id, address, clock, table, plane::count, plane::usage);
        var listening = new StatusListeners(config, transport, health);
        status = listening;
        listening.start(
                table,
                varz,
                new MetricsPage(config, plane, table, registryMetrics, registrationLatency, connected, link));
        long activeApps = config.registry().activeAppsInterval().toMillis();
        if (activeApps > 0) {
            LegacyAnnouncements.activeApps(connected, timers, activeApps, plane::takeSeenApps);
        }
        if (config.status().plain() && config.status().deprecated()) {
            timers.scheduleAtFixedRate(varz::tick, Ewma.TICK_SECONDS, Ewma.TICK_SECONDS, TimeUnit.SECONDS);
            LegacyAnnouncements.component(connected, () -> varz.json(statusPort()));
        }
    }

    /** The TLS health port in use; -1 when there is none. */
    public int statusTlsPort() {
        StatusListeners open = status;
        return open == null ? -1 : open.tlsPort();
    }

    /** Takes requests to route services that are behind this router, from itself alone. */
    private void listenForOurselves(DataPlane plane, InternalIdentity internal, RouteServices routeServices)
            throws IOException, InterruptedException {
        SslContext context = TlsContexts.build(TlsContexts.mutualServer(
                internal.server(), List.of(internal.authority().certificate())));
        var certificates = new FrontendTls(List.of(new FrontendTls.Certificate(context, List.of())));
        internalTls = certificates;
        routeServices.internalPort(listenForOurselves(plane, certificates));
    }

    /** This port cannot be shared: another router would not know our certificates, nor our requests. */
    private int listenForOurselves(DataPlane plane, FrontendTls certificates) throws IOException, InterruptedException {
        int wanted = config.routeServices().internalPort();
        try {
            return plane.listen(new InetSocketAddress("127.0.0.1", wanted), false, certificates);
        } catch (IOException e) {
            if (!config.beyond().takeOver()) {
                throw e;
            }
            log.atInfo().addKeyValue("port", wanted).log("internal-port-not-ours-yet");
            return plane.listen(new InetSocketAddress("127.0.0.1", 0), false, certificates);
        }
    }

    private void fetchRoutes() throws RoutingApiException {
        if (config.routingApi().isEmpty()) {
            return;
        }
        var fetching = new RouteFetcher(config.routingApi().get(), table, clock, System::nanoTime);
        fetcher = fetching;
        fetching.start(timers, config.registry().pruneInterval().dividedBy(2));
    }

    /** The port of {@code /metrics}, on loopback; -1 when there is none. */
    public int prometheusPort() {
        StatusListeners open = status;
        return open == null ? -1 : open.prometheusPort();
    }

    /** Tells load balancers to go elsewhere, waits as configured, lets requests finish, then closes. Blocks meanwhile. */
    public void drain() {
        if (!health.degrade()) {
            routerLog.atInfo().log("gorouter.signal.ignored");
            return;
        }
        GorouterConfig.Drain drain = config.drain();
        routerLog
                .atInfo()
                .addKeyValue("wait_seconds", drain.before().toSeconds())
                .addKeyValue("timeout_seconds", drain.timeout().toSeconds())
                .log("gorouter-draining");
        try {
            closing.await(drain.before().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close(drain.timeout());
    }

    @Override
    public void close() {
        Duration configured = config.drain().timeout();
        close(configured.compareTo(CLOSE_PATIENCE) < 0 ? configured : CLOSE_PATIENCE);
    }

    private void letRequestsFinish(DataPlane plane, Duration timeout) {
        try {
            if (takeOver.giveWay()) {
                TakeOver.settle();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        plane.closeListeners();
        routerLog.atInfo().log("Draining with " + plane.activeRequests() + " outstanding active connections");
        routerLog.atInfo().log("Draining with " + plane.idleConnections() + " outstanding idle connections");
        try {
            if (!plane.drain(timeout)) {
                routerLog.atError().log("router.drain.timed-out");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void close(Duration patience) {
        closing.countDown();
        List<AutoCloseable> parts = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            DataPlane plane = dataPlane;
            if (plane != null) {
                parts.add(() -> letRequestsFinish(plane, patience));
                parts.add(plane);
            }
            debug.ifPresent(parts::add);
            if (bus != null) {
                parts.add(bus);
            }
            Optional.ofNullable(inbox).ifPresent(parts::add);
            HttpsListeners certificates = https;
            if (certificates != null) {
                parts.add(certificates);
            }
            FrontendTls own = internalTls;
            if (own != null) {
                parts.add(own);
            }
            RouteFetcher fetching = fetcher;
            if (fetching != null) {
                parts.add(fetching);
            }
            StatusListeners listening = status;
            if (listening != null) {
                parts.add(listening);
            }
            if (accessLog != null) {
                parts.add(accessLog);
            }
            if (loggregator != null) {
                parts.add(loggregator);
            }
        }
        long begun = System.nanoTime();
        routerLog.atInfo().log("gorouter.stopping");
        health.degrade();
        timers.shutdownNow();
        Reloading present = reloading;
        if (present != null) {
            present.close();
        }
        snapshot.filter(_ -> port >= 0 || tlsPort >= 0).ifPresent(RouteSnapshot::save);
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                log.atError().setCause(e).log("gorouter-part-did-not-close-cleanly");
            }
        }
        routerLog
                .atInfo()
                .addKeyValue("took", Duration.ofNanos(System.nanoTime() - begun))
                .log("gorouter.stopped");
    }
}
