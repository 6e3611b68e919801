package org.cupola.nats;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection alive and measures its round trip: pings a client soon after CONNECT, then whenever it has
 * been silent for the interval, and gives up on it when too many pings stay unanswered.
 *
 * <p>Confined to its event loop; the round trip may be read anywhere.
 */
final class PingTimer {
    private static final Duration FIRST_PING = Duration.ofSeconds(2);
    private static final long REMEASURE_NANOS = Duration.ofHours(1).toNanos();

    private final EventLoop loop;
    private final long intervalNanos;
    private final int maxUnanswered;
    private final RandomGenerator random;
    private final Runnable ping;
    private final Runnable stale;
    private @Nullable ScheduledFuture<?> timer;
    private int unanswered;
    private long heardNanos;
    private long pingedNanos;
    private long measuredNanos;
    private volatile long roundTripNanos;

    PingTimer(EventLoop loop, NatsConfig.Timing timing, RandomGenerator random, Runnable ping, Runnable stale) {
        this.loop = loop;
        this.intervalNanos = timing.pingInterval().toNanos();
        this.maxUnanswered = timing.maxPingsOut();
        this.random = random;
        this.ping = ping;
        this.stale = stale;
    }

    void start() {
        schedule(intervalNanos);
    }

    /** CONNECT was processed. */
    void connected() {
        long first = Math.min(FIRST_PING.toNanos(), intervalNanos);
        schedule(first + (long) (first * 0.2 * random.nextDouble()));
    }

    /** The client sent something. */
    void heard() {
        heardNanos = now();
    }

    void answered() {
        unanswered = 0;
        measuredNanos = now();
        roundTripNanos = Math.max(1, measuredNanos - pingedNanos);
    }

    /** Zero until it was measured. */
    Duration roundTrip() {
        return Duration.ofNanos(roundTripNanos);
    }

    void stop() {
        ScheduledFuture<?> running = timer;
        if (running != null) {
            running.cancel(false);
        }
    }

    private void schedule(long nanos) {
        stop();
        timer = loop.schedule(this::due, nanos, TimeUnit.NANOSECONDS);
    }

    private void due() {
        long now = now();
        boolean measure = roundTripNanos == 0 || now - measuredNanos > REMEASURE_NANOS;
        if (measure || now - heardNanos >= intervalNanos) {
            if (unanswered >= maxUnanswered) {
                stale.run();
                return;
            }
            unanswered++;
            pingedNanos = now;
            ping.run();
        }
        schedule(intervalNanos);
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
