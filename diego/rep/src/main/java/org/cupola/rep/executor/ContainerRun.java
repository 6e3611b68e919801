package org.cupola.rep.executor;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.File;
import org.cupola.rep.container.BindMount;
import org.cupola.rep.container.Container;
import org.cupola.rep.container.ContainerException;
import org.cupola.rep.container.ContainerSpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container's life from the request to run it to its removal, on a virtual thread of its own. {@code stop} and {@code
 * delete} may be called by any thread, any number of times.
 */
final class ContainerRun {
    private static final Logger log = LoggerFactory.getLogger(ContainerRun.class);
    private static final String SERVICE_BINDINGS = "/etc/cf-service-bindings/";

    /** What the life of a container needs of its executor. */
    interface Stage {
        ExecutorSettings settings();

        Optional<InstanceIdentity> identity();

        Container create(ContainerSpec spec) throws ContainerException, StepFailure;

        DownloadCache cache();

        StepFactory steps(Container container, LogStreams streams);

        /** The container is made. */
        void created(String guid, Container container);

        void running(String guid, boolean routable);

        void readiness(String guid, boolean ready);

        void completed(String guid, RunResult result);
    }

    private final Work work;
    private final RunRequest request;
    private final Stage stage;
    private final LogStreams streams;
    private final LogStream platformLog;
    private final Cancellation cancellation = new Cancellation();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final List<DownloadCache.Lease> leases = new ArrayList<>();
    private volatile @Nullable Container container;

    ContainerRun(Work work, RunRequest request, Stage stage, LogStreams streams) {
        this.work = work;
        this.request = request;
        this.stage = stage;
        this.streams = streams;
        this.platformLog = streams.stream("");
    }

    void start() {
        Thread.ofVirtual().name("container-" + work.guid()).start(this::live);
    }

    LogStreams streams() {
        return streams;
    }

    @Nullable
    Container container() {
        return container;
    }

    private void live() {
        RunResult result;
        try {
            result = makeAndRun();
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("guid", work.guid()).log("container-failed-internally");
            result = RunResult.failure("internal error: " + e, false, stopped.get());
        }
        stage.completed(work.guid(), result);
        ended.complete(null);
    }

    private RunResult makeAndRun() {
        Container made;
        try {
            made = make();
        } catch (StepFailure e) {
            return stopped.get()
                    ? RunResult.failure("stopped-before-running", false, true)
                    : RunResult.failure(e.reason(), true, false);
        }
        stage.created(work.guid(), made);
        try {
            Step whole = stage.steps(made, streams).whole(request, ready -> stage.readiness(work.guid(), ready));
            boolean routable = request.readinessChecks().isEmpty();
            whole.run(cancellation, () -> stage.running(work.guid(), routable));
            return RunResult.success(stopped.get());
        } catch (StepFailure e) {
            return RunResult.failure(e.reason(), false, stopped.get());
        }
    }

    private Container make() throws StepFailure {
        List<BindMount> mounts = new ArrayList<>(dependencies());
        Map<String, String> environment = new LinkedHashMap<>(InstanceEnvironment.map(request.environment()));
        var authorities = stage.settings().trustedCertificates();
        if (!request.trustedCertificatesPath().isEmpty() && authorities != null) {
            mounts.add(new BindMount(authorities, request.trustedCertificatesPath()));
            environment.put("CF_SYSTEM_CERT_PATH", request.trustedCertificatesPath());
        }
        stage.identity().ifPresent(identity -> environment.putAll(InstanceIdentity.ENVIRONMENT));
        var spec = new ContainerSpec(
                work.guid(),
                request.rootFs(),
                environment,
                megabytes(work.memoryMb()),
                megabytes(work.diskMb()),
                work.maxPids(),
                request.ports(),
                mounts);
        cancellation.throwIfCancelled();
        String cell = "Cell " + stage.settings().cellId();
        platformLog.out(cell + " creating container for instance " + work.guid());
        try {
            Container made = stage.create(spec);
            container = made; // to be removed by delete, also when what follows fails
            if (stage.identity().isPresent()) {
                CredentialsStep.write(made, stage.identity().get(), request.organizationalUnits());
            }
            for (File file : request.files()) {
                made.write(SERVICE_BINDINGS + file.getPath(), file.getContent().getBytes(StandardCharsets.UTF_8));
            }
            platformLog.out(cell + " successfully created container for instance " + work.guid());
            return made;
        } catch (ContainerException | IOException e) {
            platformLog.err(cell + " failed to create container for instance " + work.guid() + ": " + e.getMessage());
            throw new StepFailure("failed to create container: " + e.getMessage(), e);
        }
    }

    private static long megabytes(int number) {
        return number * 1024L * 1024;
    }

    /** Side by side; the first failure gives up the others. */
    private List<BindMount> dependencies() throws StepFailure {
        List<BindMount> mounts = java.util.Collections.synchronizedList(new ArrayList<>());
        Cancellation together = cancellation.child();
        List<Step> fetches = new ArrayList<>();
        for (CachedDependency dependency : request.cachedDependencies()) {
            fetches.add((cancelled, ready) -> {
                try {
                    mounts.add(fetch(dependency, together));
                } catch (StepFailure e) {
                    together.cancel();
                    throw e;
                }
            });
        }
        if (!fetches.isEmpty()) {
            new ParallelStep(fetches).run(together, () -> {});
        }
        return mounts;
    }

    private BindMount fetch(CachedDependency dependency, Cancellation together) throws StepFailure {
        String name = dependency.getName();
        LogStream stream = streams.stream(dependency.getLogSource());
        if (!name.isEmpty()) {
            stream.out("Downloading " + name + "...");
        }
        try {
            DownloadCache.Lease lease = stage.cache()
                    .fetchUnpacked(
                            URI.create(dependency.getFrom()),
                            dependency.getCacheKey().isEmpty() ? dependency.getFrom() : dependency.getCacheKey(),
                            new Checksum(dependency.getChecksumAlgorithm(), dependency.getChecksumValue()),
                            together);
            synchronized (leases) {
                leases.add(lease);
            }
            if (!name.isEmpty()) {
                stream.out("Downloaded " + name + " (" + ByteSize.format(lease.sizeBytes()) + ")");
            }
            return new BindMount(lease.content(), dependency.getTo());
        } catch (IOException | IllegalArgumentException e) {
            together.throwIfCancelled();
            if (!name.isEmpty()) {
                stream.err("Downloading " + name + " failed");
            }
            log.atWarn()
                    .addKeyValue("guid", work.guid())
                    .addKeyValue("dependency", name)
                    .addKeyValue("reason", e.getMessage())
                    .log("cached-dependency-not-downloaded");
            throw new StepFailure("failed to download cached artifacts", e);
        }
    }

    /** Asks for the end; returns at once. */
    void stop() {
        if (!ended.isDone() && stopped.compareAndSet(false, true)) {
            platformLog.out("Cell " + stage.settings().cellId() + " stopping instance " + work.guid());
        }
        cancellation.cancel();
    }

    /** Stops, waits for the end and removes everything. */
    void delete() throws ContainerException {
        stop();
        ended.join();
        Container made = container;
        if (made != null) {
            String cell = "Cell " + stage.settings().cellId();
            platformLog.out(cell + " destroying container for instance " + work.guid());
            try {
                made.destroy();
            } catch (ContainerException e) {
                platformLog.err(cell + " failed to destroy container for instance " + work.guid());
                throw e;
            }
            platformLog.out(cell + " successfully destroyed container for instance " + work.guid());
        }
        synchronized (leases) {
            leases.forEach(DownloadCache.Lease::close);
            leases.clear();
        }
    }
}
