package org.cupola.rep.executor;

import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.cupola.protocol.bbs.CellResources;
import org.cupola.rep.container.BackendCapacity;
import org.cupola.rep.container.Container;
import org.cupola.rep.container.ContainerBackend;
import org.cupola.rep.container.ContainerException;
import org.cupola.rep.container.ContainerSpec;
import org.cupola.rep.container.ContainerUsage;
import org.cupola.rep.executor.ExecutorException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs containers on one backend. Thread-safe; {@code delete} and {@code close} wait for processes to end, the rest returns at
 * once.
 *
 * <p>Listeners hear of a container when it is reserved, when it runs, when it becomes routable or stops being so, and when it
 * has completed; on the thread that brought it about, so they must not block. They may hear the same twice and have to
 * ask for the state anew.
 */
public final class Executor implements Containers, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Executor.class);

    private final ExecutorSettings settings;
    private final ContainerBackend backend;
    private final LogSink sink;
    private final Optional<InstanceIdentity> identity;
    private final InstantSource clock;
    private final HttpFetcher fetcher;
    private final DownloadCache cache;
    private final Semaphore creations;
    private final Semaphore deletions;
    private final Semaphore uploads;
    private final ContainerTable table;
    private final Map<String, ContainerRun> runs = new ConcurrentHashMap<>();
    private final List<Consumer<CellContainer>> listeners = new CopyOnWriteArrayList<>();
    private final ExecutorCounters counters = new ExecutorCounters();
    private final ContainerRun.Stage stage = new LiveStage();
    private final Maintenance maintenance;

    /** @param identity issues instances their certificates; without it they have none */
    public Executor(
            ExecutorSettings settings,
            ContainerBackend backend,
            LogSink sink,
            Optional<InstanceIdentity> identity,
            InstantSource clock,
            RandomGenerator random) {
        this.settings = settings;
        this.backend = backend;
        this.sink = sink;
        this.identity = identity;
        this.clock = clock;
        this.fetcher = new HttpFetcher(ArtifactTls.context(settings), random);
        this.cache =
                new DownloadCache(settings.cacheFolder(), settings.maxCacheBytes(), settings.maxDownloads(), fetcher);
        this.creations = new Semaphore(settings.createWorkers());
        this.deletions = new Semaphore(settings.deleteWorkers());
        this.uploads = new Semaphore(settings.maxUploads());
        this.table = new ContainerTable(total(settings, backend.capacity()));
        this.maintenance = new Maintenance(settings, backend, this::expireReservations);
    }

    /** One container is kept back for the backend's self-check. */
    private static CellResources total(ExecutorSettings settings, BackendCapacity capacity) {
        long mebibyte = 1024L * 1024;
        long memory = settings.memoryMb() > 0 ? settings.memoryMb() : capacity.memoryBytes() / mebibyte;
        long disk = settings.diskMb() > 0
                ? settings.diskMb()
                : Math.max(0, capacity.diskBytes() - settings.maxCacheBytes()) / mebibyte;
        return new CellResources(
                (int) Math.min(memory, Integer.MAX_VALUE),
                (int) Math.min(disk, Integer.MAX_VALUE),
                capacity.maxContainers() - 1);
    }

    /**
     * Destroys what an earlier run left and looks whether containers can be made.
     *
     * @throws IOException when the backend's or the cache's place cannot be used
     */
    public void start() throws IOException {
        backend.start();
        cache.recover();
        maintenance.start();
    }

    /** Whether the last self-check of the backend was well. */
    public boolean healthy() {
        return maintenance.healthy();
    }

    public CellResources total() {
        return table.total();
    }

    public CellResources remaining() {
        return table.remaining();
    }

    public ExecutorCounters counters() {
        return counters;
    }

    /** Called for each change from now on. */
    public void onChange(Consumer<CellContainer> listener) {
        listeners.add(listener);
    }

    public void reserve(Work work) throws ExecutorException {
        announce(table.reserve(work, clock.instant()));
    }

    @Override
    public void run(RunRequest request) throws ExecutorException {
        CellContainer container =
                table.initialize(request.guid(), request.internalRoutes(), request.metricTags(), clock.instant());
        var rate = new LogRate(
                request.logBytesPerSecond(),
                settings.maxLogLinesPerSecond(),
                System::nanoTime,
                counters::countLogRateExceeded);
        var streams = new LogStreams(request.log(), sink, clock, rate);
        var run = new ContainerRun(container.work(), request, stage, streams);
        runs.put(request.guid(), run);
        run.start();
    }

    @Override
    public void stop(String guid) throws ExecutorException {
        if (table.find(guid).isEmpty()) {
            throw new ExecutorException(Kind.CONTAINER_NOT_FOUND, guid);
        }
        ContainerRun run = runs.get(guid);
        if (run == null) {
            stage.completed(guid, RunResult.failure("stopped-before-running", false, true));
        } else {
            run.stop();
        }
    }

    @Override
    public void delete(String guid) throws ContainerException {
        deletions.acquireUninterruptibly();
        try {
            ContainerRun run = runs.get(guid);
            if (run != null) {
                run.delete();
                runs.remove(guid, run);
            }
            table.remove(guid);
        } finally {
            deletions.release();
        }
    }

    /**
     * Changes what the platform knows of a container, and tells the listeners.
     *
     * @param internalRoutes empty means: as they are
     * @param metricTags     empty means: as they are
     */
    public void update(String guid, Optional<List<String>> internalRoutes, Optional<Map<String, String>> metricTags)
            throws ExecutorException {
        CellContainer changed = table.update(
                guid,
                old -> old.with(internalRoutes.orElse(old.internalRoutes()), metricTags.orElse(old.metricTags())));
        ContainerRun run = runs.get(guid);
        if (run != null && metricTags.isPresent()) {
            LogConfig config = run.streams().config();
            run.streams().config(new LogConfig(config.guid(), config.index(), config.source(), metricTags.get()));
        }
        announce(changed);
    }

    @Override
    public Optional<CellContainer> find(String guid) {
        return table.find(guid);
    }

    @Override
    public List<CellContainer> containers() {
        return table.all();
    }

    public Map<String, ContainerUsage> usage() {
        return backend.usage();
    }

    /** None for a container that has not been asked to run. */
    public Optional<LogUsage> logUsage(String guid) {
        return Optional.ofNullable(runs.get(guid)).map(run -> run.streams().usage());
    }

    @Override
    public void say(String guid, String message) {
        ContainerRun run = runs.get(guid);
        if (run != null) {
            run.streams().stream("").out(message);
        }
    }

    @Override
    public byte[] read(String guid, String file, int maxBytes) throws IOException {
        ContainerRun run = runs.get(guid);
        Container container = run == null ? null : run.container();
        if (container == null) {
            throw new IOException("no such container: " + guid);
        }
        try (InputStream in = container.read(file)) {
            byte[] content = in.readNBytes(maxBytes + 1);
            if (content.length > maxBytes) {
                throw new IOException(file + ": larger than " + maxBytes + " bytes");
            }
            return content;
        }
    }

    /** Ends every container, with the grace each process gets, then lets go of the backend. */
    @Override
    public void close() {
        maintenance.close();
        List<Thread> threads = new ArrayList<>();
        for (CellContainer container : table.all()) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    delete(container.guid());
                } catch (ContainerException e) {
                    log.atError()
                            .setCause(e)
                            .addKeyValue("guid", container.guid())
                            .log("container-not-destroyed");
                }
            }));
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        backend.close();
        cache.close();
    }

    private void expireReservations() {
        for (CellContainer stale : table.staleReservations(clock.instant(), settings.reservedExpiration())) {
            stage.completed(stale.guid(), RunResult.failure("expired container", false, false));
        }
    }

    private void announce(CellContainer container) {
        listeners.forEach(listener -> listener.accept(container));
    }

    /** Ties a container's life to the table and the backend. */
    private final class LiveStage implements ContainerRun.Stage {
        @Override
        public ExecutorSettings settings() {
            return settings;
        }

        @Override
        public Optional<InstanceIdentity> identity() {
            return identity;
        }

        @Override
        public DownloadCache cache() {
            return cache;
        }

        @Override
        public Container create(ContainerSpec spec) throws ContainerException {
            creations.acquireUninterruptibly();
            try {
                return backend.create(spec);
            } catch (ContainerException e) {
                counters.countCreationFailed();
                throw e;
            } finally {
                creations.release();
            }
        }

        @Override
        public StepFactory steps(Container container, LogStreams streams) {
            return new StepFactory(
                    container, streams, settings, cache, fetcher, uploads, identity, counters::countKilledAfterGrace);
        }

        @Override
        public void created(String guid, Container container) {
            change(() -> table.create(guid, container.network(), clock.instant()));
        }

        @Override
        public void running(String guid, boolean routable) {
            change(() -> announce(table.run(guid, routable, clock.instant())));
        }

        @Override
        public void readiness(String guid, boolean ready) {
            table.routable(guid, ready).ifPresent(Executor.this::announce);
        }

        @Override
        public void completed(String guid, RunResult result) {
            counters.countCompleted();
            change(() -> announce(table.complete(guid, result, clock.instant())));
        }

        private void change(Change change) {
            try {
                change.make();
            } catch (ExecutorException e) {
                // Removed meanwhile, or a reservation that expired while it was asked to run.
                log.atInfo().addKeyValue("reason", e.getMessage()).log("container-not-changed");
            }
        }
    }

    private interface Change {
        void make() throws ExecutorException;
    }
}
