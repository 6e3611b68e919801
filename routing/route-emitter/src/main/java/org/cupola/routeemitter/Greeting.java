package org.cupola.routeemitter;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.cupola.protocol.routing.NatsBus;
import org.cupola.protocol.routing.RouterStartMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Asks the routers of one service how often they want to hear from us, and listens for those that start later. Guarded
 * by its lock; announcements arrive on threads of the NATS client.
 */
final class Greeting implements AutoCloseable {
    static final int ATTEMPTS = 30;
    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(Greeting.class);
    private static final byte[] EMPTY = {};

    private final NatsBus bus;
    private final String service;
    private final ScheduledExecutorService timer;
    private final Listener listener;
    private final String inbox = UUID.randomUUID().toString();
    private final int maxAttempts;
    private final Duration pause;

    private @Nullable ScheduledFuture<?> greetings;
    private NatsBus.@Nullable Subscription answers;
    private NatsBus.@Nullable Subscription starts;
    private boolean answered;
    private int attempts;

    /** Told of every announcement, one after the other. */
    interface Listener {
        /** @param first whether it is the answer to our greeting, or the first start message */
        void announced(Duration interval, boolean first);

        /** Nobody answered in all attempts. */
        void unanswered();
    }

    Greeting(
            NatsBus bus,
            String service,
            ScheduledExecutorService timer,
            int maxAttempts,
            Duration pause,
            Listener listener) {
        this.bus = bus;
        this.service = service;
        this.timer = timer;
        this.maxAttempts = maxAttempts;
        this.pause = pause;
        this.listener = listener;
    }

    synchronized void start() {
        starts = bus.subscribe(service + ".start", (subject, replyTo, data) -> received(data, false));
        answers = bus.subscribe(inbox, (subject, replyTo, data) -> received(data, true));
        greetings = timer.scheduleWithFixedDelay(this::greet, 0, pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void greet() {
        synchronized (this) {
            if (answered) {
                return;
            }
            if (attempts == maxAttempts) {
                stopGreeting();
            } else {
                attempts++;
                publishGreeting();
                return;
            }
        }
        listener.unanswered();
    }

    private void publishGreeting() {
        try {
            bus.publish(service + ".greet", inbox, EMPTY);
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("service", service)
                    .addKeyValue("error", e.getMessage())
                    .log("failed-to-greet");
        }
    }

    private void received(byte[] data, boolean answer) {
        Duration interval;
        try {
            interval = Duration.ofSeconds(RouterStartMessage.parse(data).minimumRegisterIntervalInSeconds());
        } catch (JacksonException e) {
            log.atError()
                    .addKeyValue("service", service)
                    .addKeyValue("message", new String(data, StandardCharsets.UTF_8))
                    .log("failed-to-parse-router-start");
            return;
        }
        if (!interval.isPositive()) {
            log.atError()
                    .addKeyValue("service", service)
                    .addKeyValue("interval", interval)
                    .log("router-start-without-interval");
            return;
        }
        boolean first;
        synchronized (this) {
            if (answer && answered) {
                return; // one answer is enough; further routers say the same
            }
            first = !answered;
            answered = true;
            stopGreeting();
        }
        listener.announced(interval, first);
    }

    private synchronized void stopGreeting() {
        ScheduledFuture<?> running = greetings;
        if (running != null) {
            running.cancel(false);
        }
    }

    @Override
    public synchronized void close() {
        stopGreeting();
        if (starts != null) {
            starts.close();
        }
        if (answers != null) {
            answers.close();
        }
    }
}
