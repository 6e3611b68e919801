package org.cupola.routeregistrar;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.lifecycle.Component;
import org.cupola.routeregistrar.DynamicConfig.Changes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The route registrar as a component. {@code start} begins all loops and returns; NATS, UAA and Routing API need not be there
 * yet. {@code close} unregisters every route once.
 */
public final class RouteRegistrarComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(RouteRegistrarComponent.class);
    private static final Duration SCAN_INTERVAL = Duration.ofSeconds(10);

    private final RouteRegistrarConfig config;
    private final InstantSource clock;
    private final Duration scanInterval;
    private final ScriptRunner scripts = new ScriptRunner();
    private final DynamicConfig dynamic;
    private final ScheduledExecutorService scanner = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("route-registrar-scan").factory());

    @GuardedBy("this")
    private final List<RouteLoop> staticLoops = new ArrayList<>();

    @GuardedBy("this")
    private final Map<RegistrarRoute, RouteLoop> dynamicLoops = new LinkedHashMap<>();

    @GuardedBy("this")
    private @Nullable NatsRegistry nats;

    @GuardedBy("this")
    private @Nullable RoutingApiRegistry routingApi;

    @GuardedBy("this")
    private boolean closed;

    public RouteRegistrarComponent(RouteRegistrarConfig config, InstantSource clock) {
        this(config, clock, SCAN_INTERVAL);
    }

    /** @param scanInterval between looks at the dynamic files */
    public RouteRegistrarComponent(RouteRegistrarConfig config, InstantSource clock, Duration scanInterval) {
        this.config = config;
        this.clock = clock;
        this.scanInterval = scanInterval;
        this.dynamic = new DynamicConfig(config.dynamicConfigGlobs(), config.host());
    }

    @Override
    public String name() {
        return "route-registrar";
    }

    @Override
    public synchronized void start() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        DynamicConfig.check(config.dynamicConfigGlobs());
        if (config.nats() != null) {
            nats = new NatsRegistry(
                    config.nats(), UUID.randomUUID().toString(), config.availabilityZone(), this::announceAgain);
        }
        if (config.routingApi() != null) {
            routingApi = new RoutingApiRegistry(config.routingApi(), clock);
        }
        for (RegistrarRoute route : config.routes()) {
            RouteLoop loop = loop(route);
            staticLoops.add(loop);
            loop.start();
        }
        if (!config.dynamicConfigGlobs().isEmpty()) {
            scanner.scheduleWithFixedDelay(
                    this::scan, scanInterval.toMillis(), scanInterval.toMillis(), TimeUnit.MILLISECONDS);
        }
        log.atInfo().addKeyValue("routes", config.routes().size()).log("Running");
    }

    @GuardedBy("this")
    private RouteLoop loop(RegistrarRoute route) {
        @Nullable
        Registry registry = switch (route.destination()) {
            case RegistrarRoute.Http _ -> nats;
            case RegistrarRoute.Tcp _ -> routingApi;
        };
        return new RouteLoop(route, registry == null ? new Nowhere() : registry, scripts, config.unregistrationLimit());
    }

    /** For dynamic routes that need what the static file does not configure. */
    private static final class Nowhere implements Registry {
        @Override
        public void register(RegistrarRoute route) throws RegistryException {
            throw new RegistryException(
                    route.destination() instanceof RegistrarRoute.Http
                            ? "message_bus_servers must have at least one entry"
                            : "routing_api is not configured");
        }

        @Override
        public void unregister(RegistrarRoute route) throws RegistryException {
            register(route);
        }
    }

    private synchronized void announceAgain() {
        staticLoops.forEach(RouteLoop::announceAgain);
        dynamicLoops.values().forEach(RouteLoop::announceAgain);
    }

    private void scan() {
        try {
            apply(dynamic.scan());
        } catch (RuntimeException e) { // the next scan must still take place
            log.atError().setCause(e).log("dynamic files not scanned");
        }
    }

    private void apply(Changes changes) {
        List<RouteLoop> begun = new ArrayList<>();
        List<RouteLoop> ended = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            for (RegistrarRoute route : changes.added()) {
                RouteLoop loop = loop(route);
                dynamicLoops.put(route, loop);
                begun.add(loop);
                loop.start();
            }
            for (RegistrarRoute route : changes.removed()) {
                RouteLoop loop = dynamicLoops.remove(route);
                if (loop != null) {
                    ended.add(loop);
                }
            }
        }
        for (RouteLoop loop : ended) {
            loop.close();
            try {
                loop.unregisterWithinBudget();
            } catch (RegistryException e) {
                notUnregistered(loop, e);
            }
        }
        if (!ended.isEmpty()) {
            begun.forEach(RouteLoop::announceAgain); // the end of a changed route may have ended its new form too
        }
    }

    @Override
    public void close() {
        scanner.shutdownNow();
        List<RouteLoop> loops;
        NatsRegistry usedNats;
        RoutingApiRegistry usedRoutingApi;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            loops = new ArrayList<>(staticLoops);
            loops.addAll(dynamicLoops.values());
            usedNats = nats;
            usedRoutingApi = routingApi;
        }
        unregisterAll(loops);
        if (usedNats != null) {
            usedNats.close();
        }
        if (usedRoutingApi != null) {
            usedRoutingApi.close();
        }
        log.atInfo().log("Exiting without error");
    }

    private static void unregisterAll(List<RouteLoop> loops) {
        List<Thread> closings = loops.stream()
                .map(loop -> Thread.ofVirtual().start(loop::close))
                .toList();
        boolean apiReached = true;
        for (int i = 0; i < loops.size(); i++) {
            RouteLoop loop = loops.get(i);
            boolean overApi = loop.route().destination() instanceof RegistrarRoute.Tcp;
            try {
                closings.get(i).join();
                if (!overApi || apiReached) {
                    loop.unregister();
                }
            } catch (RegistryException e) {
                notUnregistered(loop, e);
                apiReached &= !overApi; // waiting for it once is enough; time does the rest
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void notUnregistered(RouteLoop loop, RegistryException e) {
        log.atError()
                .addKeyValue("route", loop.route().label())
                .addKeyValue("error", e.getMessage())
                .log("route-not-unregistered");
    }
}
