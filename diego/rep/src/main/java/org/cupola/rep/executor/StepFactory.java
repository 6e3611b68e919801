package org.cupola.rep.executor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.EmitProgressAction;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.TimeoutAction;
import org.cupola.rep.container.Container;
import org.cupola.rep.container.ProcessSpec;

/** Makes the steps of one container from the actions that describe them. Immutable. */
final class StepFactory {
    private static final Duration DEFAULT_CHECK_TIMEOUT = Duration.ofSeconds(1);

    private final Container container;
    private final ExecutorSettings settings;
    private final LogStreams log;
    private final DownloadCache cache;
    private final HttpFetcher fetcher;
    private final Semaphore uploads;
    private final Optional<InstanceIdentity> identity;
    private final Runnable onKilled;

    StepFactory(
            Container container,
            LogStreams log,
            ExecutorSettings settings,
            DownloadCache cache,
            HttpFetcher fetcher,
            Semaphore uploads,
            Optional<InstanceIdentity> identity,
            Runnable onKilled) {
        this.container = container;
        this.settings = settings;
        this.log = log;
        this.cache = cache;
        this.fetcher = fetcher;
        this.uploads = uploads;
        this.identity = identity;
        this.onKilled = onKilled;
    }

    /**
     * The whole of a container's work: set up, then the action with all that lives and dies with it.
     *
     * @param onReadiness told when a readiness check changes its mind
     */
    Step whole(RunRequest request, Consumer<Boolean> onReadiness) throws StepFailure {
        List<Step> together = new ArrayList<>();
        together.add(step(request.action()));
        for (Action sidecar : request.sidecars()) {
            together.add(step(sidecar));
        }
        health(request).ifPresent(together::add);
        identity.ifPresent(
                issuer -> together.add(new CredentialsStep(container, issuer, request.organizationalUnits())));
        if (!request.readinessChecks().isEmpty()) {
            together.add(new ReadinessStep(
                    checks(request.readinessChecks()),
                    settings.unhealthyInterval(),
                    log.stream(request.checkLogSource()),
                    onReadiness));
        }
        List<Step> sequence = new ArrayList<>();
        if (!request.downloads().isEmpty()) {
            sequence.add(new ParallelStep(steps(request.downloads())));
        }
        if (request.setup().isPresent()) {
            sequence.add(step(request.setup().get()));
        }
        sequence.add(together.size() == 1 ? together.getFirst() : new CodependentStep(together, false));
        return new SerialStep(sequence);
    }

    private Optional<Step> health(RunRequest request) throws StepFailure {
        if (!request.checks().isEmpty()) {
            return Optional.of(new HealthStep(
                    checks(request.checks()),
                    request.startTimeout(),
                    settings.unhealthyInterval(),
                    log.stream(request.checkLogSource())));
        }
        if (request.monitor().isEmpty()) {
            return Optional.empty();
        }
        Action monitor = request.monitor().get();
        step(monitor); // what cannot be made fails now and not at the first look
        return Optional.of(new MonitorStep(
                () -> uncheckedStep(monitor),
                request.startTimeout(),
                settings.healthyInterval(),
                settings.unhealthyInterval(),
                log.stream("")));
    }

    private Step uncheckedStep(Action action) {
        try {
            return step(action);
        } catch (StepFailure e) {
            return (cancellation, ready) -> {
                throw e;
            };
        }
    }

    private List<Check> checks(List<org.cupola.protocol.bbs.proto.Check> checks) {
        return checks.stream().map(this::check).toList();
    }

    private Check check(org.cupola.protocol.bbs.proto.Check check) {
        String address = container.network().containerAddress();
        if (check.hasHttpCheck()) {
            var http = check.getHttpCheck();
            int port = container.network().listenPort(http.getPort());
            String path = http.getPath().isEmpty() ? "/" : http.getPath();
            return new Check(
                    new HttpProbe(address, port, path, timeout(http.getRequestTimeoutMs())),
                    interval(http.getIntervalMs()));
        }
        var tcp = check.getTcpCheck();
        int port = container.network().listenPort(tcp.getPort());
        return new Check(
                new TcpProbe(address, port, timeout(tcp.getConnectTimeoutMs())), interval(tcp.getIntervalMs()));
    }

    private static Duration timeout(long millis) {
        return millis > 0 ? Duration.ofMillis(millis) : DEFAULT_CHECK_TIMEOUT;
    }

    private Duration interval(long millis) {
        return millis > 0 ? Duration.ofMillis(millis) : settings.healthyInterval();
    }

    private List<Step> steps(List<Action> actions) throws StepFailure {
        List<Step> steps = new ArrayList<>();
        for (Action action : actions) {
            steps.add(step(action));
        }
        return steps;
    }

    /** When several kinds are set, the one with the lowest number counts. */
    Step step(Action action) throws StepFailure {
        if (action.hasDownloadAction()) {
            var download = action.getDownloadAction();
            return new DownloadStep(container, download, cache, log.stream(download.getLogSource()));
        }
        if (action.hasUploadAction()) {
            var upload = action.getUploadAction();
            return new UploadStep(container, upload, fetcher, uploads, log.stream(upload.getLogSource()));
        }
        if (action.hasRunAction()) {
            return run(action.getRunAction());
        }
        if (action.hasTimeoutAction()) {
            TimeoutAction timeout = action.getTimeoutAction();
            Duration limit = timeout.getTimeoutMs() > 0
                    ? Duration.ofMillis(timeout.getTimeoutMs())
                    : Duration.ofNanos(timeout.getDeprecatedTimeoutNs());
            return new TimeoutStep(step(timeout.getAction()), limit);
        }
        if (action.hasEmitProgressAction()) {
            EmitProgressAction emit = action.getEmitProgressAction();
            return new EmitProgressStep(
                    step(emit.getAction()),
                    emit.getStartMessage(),
                    emit.getSuccessMessage(),
                    emit.getFailureMessagePrefix(),
                    log.stream(emit.getLogSource()));
        }
        if (action.hasTryAction()) {
            return new TryStep(step(action.getTryAction().getAction()));
        }
        if (action.hasParallelAction()) {
            return new ParallelStep(steps(action.getParallelAction().getActionsList()));
        }
        if (action.hasSerialAction()) {
            return new SerialStep(steps(action.getSerialAction().getActionsList()));
        }
        if (action.hasCodependentAction()) {
            return new CodependentStep(steps(action.getCodependentAction().getActionsList()), true);
        }
        throw new StepFailure("invalid action type");
    }

    private Step run(RunAction action) {
        Optional<Probe> probe = HealthcheckProgram.probe(action, container.network());
        if (probe.isPresent()) {
            return new ProbeStep(probe.get());
        }
        Map<String, String> environment = new LinkedHashMap<>(InstanceEnvironment.map(action.getEnvList()));
        environment.putAll(InstanceEnvironment.network(container.network()));
        var limits = action.getResourceLimits();
        var process = new ProcessSpec(
                action.getPath(),
                action.getArgsList(),
                action.getDir(),
                environment,
                action.getUser(),
                limits.hasNofile() ? OptionalLong.of(limits.getNofile()) : OptionalLong.empty());
        return new RunStep(
                container,
                process,
                action.getSuppressLogOutput(),
                log.stream(action.getLogSource()),
                settings.gracePeriod(),
                onKilled);
    }
}
