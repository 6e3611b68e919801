package org.cupola.routeregistrar;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one route alive, on a virtual thread of its own: acts at once and then at every interval. What fails is tried again
 * sooner, with growing pauses. {@code announceAgain} and {@code close} may be called from any thread.
 */
final class RouteLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RouteLoop.class);
    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(30);

    private final RegistrarRoute route;
    private final Registry registry;
    private final ScriptRunner scripts;
    private final UnregistrationBudget unregistrations;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;

    RouteLoop(RegistrarRoute route, Registry registry, ScriptRunner scripts, int unregistrationLimit) {
        this.route = route;
        this.registry = registry;
        this.scripts = scripts;
        this.unregistrations = new UnregistrationBudget(unregistrationLimit);
        this.thread = Thread.ofVirtual().name("route-" + route.label()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    RegistrarRoute route() {
        return route;
    }

    /** Acts now instead of at the end of the interval. */
    void announceAgain() {
        wake.release();
    }

    private void run() {
        Duration backoff = FIRST_BACKOFF;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Duration pause = route.interval();
                try {
                    act();
                    backoff = FIRST_BACKOFF;
                } catch (RegistryException e) {
                    log.atError()
                            .addKeyValue("route", route.label())
                            .addKeyValue("error", e.getMessage())
                            .log("route-not-announced");
                    pause = pause.compareTo(backoff) < 0 ? pause : backoff;
                    backoff =
                            backoff.multipliedBy(2).compareTo(MAX_BACKOFF) < 0 ? backoff.multipliedBy(2) : MAX_BACKOFF;
                }
                if (wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void act() throws RegistryException, InterruptedException {
        HealthCheck check = route.healthCheck();
        if (check == null) {
            registry.register(route);
            log.atDebug().addKeyValue("route", route.label()).log("Registered route");
        } else if (scripts.isHealthy(check)) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            registry.register(route);
            unregistrations.reset();
            log.atDebug().addKeyValue("route", route.label()).log("Registered route");
        } else if (unregistrations.take()) {
            registry.unregister(route);
            log.atInfo().addKeyValue("route", route.label()).log("Unregistered route");
        }
    }

    /** Unregisters once, after {@link #close}. */
    void unregister() throws RegistryException {
        registry.unregister(route);
        log.atInfo().addKeyValue("route", route.label()).log("Unregistered route");
    }

    /** As {@link #unregister}, unless an unhealthy route was unregistered often enough already. */
    void unregisterWithinBudget() throws RegistryException {
        if (unregistrations.take()) {
            unregister();
        }
    }

    /** Ends the loop and waits for what it is doing, so that nothing is registered after this. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
