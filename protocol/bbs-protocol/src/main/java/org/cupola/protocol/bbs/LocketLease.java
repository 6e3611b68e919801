package org.cupola.protocol.bbs;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.cupola.protocol.bbs.proto.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one Locket resource: takes it as soon as it is free, renews it at every interval, releases it on close.
 *
 * <p>A <em>lock</em> is lost for good, so that its holder must stop, when somebody else has it, or when it could not be renewed until a tenth
 * of its time to live before the end: Locket gives it to nobody else earlier than its time to live after the last renewal it
 * answered. Until then the renewal is tried five times as often. A <em>presence</em> goes on trying. Runs on a virtual thread of its own; any thread may ask or close.
 */
public final class LocketLease implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocketLease.class);
    private static final Duration RELEASE_TIMEOUT = Duration.ofSeconds(5);

    private static final int URGENT = 5;
    private static final int MARGIN = 10;

    private final LocketClient client;
    private final Resource resource;
    private final Duration timeToLive;
    private final Duration interval;
    private final boolean exclusive;
    private final CompletableFuture<Void> acquired = new CompletableFuture<>();
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean held;
    private boolean collisionLogged;
    /** When the last attempt that succeeded was begun; meaningful while held. */
    private long renewedNanos;

    private boolean renewalFailed;

    private LocketLease(
            LocketClient client, Resource resource, Duration timeToLive, Duration interval, boolean exclusive) {
        this.client = client;
        this.resource = resource;
        this.timeToLive = timeToLive;
        this.interval = interval;
        this.exclusive = exclusive;
        this.thread = Thread.ofVirtual().name("locket-" + resource.getKey()).unstarted(this::run);
    }

    /** @param interval between the end of one attempt and the next; also each attempt's time limit */
    public static LocketLease lock(
            LocketClient client, String key, String owner, Duration timeToLive, Duration interval) {
        return new LocketLease(client, LocketClient.lockResource(key, owner), timeToLive, interval, true);
    }

    /** @param value what {@code fetch} shows others, such as a cell presence */
    public static LocketLease presence(
            LocketClient client, String key, String owner, String value, Duration timeToLive, Duration interval) {
        return new LocketLease(client, LocketClient.presenceResource(key, owner, value), timeToLive, interval, false);
    }

    /** Begins to try; call once. */
    public LocketLease start() {
        thread.start();
        return this;
    }

    /** Completes when the resource is held for the first time; exceptionally when closed before. */
    public CompletionStage<Void> acquired() {
        return acquired;
    }

    /** Completes exceptionally when a lock is lost; never for a presence. */
    public CompletionStage<Void> lost() {
        return lost;
    }

    public boolean isHeld() {
        return held;
    }

    private void run() {
        try {
            do {
                attempt();
            } while (!lost.isDone() && !closed.await(pauseNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long pauseNanos() {
        return renewalFailed ? interval.toNanos() / URGENT : interval.toNanos();
    }

    /** How long what is held stays ours without another renewal. */
    private Duration left() {
        long safe = timeToLive.toNanos() - timeToLive.toNanos() / MARGIN;
        return Duration.ofNanos(renewedNanos + safe - System.nanoTime());
    }

    /** Of one attempt: it must tell in time whether the lock is lost. */
    private Duration limit() {
        if (!held || !exclusive || left().compareTo(interval) >= 0) {
            return interval;
        }
        Duration shortest = interval.dividedBy(URGENT);
        return left().compareTo(shortest) > 0 ? left() : shortest;
    }

    private void attempt() {
        long begun = System.nanoTime();
        try {
            client.withTimeout(limit()).lock(resource, timeToLive);
            renewedNanos = begun;
            renewalFailed = false;
            if (!held) {
                log.atInfo().addKeyValue("key", resource.getKey()).log("acquired-lock");
            }
            held = true;
            collisionLogged = false;
            acquired.complete(null);
        } catch (LocketException e) {
            boolean noAnswer = e.kind() == LocketException.Kind.TIMEOUT || e.kind() == LocketException.Kind.UNAVAILABLE;
            if (held && exclusive && noAnswer && left().isPositive()) {
                renewalFailed = true;
                log.atWarn()
                        .addKeyValue("key", resource.getKey())
                        .addKeyValue("left", left())
                        .addKeyValue("reason", e.getMessage())
                        .log("failed-to-renew-lock");
                return;
            }
            boolean wasHeld = held;
            held = false;
            if (wasHeld && exclusive) {
                String message = "lost lock (" + resource.getKey() + ": " + e.getMessage() + ")";
                lost.completeExceptionally(new IllegalStateException(message, e));
            }
            logFailure(e, wasHeld);
        }
    }

    private void logFailure(LocketException e, boolean wasHeld) {
        boolean collision = e.kind() == LocketException.Kind.COLLISION;
        if (wasHeld || !collision || !collisionLogged) {
            log.atWarn()
                    .addKeyValue("key", resource.getKey())
                    .addKeyValue("owner", collision ? currentOwner() : "")
                    .addKeyValue("reason", e.getMessage())
                    .log(wasHeld ? "lost-lock" : "failed-to-acquire-lock");
        }
        collisionLogged |= collision;
    }

    private String currentOwner() {
        try {
            return client.withTimeout(interval)
                    .fetch(resource.getKey())
                    .map(Resource::getOwner)
                    .orElse("");
        } catch (LocketException e) {
            return "unknown (" + e.getMessage() + ")";
        }
    }

    /** Ends the renewals and releases what is held. */
    @Override
    public void close() {
        if (closed.getCount() == 0) {
            return;
        }
        closed.countDown();
        acquired.completeExceptionally(new IllegalStateException("closed before the lock was acquired"));
        try {
            thread.join(interval.plus(RELEASE_TIMEOUT));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (held) {
            held = false;
            release();
        }
    }

    private void release() {
        try {
            client.withTimeout(RELEASE_TIMEOUT).release(resource);
        } catch (LocketException e) {
            // It expires by itself; until then nobody else gets the key.
            log.atWarn()
                    .addKeyValue("key", resource.getKey())
                    .addKeyValue("reason", e.getMessage())
                    .log("failed-to-release-lock");
        }
    }
}
