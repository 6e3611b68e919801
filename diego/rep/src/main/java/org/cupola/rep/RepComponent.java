package org.cupola.rep;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.server.ServerBuilder;
import java.security.cert.CertificateParsingException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.cupola.platform.debug.DebugServer;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.BbsClient;
import org.cupola.protocol.bbs.CellPresences;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LocketLease;
import org.cupola.rep.container.ContainerBackend;
import org.cupola.rep.container.ProcessBackend;
import org.cupola.rep.executor.BothLogSinks;
import org.cupola.rep.executor.CellContainer;
import org.cupola.rep.executor.ContainerState;
import org.cupola.rep.executor.CountingLogSink;
import org.cupola.rep.executor.Executor;
import org.cupola.rep.executor.ExecutorException;
import org.cupola.rep.executor.FileLogSink;
import org.cupola.rep.executor.LogSink;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cell. {@code start} returns when it serves and is on its way to be present: what an earlier run left is gone by then. {@code
 * close} ends every container with the grace its processes get, tells the BBS, and takes the presence back.
 */
public final class RepComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(RepComponent.class);
    private static final Duration PRESENCE_RENEWAL = Duration.ofSeconds(5);
    private static final Duration LOCKET_TIMEOUT = Duration.ofSeconds(10);
    private static final int INSTANCE_GUID_LENGTH = 28;
    private static final long LOG_FILE_BYTES = 8L * 1024 * 1024;
    private static final String LOOPBACK = "127.0.0.1";
    private static final int SAN_IP = 7;
    private static final Duration SHUTDOWN_POLL = Duration.ofMillis(10);
    /** How long the BBS may take to hear of the containers that ended last. */
    private static final Duration LAST_REPORTS = Duration.ofSeconds(3);

    private final RepConfig config;
    private final String address;
    private final Executor executor;
    private final @Nullable LoggregatorLink loggregator;
    private final LogSink sink;
    private final ContainerMetrics metrics;
    private final RequestCounters requests = new RequestCounters();
    private final CompletableFuture<Void> evacuated = new CompletableFuture<>();

    @GuardedBy("this")
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private volatile @Nullable CellEvacuation evacuation;
    private volatile @Nullable Harmonizer harmonizer;
    private volatile @Nullable HttpServer network;
    private volatile @Nullable HttpServer admin;
    private volatile boolean stopping;

    public RepComponent(RepConfig config, Clock clock) {
        this(config, clock, null);
    }

    /** @param logs where applications' logs go; none means a file per instance, or nowhere, as the configuration says */
    public RepComponent(RepConfig config, Clock clock, @Nullable LogSink logs) {
        this.config = config;
        this.address = config.cell().hostAddress().isEmpty()
                ? HostResources.address()
                : config.cell().hostAddress();
        LoggregatorLink agent = config.loggregator().map(LoggregatorLink::new).orElse(null);
        this.loggregator = agent;
        this.sink = logs == null ? sink(config, agent) : logs;
        ContainerBackend backend = new ProcessBackend(config.cell().processes(address));
        this.executor = new Executor(
                config.cell().executor(config.cellId(), config.intervals().metrics()),
                backend,
                sink,
                config.cell().instanceIdentity(clock),
                clock,
                RandomGenerator.getDefault());
        this.metrics = new ContainerMetrics(
                config.cellId(),
                executor,
                config.intervals().metrics(),
                clock,
                agent == null ? envelope -> {} : agent::send);
    }

    /** A file per instance and Loggregator's agent, each if the configuration names it. */
    private static LogSink sink(RepConfig config, @Nullable LoggregatorLink agent) {
        var folder = config.cell().logFolder();
        LogSink files = folder == null ? new CountingLogSink() : new FileLogSink(folder, LOG_FILE_BYTES);
        if (agent == null) {
            return files;
        }
        return folder == null ? agent : new BothLogSinks(files, agent);
    }

    @Override
    public String name() {
        return "rep";
    }

    @Override
    public void start() throws Exception {
        try {
            startParts();
        } catch (Exception e) {
            close();
            throw e;
        }
        log.atInfo()
                .addKeyValue("cell_id", config.cellId())
                .addKeyValue("address", address)
                .addKeyValue("port", port())
                .log("rep-started");
    }

    private void startParts() throws Exception {
        RepConfig.Certificates files = config.certificates();
        TlsIdentity identity = TlsIdentity.read(files.certificate(), files.key());
        requireLoopback(identity);
        var authorities = Pem.certificates(files.authority());
        keep(executor);
        executor.start();
        var bbs = new RemoteBbs(
                new BbsClient(
                        keep(HttpClients.create(identity, authorities)),
                        config.bbsAddress(),
                        config.communicationTimeout()),
                config.cellId());
        CellEvacuation drain = keep(new CellEvacuation(
                config.intervals().evacuationPolling(),
                config.intervals().evacuationTimeout(),
                () -> executor.containers().isEmpty(),
                this::passNow));
        evacuation = drain;
        drain.ended().thenRun(() -> evacuated.complete(null));
        Harmonizer keeper = keep(new Harmonizer(
                bbs,
                executor,
                new CellIdentity(config.cellId(), config.zone(), config.preferInstanceAddress()),
                drain::isBegun,
                config.intervals().polling(),
                config.intervals().evacuationPolling()));
        harmonizer = keeper;
        executor.onChange(keeper::changed);
        keep(metrics).start();

        admin = serve(
                "rep-admin",
                HttpListener.mutualTls(config.admin(), identity, authorities),
                new AdminApi(drain)::register);
        var cell = new AuctionCell(
                this::description, executor, () -> drain.isBegun() || stopping, RepComponent::newInstanceGuid);
        network = serve(
                "rep",
                HttpListener.mutualTls(config.network(), identity, authorities),
                new RepApi(cell, executor, metrics, requests)::register);
        if (config.debug() != null) {
            var report = new MetricsReport(
                    executor, requests, keeper::lastPassNanos, () -> loggregator == null ? 0 : loggregator.dropped());
            keep(new DebugServer(name(), config.debug(), report::register)).start();
        }
        becomePresent();
        keeper.start();
    }

    /** Returns when the cell is present, or after a while, for the presence goes on trying by itself. */
    private void becomePresent() throws Exception {
        RepConfig.Certificates files = config.locket().certificates();
        HttpClients clients = keep(HttpClients.create(
                TlsIdentity.read(files.certificate(), files.key()), Pem.certificates(files.authority())));
        var locket = new LocketClient(clients, config.locket().address(), LOCKET_TIMEOUT);
        LocketLease presence = keep(LocketLease.presence(
                locket,
                config.cellId(),
                PresenceOwner.of(config.cell().folder()),
                CellPresences.encode(description().presence(executor.total())),
                config.locket().timeToLive(),
                PRESENCE_RENEWAL));
        presence.start();
        try {
            presence.acquired().toCompletableFuture().get(PRESENCE_RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.atWarn().addKeyValue("cell_id", config.cellId()).log("presence-not-yet-acquired");
        }
    }

    /** The cell is asked by its own host under this address, so the original refuses a certificate without it. */
    private static void requireLoopback(TlsIdentity identity) throws CertificateParsingException {
        var names = identity.certificate().getSubjectAlternativeNames();
        boolean found = names != null
                && names.stream()
                        .anyMatch(name -> name.getFirst() instanceof Integer kind
                                && kind == SAN_IP
                                && LOOPBACK.equals(name.getLast()));
        if (!found) {
            throw new IllegalArgumentException("certificate: no IP address 127.0.0.1 among its names"
                    + " (expected: a subject alternative name IP:127.0.0.1)");
        }
    }

    private static String newInstanceGuid() {
        return UUID.randomUUID().toString().substring(0, INSTANCE_GUID_LENGTH);
    }

    private CellDescription description() {
        String host = config.advertiseAddress().isEmpty()
                ? config.cellId().replace('_', '-') + "." + config.advertiseDomain()
                : config.advertiseAddress();
        return new CellDescription(
                config.cellId(),
                config.cellIndex(),
                config.zone(),
                "http://" + address + ":" + adminPort(),
                "https://" + host + ":" + port(),
                config.stacks(),
                config.providers(),
                config.placementTags(),
                config.optionalPlacementTags());
    }

    private void passNow() {
        Harmonizer keeper = harmonizer;
        if (keeper != null) {
            keeper.passNow();
        }
    }

    private HttpServer serve(String name, HttpListener listener, Consumer<ServerBuilder> services) throws Exception {
        var server = new HttpServer(name, listener, services);
        server.start();
        return keep(server);
    }

    private synchronized <T extends AutoCloseable> T keep(T part) {
        open.push(part);
        return part;
    }

    /** The port auctioneer and BBS use; asks for a started component. */
    public int port() {
        return started(network).port();
    }

    /** The port of {@code /ping} and {@code /evacuate}; asks for a started component. */
    public int adminPort() {
        return started(admin).port();
    }

    private static HttpServer started(@Nullable HttpServer server) {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    /** Completes when the cell was asked to evacuate and is empty, or its time for that is over: its process shall end. */
    public CompletionStage<Void> evacuated() {
        return evacuated.minimalCompletionStage();
    }

    @Override
    public void close() {
        stopping = true;
        if (harmonizer != null) {
            stopContainers();
        }
        List<AutoCloseable> parts;
        synchronized (this) {
            parts = List.copyOf(open);
            open.clear();
        }
        var failed = new IllegalStateException("rep did not close cleanly");
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                failed.addSuppressed(e); // the others still have to be closed
            }
        }
        sink.close();
        if (loggregator != null) {
            loggregator.close();
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }

    /** While the harmonizer still tells the BBS what becomes of each. What is left afterwards the executor ends by force. */
    private void stopContainers() {
        CellEvacuation drain = evacuation;
        boolean draining = drain != null && drain.isBegun();
        for (CellContainer container : executor.containers()) {
            if (draining) {
                executor.say(
                        container.guid(),
                        "Cell " + config.cellId() + " reached evacuation timeout for instance " + container.guid());
            }
            try {
                executor.stop(container.guid());
            } catch (ExecutorException e) {
                log.atDebug().addKeyValue("reason", e.getMessage()).log("container-already-gone");
            }
        }
        long deadline = System.nanoTime() + config.intervals().shutdown().toNanos();
        try {
            while (executor.containers().stream().anyMatch(one -> one.state() != ContainerState.COMPLETED)
                    && deadline - System.nanoTime() > 0) {
                Thread.sleep(SHUTDOWN_POLL);
            }
            long reports = System.nanoTime() + LAST_REPORTS.toNanos();
            while (!executor.containers().isEmpty() && reports - System.nanoTime() > 0) {
                Thread.sleep(SHUTDOWN_POLL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
