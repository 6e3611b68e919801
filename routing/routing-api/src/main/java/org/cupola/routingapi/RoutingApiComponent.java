package org.cupola.routingapi;

import com.linecorp.armeria.server.ServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.sql.Database;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.HttpRoute;
import org.cupola.protocol.routing.ModificationTag;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.cupola.protocol.uaa.TokenRules;
import org.cupola.protocol.uaa.TokenValidator;
import org.cupola.protocol.uaa.UaaConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Routing API as a component. {@code start} asks the UAA for its keys, makes everything ready, waits for the leader lock,
 * migrates and reads the database and then opens its ports; so on a standby it blocks, and no API port is open.
 *
 * <p>{@code start} and {@code close} may come from different threads; {@code close} also ends a waiting {@code start}.
 */
public final class RoutingApiComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(RoutingApiComponent.class);
    private static final int MAX_REQUEST_BYTES = 64 * 1024 * 1024;
    private static final Duration UAA_TIMEOUT = Duration.ofSeconds(30);

    private final RoutingApiConfig config;
    private final InstantSource clock;
    private final Timings timings;
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("routing-api-timer-", 0).factory());
    private volatile @Nullable Thread starting;
    private volatile boolean closed;
    private volatile @Nullable Active active;

    /**
     * How often things are done that no file configures.
     *
     * @param prune     between looks for expired routes
     * @param keepAlive between comments on event streams
     * @param recovery  between attempts to reach a database that is away
     * @param lockTtl   how long a silent holder keeps the leader lock
     */
    public record Timings(Duration prune, Duration keepAlive, Duration recovery, Duration lockTtl) {
        public static final Timings DEFAULT = new Timings(
                Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(1), Duration.ofSeconds(15));
    }

    /** What there is between a successful start and the close. */
    private record Active(
            LeaderLock leader,
            Store store,
            RouteBook<TcpRouteMapping> tcpRoutes,
            RouteBook<HttpRoute> httpRoutes,
            @Nullable HttpServer plain,
            HttpServer mtls,
            HttpServer admin,
            @Nullable HttpRoute own) {}

    public RoutingApiComponent(RoutingApiConfig config, InstantSource clock) {
        this(config, clock, Timings.DEFAULT);
    }

    public RoutingApiComponent(RoutingApiConfig config, InstantSource clock, Timings timings) {
        this.config = config;
        this.clock = clock;
        this.timings = timings;
    }

    @Override
    public String name() {
        return "routing-api";
    }

    @Override
    public void start() throws Exception {
        starting = Thread.currentThread();
        try {
            if (closed) {
                throw new IllegalStateException("closed");
            }
            activate();
        } catch (Exception e) {
            closeOpened();
            throw e;
        } finally {
            starting = null;
        }
    }

    private void activate() throws Exception {
        Supplier<String> guids = () -> UUID.randomUUID().toString();
        Statsd statsd = open(config.statsdEndpoint().isEmpty() ? Statsd.none() : Statsd.to(config.statsdEndpoint()));
        var metrics = new RoutingMetrics(statsd);
        if (config.debugAddress() != null) {
            open(new DebugServer(name(), config.debugAddress())).startOrLog();
        }
        Database database = open(Databases.open(config.sql()));
        var authorizer = new Authorizer(validator(), metrics);
        LeaderLock leader = open(leaderLock(database));
        var expiry = new ExpiryClock(config.maxTtl());
        var store = new Store(database, leader, expiry, clock);
        var tcpRoutes = new RouteBook<>(
                RouteKind.TCP, new TcpRouteRows(database.dialect()), store, expiry, clock, guids, metrics);
        var httpRoutes = new RouteBook<>(
                RouteKind.HTTP, new HttpRouteRows(database.dialect()), store, expiry, clock, guids, metrics);
        var groups = new RouterGroupBook(
                new RouterGroupRows(database.dialect()), config.routerGroupRules(), store, clock, guids);
        int maxTtl = Math.toIntExact(config.maxTtl().toSeconds());
        var handlers = new ApiHandlers(
                tcpRoutes,
                httpRoutes,
                groups,
                new TcpRouteRules(maxTtl, config.enforceReservablePorts()),
                maxTtl,
                metrics);
        var api = new ApiService(authorizer, handlers);
        HttpServer plain = config.api().httpEnabled() ? server("routing-api-http", plainListener(), api) : null;
        HttpServer mtls = server("routing-api-mtls", mtlsListener(), api);
        var admin = new AdminService(groups, store, metrics, () -> gauges(tcpRoutes, httpRoutes, store));
        var adminServer = new HttpServer(
                "routing-api-admin",
                HttpListener.plain(new InetSocketAddress("127.0.0.1", config.adminPort())),
                admin::addTo);

        leader.acquire();
        leader.lost().whenComplete((nothing, cause) -> {
            if (cause != null) {
                failure.completeExceptionally(cause);
            }
        });
        new Schema(database).migrate();
        store.start();
        groups.seed(config.routerGroups());
        HttpRoute own = null;
        if (plain != null) {
            started(plain);
            own = registerItself(httpRoutes, plain.port(), maxTtl);
        }
        started(mtls);
        started(adminServer);
        active = new Active(leader, store, tcpRoutes, httpRoutes, plain, mtls, adminServer, own);
        schedule(store, tcpRoutes, httpRoutes, statsd, metrics, own);
        log.atInfo().addKeyValue("port", mtls.port()).log("started");
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.push(part);
        return part;
    }

    private @Nullable TokenValidator validator() throws Exception {
        RoutingApiConfig.OAuth oauth = config.oauth();
        if (config.devMode() || oauth == null) {
            return null;
        }
        Path caCerts = oauth.caCerts();
        List<X509Certificate> authorities = caCerts == null ? List.of() : Pem.certificates(caCerts);
        HttpClients clients = open(
                oauth.skipSslValidation() ? HttpClients.trustingAnyone(null) : HttpClients.create(null, authorities));
        var uaa = new UaaConnection(oauth.uaa(), clients, UAA_TIMEOUT);
        var validator = new TokenValidator(uaa, TokenRules.lenient().onlyRsa().issuedBy(uaa.issuer()), clock);
        validator.loadKeys();
        return validator;
    }

    private LeaderLock leaderLock(Database database) {
        RoutingApiConfig.Locket locket = config.locket();
        Duration ttl = timings.lockTtl();
        Duration retryInterval = config.lockRetryInterval();
        if (locket.address().isEmpty()) {
            return new DatabaseLock(database, config.lockKey(), config.uuid(), ttl, retryInterval);
        }
        Path caFile = locket.caFile();
        Path certFile = locket.certFile();
        Path keyFile = locket.keyFile();
        HttpClients clients = open(HttpClients.create(
                certFile == null || keyFile == null ? null : TlsIdentity.read(certFile, keyFile),
                caFile == null ? List.of() : Pem.certificates(caFile)));
        return new LocketLock(clients, locket.address(), config.lockKey(), config.uuid(), ttl, retryInterval);
    }

    private HttpListener plainListener() {
        return HttpListener.plain(
                new InetSocketAddress(config.api().listenAddress(), config.api().listenPort()));
    }

    private HttpListener mtlsListener() {
        RoutingApiConfig.Api api = config.api();
        return HttpListener.mutualTls(
                new InetSocketAddress(api.listenAddress(), api.mtlsListenPort()),
                TlsIdentity.read(api.mtlsServerCertFile(), api.mtlsServerKeyFile()),
                Pem.certificates(api.mtlsClientCaFile()));
    }

    private static HttpServer server(String name, HttpListener listener, ApiService api) {
        return new HttpServer(
                name,
                listener,
                (ServerBuilder services) ->
                        services.maxRequestLength(MAX_REQUEST_BYTES).serviceUnder("/", api));
    }

    private void started(HttpServer server) throws Exception {
        server.start();
        open(server);
    }

    /** The API's own route, for as long as it serves without TLS. */
    private HttpRoute registerItself(RouteBook<HttpRoute> routes, int port, int maxTtl) throws ApiError {
        var own = new HttpRoute(
                "api." + config.systemDomain() + "/routing",
                port,
                config.ip(),
                maxTtl,
                config.logGuid(),
                "",
                ModificationTag.NONE);
        routes.upsert(List.of(own), present -> {});
        return own;
    }

    private void schedule(
            Store store,
            RouteBook<TcpRouteMapping> tcpRoutes,
            RouteBook<HttpRoute> httpRoutes,
            Statsd statsd,
            RoutingMetrics metrics,
            @Nullable HttpRoute own) {
        metrics.started();
        every(timings.prune(), "pruning-tcp-routes", tcpRoutes::prune);
        every(timings.prune(), "pruning-http-routes", httpRoutes::prune);
        every(timings.recovery(), "recovering-database", store::recover);
        every(timings.keepAlive(), "keeping-streams-alive", () -> {
            tcpRoutes.hub().keepAlive();
            httpRoutes.hub().keepAlive();
        });
        every(config.statsdFlushInterval(), "flushing-metrics", statsd::flush);
        every(config.metricsInterval(), "reporting-metrics", () -> metrics.report(httpRoutes.size(), tcpRoutes.size()));
        if (own != null) {
            every(
                    config.maxTtl().dividedBy(2),
                    "registering-own-route",
                    () -> httpRoutes.upsert(List.of(own), present -> {}));
        }
    }

    private interface Chore {
        void run() throws Exception;
    }

    private void every(Duration interval, String what, Chore chore) {
        timers.scheduleWithFixedDelay(
                () -> {
                    try {
                        chore.run();
                    } catch (Exception e) { // the next time is another chance, and the database says so by itself
                        log.atWarn()
                                .addKeyValue("task", what)
                                .addKeyValue("error", e.getMessage())
                                .log("task-failed");
                    }
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static Map<String, Long> gauges(
            RouteBook<TcpRouteMapping> tcpRoutes, RouteBook<HttpRoute> httpRoutes, Store store) {
        Map<String, Long> gauges = new LinkedHashMap<>();
        gauges.put("http_routes", (long) httpRoutes.size());
        gauges.put("tcp_routes", (long) tcpRoutes.size());
        gauges.put("http_subscriptions", (long) httpRoutes.hub().subscriberCount());
        gauges.put("tcp_subscriptions", (long) tcpRoutes.hub().subscriberCount());
        gauges.put("writes_waiting", (long) store.waiting());
        gauges.put("database_available", store.isAvailable() ? 1L : 0L);
        return gauges;
    }

    /** The mutual-TLS port in use; asks for a started component, as the following do. */
    public int mtlsPort() {
        return running().mtls.port();
    }

    /** @throws IllegalStateException when there is no plain listener */
    public int httpPort() {
        HttpServer plain = running().plain;
        if (plain == null) {
            throw new IllegalStateException("api.http_enabled is false");
        }
        return plain.port();
    }

    public int adminPort() {
        return running().admin.port();
    }

    private Active running() {
        Active now = active;
        if (now == null) {
            throw new IllegalStateException("routing-api is not running");
        }
        return now;
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure.minimalCompletionStage();
    }

    @Override
    public void close() {
        closed = true;
        Thread waiting = starting;
        if (waiting != null) {
            waiting.interrupt();
            return; // start itself closes what it has opened
        }
        Active now = active;
        active = null;
        if (now != null) {
            handOver(now);
            closeServers(now);
        }
        timers.shutdownNow();
        closeOpened();
    }

    /**
     * Lets a standby take over while this instance still answers reads: writes would not be seen by the other any more, so
     * they are refused from here on.
     */
    private void handOver(Active now) {
        HttpRoute own = now.own;
        if (own != null) {
            try {
                now.httpRoutes.delete(List.of(own));
            } catch (ApiError e) {
                log.atWarn().addKeyValue("error", e.getMessage()).log("own-route-not-removed");
            }
        }
        now.store.stopWriting();
        try {
            now.leader.handOver(config.handoverTimeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        now.tcpRoutes.hub().close();
        now.httpRoutes.hub().close();
    }

    /** All at once: each gives its connections a moment to end. */
    private static void closeServers(Active now) {
        try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
            HttpServer plain = now.plain;
            if (plain != null) {
                closing.execute(plain::close);
            }
            closing.execute(now.mtls::close);
            closing.execute(now.admin::close);
        }
    }

    private void closeOpened() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) { // the others still have to be closed
                log.atError().setCause(e).log("not-closed-cleanly");
            }
        }
    }

    /** Opens databases from settings. */
    private static final class Databases {
        static Database open(SqlSettings sql) throws IOException {
            if (!sql.needsCaFile()) {
                return Database.open(sql.toDatabaseConfig(null));
            }
            Path caFile = Files.createTempFile("routing-api-sql-ca", ".pem"); // readable by its owner only
            try {
                Files.writeString(caFile, sql.caCertificate());
                caFile.toFile().deleteOnExit(); // each new connection reads it
                return Database.open(sql.toDatabaseConfig(caFile));
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(caFile);
                throw e;
            }
        }
    }
}
