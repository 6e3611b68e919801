package org.cupola.bbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.sql.Database;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LocketLease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The BBS as one component. Its start waits for the lock: until another BBS gives it up, only the health address answers. A
 * lock that is lost completes {@link #failure}.
 */
public final class BbsComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(BbsComponent.class);
    private static final String LOCK_KEY = "bbs";

    private final BbsConfig config;
    private final Clock clock;
    private final BbsMetrics metrics = new BbsMetrics();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    @GuardedBy("parts")
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    @GuardedBy("parts")
    private boolean closed;

    private volatile int port;
    private volatile int healthPort;

    public BbsComponent(BbsConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "bbs";
    }

    @Override
    public void start() throws Exception {
        try {
            startAll();
        } catch (Exception e) {
            close();
            throw e;
        }
        log.atInfo().addKeyValue("port", port).log("started");
    }

    private void startAll() throws Exception {
        var encryptor = new Encryptor(
                config.encryption().activeLabel(), config.encryption().keys());
        var codec = new RecordCodec(encryptor);
        Database database = opened(Database.open(config.database()));
        healthPort = started(healthServer()).port();
        if (config.debugAddress().isPresent()) {
            opened(debugServer(config.debugAddress().get())).start();
        }
        ClientPool clients = opened(new ClientPool());
        var locket = new LocketClient(
                clients.of(config.locket().tls()),
                config.locket().address(),
                config.locket().callTimeout());
        awaitLock(locket);
        var reencryption = new Reencryption(database, codec, encryptor);
        migrate(database, codec, reencryption);
        var active = new ActiveBbs(
                config, Stores.of(database, codec, clock), new Cells(locket), metrics, clients, this::opened);
        HttpServer api = active.apiServer(apiListener(), new AccessLog(config.accessLogPath(), clock), this::fail);
        port = started(api).port();
        opened(active.events()::close);
        opened(active.convergence()).start();
        if (config.databaseHealthCheck().isPresent()) {
            opened(new DatabaseHealthCheck(config.databaseHealthCheck().get(), database, clock, this::fail))
                    .start();
        }
        Thread.ofVirtual().name("reencryption").start(() -> reencrypt(reencryption));
    }

    private HttpListener apiListener() {
        return HttpListener.mutualTls(
                config.listenAddress(), config.tls().identity(), config.tls().authorities());
    }

    private void awaitLock(LocketClient locket) throws Exception {
        metrics.lockHeld(false);
        LocketLease lease = opened(LocketLease.lock(
                locket,
                LOCK_KEY,
                config.uuid(),
                config.locket().lockTtl(),
                config.locket().lockRetryInterval()));
        lease.start().acquired().toCompletableFuture().get();
        metrics.lockHeld(true);
        metrics.elected();
        lease.lost().whenComplete((nothing, cause) -> {
            metrics.lockHeld(false);
            failure.completeExceptionally(cause == null ? new IllegalStateException("lost lock") : cause);
        });
    }

    private void migrate(Database database, RecordCodec codec, Reencryption reencryption) {
        long start = System.nanoTime();
        new BbsSchema(database).migrate(codec);
        metrics.migrated(Duration.ofNanos(System.nanoTime() - start));
        reencryption.checkKey();
    }

    private void reencrypt(Reencryption reencryption) {
        long start = System.nanoTime();
        try {
            if (reencryption.run()) {
                metrics.reencrypted(Duration.ofNanos(System.nanoTime() - start));
            }
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("failed-to-reencrypt"); // tried again at the next start
        }
    }

    private HttpServer healthServer() {
        return new HttpServer(
                "bbs-health",
                HttpListener.plain(config.healthAddress()),
                builder -> builder.serviceUnder("/", (ctx, request) -> HttpResponse.of(HttpStatus.OK)));
    }

    private DebugServer debugServer(InetSocketAddress address) {
        return new DebugServer(
                name(),
                address,
                builder -> builder.service(
                        "/metrics",
                        (ctx, request) ->
                                HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, metrics.prometheus())));
    }

    private void fail(Exception cause) {
        failure.completeExceptionally(cause);
    }

    /** The API's port in use. */
    public int port() {
        return port;
    }

    /** The health address's port in use. */
    public int healthPort() {
        return healthPort;
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure;
    }

    @Override
    public void close() {
        List<AutoCloseable> running;
        synchronized (parts) {
            closed = true;
            running = List.copyOf(parts);
            parts.clear();
        }
        for (AutoCloseable part : running) {
            try {
                part.close();
            } catch (Exception e) {
                log.atError().setCause(e).log("did-not-close-cleanly");
            }
        }
    }

    private HttpServer started(HttpServer server) throws Exception {
        opened(server).start();
        return server;
    }

    /** Remembers a part to be closed, last first; one that comes after the close is closed at once. */
    private <T extends AutoCloseable> T opened(T part) throws Exception {
        synchronized (parts) {
            if (!closed) {
                parts.push(part);
                return part;
            }
        }
        part.close();
        throw new IllegalStateException("closed while starting");
    }
}
