package org.cupola.auctioneer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.cupola.auctioneer.AuctioneerConfig.CertificateFiles;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The auctioneer. {@code start} waits for the lock as long as another auctioneer holds it, and opens the API only then; a
 * {@code close} meanwhile ends the wait. A lost lock is a failure.
 */
public final class AuctioneerComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(AuctioneerComponent.class);
    private static final String LOCK = "auctioneer";
    private static final Duration LOCK_TTL = Duration.ofSeconds(15);
    private static final Duration LOCK_RETRY = Duration.ofSeconds(1);
    private static final Duration LOCKET_TIMEOUT = Duration.ofSeconds(10);

    private final AuctioneerConfig config;
    private final AuctionCounters counters = new AuctionCounters();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    @GuardedBy("this")
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean closed;

    private volatile @Nullable LocketLease lock;
    private volatile @Nullable HttpServer api;

    public AuctioneerComponent(AuctioneerConfig config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "auctioneer";
    }

    @Override
    public void start() throws Exception {
        try {
            startParts();
        } catch (Exception e) {
            close();
            throw e;
        }
        log.atInfo().addKeyValue("port", port()).log("auctioneer-started");
    }

    private void startParts() throws Exception {
        if (config.debug() != null) {
            keep(new DebugServer(name(), config.debug(), server -> {
                        server.service("/health", (ctx, request) -> HttpResponse.of(200));
                        server.service("/metrics", (ctx, request) -> metrics());
                    }))
                    .start();
        }
        var locket = new LocketClient(keep(clients(config.locket())), config.locketAddress(), LOCKET_TIMEOUT);
        acquireLock(locket);
        var bbs = new BbsClient(keep(clients(config.bbs())), config.bbsAddress(), config.communicationTimeout());
        var cells = new PresentCells(
                locket, keep(clients(config.rep())), config.cellStateTimeout(), config.communicationTimeout());
        var weights = new Weights(
                config.startingContainerWeight(),
                config.binPackFirstFitWeight(),
                config.startingContainerCountMaximum());
        var queue = new WorkQueue();
        keep(new AuctionRunner(
                        queue,
                        cells,
                        new BbsReports(bbs),
                        weights,
                        config.workers(),
                        counters,
                        failure::completeExceptionally))
                .start();
        api = serve(new HttpServer("auctioneer", listener(), new AuctioneerApi(queue, counters)::register));
    }

    private void acquireLock(LocketClient locket) throws Exception {
        LocketLease lease = keep(LocketLease.lock(locket, LOCK, config.lockOwner(), LOCK_TTL, LOCK_RETRY));
        lock = lease;
        lease.lost().whenComplete((nothing, cause) -> {
            if (cause != null) {
                failure.completeExceptionally(cause);
            }
        });
        lease.start();
        try {
            lease.acquired().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("auctioneer lock: " + e.getCause(), e);
        }
    }

    private HttpListener listener() {
        CertificateFiles files = config.server();
        return files == null
                ? HttpListener.plain(config.listen())
                : HttpListener.mutualTls(
                        config.listen(),
                        TlsIdentity.read(files.certificate(), files.key()),
                        Pem.certificates(files.authority()));
    }

    private static HttpClients clients(CertificateFiles files) {
        return HttpClients.create(
                TlsIdentity.read(files.certificate(), files.key()), Pem.certificates(files.authority()));
    }

    private HttpServer serve(HttpServer server) throws Exception {
        server.start();
        return keep(server);
    }

    /** To be closed with this component, or at once when it is closed already. */
    private <T extends AutoCloseable> T keep(T part) throws Exception {
        synchronized (this) {
            if (!closed) {
                open.push(part);
                return part;
            }
        }
        part.close();
        throw new IllegalStateException("closed while it was starting");
    }

    private HttpResponse metrics() {
        var text = new StringBuilder();
        counters.values()
                .forEach((name, value) ->
                        text.append(name).append(' ').append(value).append('\n'));
        LocketLease lease = lock;
        text.append("LockHeld ").append(lease != null && lease.isHeld() ? 1 : 0).append('\n');
        return HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, text.toString());
    }

    /** The port of the API in use; asks for a started component. */
    public int port() {
        HttpServer server = api;
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server.port();
    }

    @Override
    public CompletionStage<Void> failure() {
        return failure.minimalCompletionStage();
    }

    @Override
    public void close() {
        List<AutoCloseable> parts;
        synchronized (this) {
            closed = true;
            parts = List.copyOf(open);
            open.clear();
        }
        IllegalStateException failed = new IllegalStateException("auctioneer did not close cleanly");
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                failed.addSuppressed(e); // the others still have to be closed
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }
}
