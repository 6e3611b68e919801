package org.cupola.gorouter;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.gorouter.proxy.LogSources;
import org.cupola.protocol.routing.NatsBus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports what happens to the NATS connection, and announces the router again when it is back. Any thread. */
final class NatsWatch implements NatsBus.Listener {
    private static final Logger log = LoggerFactory.getLogger(LogSources.NATS);

    private final ScheduledExecutorService timers;
    private final Duration interval;
    private final CompletableFuture<Void> failure;

    @GuardedBy("this")
    private @Nullable Future<?> reminder;

    @GuardedBy("this")
    private Runnable whenBack = () -> {};

    NatsWatch(ScheduledExecutorService timers, Duration interval, CompletableFuture<Void> failure) {
        this.timers = timers;
        this.interval = interval;
        this.failure = failure;
    }

    synchronized void onReconnect(Runnable action) {
        whenBack = action;
    }

    @Override
    public synchronized void disconnected() {
        if (reminder != null || timers.isShutdown()) {
            return;
        }
        log.atInfo().log("nats-connection-disconnected");
        reminder = timers.scheduleAtFixedRate(
                () -> log.atInfo().log("nats-connection-still-disconnected"),
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void reconnected(String server) {
        Runnable action;
        synchronized (this) {
            if (reminder != null) {
                reminder.cancel(false);
                reminder = null;
            }
            action = whenBack;
        }
        log.atInfo().addKeyValue("nats-host", server).log("nats-connection-reconnected");
        action.run();
    }

    @Override
    public void closed() {
        log.atError().log("nats-connection-closed");
        failure.completeExceptionally(new IllegalStateException("nats-connection-closed"));
    }
}
