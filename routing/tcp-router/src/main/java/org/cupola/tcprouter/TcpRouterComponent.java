package org.cupola.tcprouter;

import com.linecorp.armeria.server.ServerBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.routing.RouterGroup;
import org.cupola.protocol.routing.RoutingApiClient;
import org.cupola.protocol.routing.RoutingApiException;
import org.cupola.protocol.uaa.TokenClient;
import org.cupola.protocol.uaa.TokenSource;
import org.cupola.protocol.uaa.UaaConnection;
import org.cupola.protocol.uaa.UaaException;
import org.cupola.tcprouter.TcpRouterConfig.BackendTlsFiles;
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
    private final List<HttpServer> healthServers = new ArrayList<>();
    private final ReentrantLock drains = new ReentrantLock();
    private volatile @Nullable DataPlane dataPlane;
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

    @Override
    public String name() {
        return "tcp-router";
    }

    /** Ports of the health listeners, in the order of the configuration. */
    public synchronized List<Integer> healthPorts() {
        return healthServers.stream().map(HttpServer::port).toList();
    }

    /** How many external ports accept connections now. */
    public synchronized int openPorts() {
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
            HttpClients clients = keep(HttpClients.create(identity(routingApi), authorities(routingApi)));
            var api = new RoutingApiClient(routingApi.uri(), clients, tokens, API_TIMEOUT);
            checkPorts(api);
            DataPlane plane = keep(new DataPlane(
                    config.dataPlane(),
                    config.transport(),
                    new FrontendTls(config.frontendIdentities()),
                    backendTls(config)));
            dataPlane = plane;
            for (HealthListener listener : config.healthListeners()) {
                healthServers.add(serve(
                        "tcp-router-health",
                        new HttpListener(listener.address(), listener.identity(), List.of()),
                        services -> {
                            // As the routed ports: a new process may start while this one drains.
                            config.transport().reusePort().ifPresent(option -> services.channelOption(option, true));
                            HealthService.addTo(services, () -> draining);
                        }));
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

    private static @Nullable BackendTls backendTls(TcpRouterConfig from) {
        BackendTlsFiles files = from.backendTls();
        return files == null ? null : new BackendTls(files.authorities(), files.identity());
    }

    /**
     * Uses the certificates of a configuration that was read anew, for clients and for backends; everything else of it needs a
     * restart. Open connections go on.
     *
     * @throws IllegalArgumentException when it would turn TLS to backends on or off
     */
    public synchronized void reloadCertificates(TcpRouterConfig fresh) {
        DataPlane plane = dataPlane;
        if (closed || plane == null) {
            return;
        }
        if ((fresh.backendTls() == null) != (config.backendTls() == null)) {
            throw new IllegalArgumentException("backend_tls.enabled: " + (fresh.backendTls() != null) + " (expected: "
                    + (config.backendTls() != null) + ", as at the start; a change needs a restart)");
        }
        plane.certificates(new FrontendTls(fresh.frontendIdentities()), backendTls(fresh));
        log.atInfo()
                .addKeyValue("frontend_certificates", fresh.frontendIdentities().size())
                .log("reloaded-certificates");
    }

    private <T extends AutoCloseable> T keep(T resource) {
        running.push(resource);
        return resource;
    }

    private HttpServer serve(String name, HttpListener listener, Consumer<ServerBuilder> services) throws Exception {
        var server = new HttpServer(name, listener, services);
        server.start();
        return keep(server);
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

    private static @Nullable TlsIdentity identity(RoutingApi api) {
        Path cert = api.clientCert();
        Path key = api.clientPrivateKey();
        return cert == null || key == null ? null : TlsIdentity.read(cert, key);
    }

    private static List<X509Certificate> authorities(RoutingApi api) {
        Path ca = api.caCert();
        return ca == null ? List.of() : Pem.certificates(ca);
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
     * connections as long as configured. Returns when that is over, also to whoever asks again meanwhile; {@code close} is
     * still the caller's to call.
     */
    public void drain() throws InterruptedException {
        drains.lockInterruptibly();
        try {
            if (!draining) {
                log.atInfo().log("drain-requested");
                draining = true;
                TimeUnit.NANOSECONDS.sleep(config.drainWait().toNanos());
                finishConnections();
            }
        } finally {
            drains.unlock();
        }
    }

    private void finishConnections() throws InterruptedException {
        DataPlane plane = dataPlane;
        if (plane != null) {
            plane.stopListening();
            stopHealthListeners();
            plane.awaitConnections(config.connectionDrain());
        }
    }

    /** From here on this router takes no connections, so health checks are the business of one that took its place. */
    private synchronized void stopHealthListeners() {
        healthServers.forEach(HttpServer::close);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        draining = true;
        try {
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
