package org.cupola.locket;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.grpc.GrpcService;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.sql.Database;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Locket as one component: database, gRPC server, expiry, and a debug server if its address is set. */
public final class LocketComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(LocketComponent.class);

    private final LocketConfig config;
    private final Clock clock;
    private final LocketMetrics metrics = new LocketMetrics();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private volatile int port;

    /** @param clock only for the times the database health check writes; leases run by the JVM's monotonic clock */
    public LocketComponent(LocketConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "locket";
    }

    @Override
    public synchronized void start() throws Exception {
        try {
            startAll();
        } catch (Exception e) {
            close();
            throw e;
        }
        log.atInfo().addKeyValue("port", port).log("started");
    }

    private void startAll() throws Exception {
        Database database = opened(Database.open(config.database()));
        var store = new LeaseStore(database, () -> UUID.randomUUID().toString());
        store.createTables();
        var timers = new LeaseTimers();
        if (config.debugAddress().isPresent()) {
            opened(debugServer(config.debugAddress().get())).start();
        }
        config.databaseHealthCheck()
                .ifPresent(check -> opened(new DatabaseHealthCheck(
                                check, () -> store.writesAndReads(clock.millis() * 1_000_000L), this::fail))
                        .start());
        ExecutorService threads = opened(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("locket-", 0).factory()));
        var service = new LocketService(
                store,
                timers,
                System::nanoTime,
                metrics,
                threads,
                () -> fail(new IllegalStateException("the locks table is missing")));
        HttpServer server = opened(new HttpServer(
                "locket",
                listener(),
                builder -> builder.service(
                        GrpcService.builder().addService(service).build())));
        server.start();
        port = server.port();
        opened(new LeaseExpiry(store, timers, System::nanoTime, metrics)).start();
    }

    private HttpListener listener() {
        return HttpListener.mutualTls(
                config.listenAddress(),
                TlsIdentity.read(config.certFile(), config.keyFile()),
                Pem.certificates(config.caFile()));
    }

    private DebugServer debugServer(InetSocketAddress address) {
        return new DebugServer(
                name(),
                address,
                builder -> builder.service(
                                "/metrics",
                                (ctx, request) -> HttpResponse.of(
                                        HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, metrics.prometheus()))
                        .service("/health", (ctx, request) -> HttpResponse.of(HttpStatus.OK)));
    }

    private void fail(Exception cause) {
        failure.completeExceptionally(cause);
    }

    /** The gRPC port in use. */
    public int port() {
        return port;
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure;
    }

    @Override
    public synchronized void close() {
        List<AutoCloseable> parts = List.copyOf(running);
        running.clear();
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                log.atError().setCause(e).log("did-not-close-cleanly");
            }
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        running.push(part);
        return part;
    }
}
