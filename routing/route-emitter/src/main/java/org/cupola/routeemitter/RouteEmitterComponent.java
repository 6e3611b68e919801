package org.cupola.routeemitter;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LocketLease;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.NatsSettings;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaConnection;
import org.cupola.protocol.uaa.UaaException;
import org.cupola.routeemitter.ProcessRoutes.Addressing;
import org.cupola.routeemitter.RouteEmitterConfig.ClientFiles;
import org.cupola.routeemitter.RouteEmitterConfig.LocketEndpoint;
import org.cupola.routeemitter.RouteEmitterConfig.NatsEndpoint;
import org.cupola.routeemitter.RouteEmitterConfig.OAuth;
import org.cupola.routeemitter.RouteEmitterConfig.TcpRouting;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The route emitter as a component: one cell's when the configuration names a cell, else one for all that works while it
 * holds the lock.
 *
 * <p>{@code start} returns when NATS is connected and the health port is open; routers and BBS may come later. It fails for
 * good when no router ever answers, when NATS ends the connection for good, or when the lock is lost. {@code close} says
 * nothing to the routers: its routes stay until they expire.
 */
public final class RouteEmitterComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(RouteEmitterComponent.class);
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LOCK_TIME_TO_LIVE = Duration.ofSeconds(15);
    private static final Duration LOCK_INTERVAL = Duration.ofSeconds(1);
    private static final String LOCK_KEY = "route_emitter";
    private static final Duration ROUTING_API_TIMEOUT = Duration.ofSeconds(60);
    private static final long RESYNC_SPREAD_MILLIS = 500;

    private final RouteEmitterConfig config;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final EmitterMetrics metrics = new EmitterMetrics();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private @Nullable HttpServer health;
    private boolean closed;

    public RouteEmitterComponent(RouteEmitterConfig config, InstantSource clock) {
        this(config, clock, RandomGenerator.getDefault());
    }

    RouteEmitterComponent(RouteEmitterConfig config, InstantSource clock, RandomGenerator random) {
        this.config = config;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public String name() {
        return "route-emitter";
    }

    /** The port in use of the health server. */
    public synchronized int healthPort() {
        HttpServer server = health;
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server.port();
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure;
    }

    @Override
    public synchronized void start() throws Exception {
        try {
            if (config.debugAddress() != null) {
                keep(new DebugServer(name(), config.debugAddress())).start();
            }
            TcpEmitter.RoutingApi routingApi = routingApi();
            NatsBus bus = connect(config.nats());
            openHealth();
            if (config.locket() == null) {
                begin(bus, routingApi);
            } else {
                LocketLease lock = lock(config.locket());
                lock.acquired().thenRun(() -> beginOrFail(bus, routingApi));
                lock.start();
            }
        } catch (Exception e) {
            close();
            throw e;
        }
        log.atInfo().addKeyValue("cell_id", config.cellId()).log("started");
    }

    private <T extends AutoCloseable> T keep(T resource) {
        running.push(resource);
        return resource;
    }

    private NatsBus connect(NatsEndpoint nats) throws IOException, InterruptedException {
        NatsSettings settings =
                NatsSettings.plain("route-emitter", nats.addresses()).withUser(nats.username(), nats.password());
        if (nats.tls()) {
            settings = settings.withTls(identity(nats.files()), authorities(nats.files()));
        }
        return keep(NatsBus.connect(settings, new NatsBus.Listener() {
            @Override
            public void disconnected() {
                log.atWarn().log("nats-disconnected");
            }

            @Override
            public void reconnected(String server) {
                log.atInfo().addKeyValue("server", server).log("nats-reconnected");
            }

            @Override
            public void closed() {
                fail("NATS closed the connection");
            }
        }));
    }

    private void openHealth() throws Exception {
        var server = new HttpServer(
                "route-emitter-health",
                HttpListener.plain(config.healthcheckAddress()),
                services -> services.serviceUnder(
                        "/",
                        (ctx, request) -> ctx.path().equals("/metrics")
                                ? HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, metrics.text())
                                : HttpResponse.of(200)));
        server.start();
        health = keep(server);
    }

    private LocketLease lock(LocketEndpoint locket) {
        HttpClients clients = keep(HttpClients.create(identity(locket.files()), authorities(locket.files())));
        var client = new LocketClient(clients, locket.address(), LOCK_INTERVAL);
        LocketLease lock = keep(LocketLease.lock(client, LOCK_KEY, config.uuid(), LOCK_TIME_TO_LIVE, LOCK_INTERVAL));
        lock.lost().whenComplete((nothing, cause) -> {
            if (cause != null) {
                failure.completeExceptionally(cause);
            }
        });
        return lock;
    }

    private synchronized void beginOrFail(NatsBus bus, TcpEmitter.RoutingApi routingApi) {
        if (closed) {
            return;
        }
        try {
            begin(bus, routingApi);
        } catch (RuntimeException e) {
            failure.completeExceptionally(e);
        }
    }

    private void begin(NatsBus bus, TcpEmitter.RoutingApi routingApi) {
        HttpClients bbsClients = keep(HttpClients.create(
                identity(config.bbs().files()), authorities(config.bbs().files())));
        var bbs = new BbsClient(bbsClients, config.bbs().address(), config.communicationTimeout());
        ScheduledExecutorService timer = timer();
        EmitterLoop loop = keep(new EmitterLoop());
        TcpEmitter tcp = keep(new TcpEmitter(routingApi, metrics));
        Syncer syncer = keep(new Syncer(bbs, config.cellId(), loop, metrics));
        TcpRouting tcpConfig = config.tcp();
        var addressing =
                new Addressing(config.registerDirectInstanceRoutes(), tcpConfig != null && tcpConfig.enableTls());
        var emitter = new RouteEmitter(
                new RoutingTable(addressing),
                new UnregistrationCache(config.unregistrationSends()),
                new NatsEmitter(bus::publish, metrics, config.enableInternalEmitter()),
                tcp,
                metrics,
                syncer::fetchDesired);
        loop.start();
        tcp.start();
        greet(bus, timer, loop, NatsEmitter.ROUTER, emitter::emitExternal);
        if (config.enableInternalEmitter()) {
            greet(bus, timer, loop, NatsEmitter.SERVICE_DISCOVERY, emitter::emitInternal);
        }
        Duration resend = config.unregistrationInterval();
        keep(new Ticker(timer, loop, emitter::resendUnregistrations)).every(resend, resend);
        Duration sync = config.syncInterval();
        timer.scheduleAtFixedRate(() -> syncer.sync(emitter), sync.toNanos(), sync.toNanos(), TimeUnit.NANOSECONDS);
        keep(new BbsWatcher(bbs, config.cellId(), loop, emitter, metrics, resync(timer, syncer, emitter)))
                .start();
    }

    /** The first at once; later ones spread, because all cells lose a BBS in the same moment. */
    private Runnable resync(ScheduledExecutorService timer, Syncer syncer, RouteEmitter emitter) {
        return new Runnable() {
            private boolean again;

            @Override
            public void run() {
                long delay = again ? random.nextLong(RESYNC_SPREAD_MILLIS) : 0;
                again = true;
                timer.schedule(() -> syncer.syncFresh(emitter), delay, TimeUnit.MILLISECONDS);
            }
        };
    }

    private ScheduledExecutorService timer() {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("route-emitter-timer").factory());
        keep(timer::shutdownNow);
        return timer;
    }

    private void greet(NatsBus bus, ScheduledExecutorService timer, EmitterLoop loop, String service, Runnable emit) {
        Ticker ticker = keep(new Ticker(timer, loop, emit));
        var greeting = new Greeting(bus, service, timer, Greeting.ATTEMPTS, Greeting.PAUSE, new Greeting.Listener() {
            @Override
            public void announced(Duration interval, boolean first) {
                double spread = first ? 0 : random.nextDouble() * config.jitterFactor();
                long delayNanos = (long) (interval.toNanos() * spread);
                log.atInfo()
                        .addKeyValue("service", service)
                        .addKeyValue("interval", interval)
                        .log("router-announced");
                ticker.every(interval, Duration.ofNanos(delayNanos));
            }

            @Override
            public void unanswered() {
                fail("no " + service + " answered " + Greeting.ATTEMPTS + " greetings");
            }
        });
        keep(greeting).start();
    }

    private TcpEmitter.RoutingApi routingApi() throws UaaException {
        TcpRouting tcp = config.tcp();
        if (tcp == null) {
            return TcpEmitter.RoutingApi.NONE;
        }
        HttpClients clients = keep(HttpClients.create(identity(tcp.files()), authorities(tcp.files())));
        OAuth oauth = tcp.oauth();
        TokenSource tokens = oauth == null ? TokenSource.NONE : tokens(oauth);
        return new RoutingApiCalls(
                new RoutingApiClient(tcp.routingApi(), clients, tokens, ROUTING_API_TIMEOUT), tokens, tcp.routeTtl());
    }

    /** As the original does, this asks for the keys only to learn that the UAA is there. */
    private TokenSource tokens(OAuth oauth) throws UaaException {
        Path ca = oauth.caCerts();
        HttpClients clients = keep(
                oauth.skipCertVerify()
                        ? HttpClients.trustingAnyone(null)
                        : HttpClients.create(null, ca == null ? List.of() : Pem.certificates(ca)));
        var uaa = new UaaConnection(oauth.uaaUrl(), clients, oauth.requestTimeout());
        uaa.tokenKeys();
        return new TokenClient(uaa, oauth.clientName(), oauth.clientSecret(), clock);
    }

    private void fail(String reason) {
        failure.completeExceptionally(new IllegalStateException(reason));
    }

    static @Nullable TlsIdentity identity(ClientFiles files) {
        Path cert = files.clientCert();
        Path key = files.clientKey();
        return cert == null || key == null ? null : TlsIdentity.read(cert, key);
    }

    static List<X509Certificate> authorities(ClientFiles files) {
        Path ca = files.caCert();
        return ca == null ? List.of() : Pem.certificates(ca);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!running.isEmpty()) {
            AutoCloseable resource = running.pop();
            try {
                if (resource instanceof NatsBus bus && bus.isConnected()) {
                    bus.flush(FLUSH_TIMEOUT);
                }
                resource.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                boolean harmless = e instanceof TimeoutException;
                log.atWarn()
                        .addKeyValue("error", e.toString())
                        .log(harmless ? "nats-not-flushed" : "did not close cleanly");
            }
        }
    }
}
