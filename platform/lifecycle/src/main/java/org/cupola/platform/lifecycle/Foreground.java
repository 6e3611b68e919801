package org.cupola.platform.lifecycle;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one component as a process: until SIGINT or SIGTERM, then a drain bounded by a grace period. Meanwhile a
 * {@link HeapGuard} looks after its memory.
 *
 * <p>Signals arrive through the JVM's shutdown hook, so a second signal cannot interrupt the drain; {@code kill -9} can.
 */
public final class Foreground {
    private static final Logger log = LoggerFactory.getLogger(Foreground.class);

    private Foreground() {}

    /**
     * Starts the component, calls {@code onReady}, and returns the exit code when it fails: 1, with the reason logged.
     * On a signal the component is closed and the JVM ends by itself; this method then does not return.
     *
     * @throws Exception what {@link Component#start} threw
     */
    public static int run(Component component, Duration gracePeriod, Runnable onReady) throws Exception {
        component.start();
        var stopped = new CompletableFuture<Void>();
        Thread hook = Thread.ofPlatform().unstarted(() -> {
            closeWithin(component, gracePeriod);
            stopped.complete(null);
        });
        Runtime.getRuntime().addShutdownHook(hook);
        HeapGuard.watch();
        onReady.run();
        try {
            CompletableFuture.anyOf(component.failure().toCompletableFuture(), stopped)
                    .get();
            return 0;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            log.atError().setCause(cause).log("component failed");
            return 1;
        }
    }

    private static void closeWithin(Component component, Duration gracePeriod) {
        var closed = new CompletableFuture<Void>();
        Thread.ofPlatform().daemon().name("close-" + component.name()).start(() -> {
            try {
                component.close();
            } finally {
                closed.complete(null);
            }
        });
        try {
            closed.get(gracePeriod.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.atError()
                    .addKeyValue("component", component.name())
                    .addKeyValue("grace_period", gracePeriod)
                    .log("did not close within its grace period");
        } catch (InterruptedException | ExecutionException e) {
            Thread.currentThread().interrupt();
        }
    }
}
