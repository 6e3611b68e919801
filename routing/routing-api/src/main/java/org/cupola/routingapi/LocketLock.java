package org.cupola.routingapi;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.LocketException;
import org.cupola.protocol.bbs.LocketLease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader lock as the original takes it: one resource in Locket, renewed at every retry interval. Any thread.
 */
final class LocketLock implements LeaderLock {
    private static final Logger log = LoggerFactory.getLogger(LocketLock.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final LocketClient client;
    private final LocketLease lease;
    private final String key;
    private final String owner;

    LocketLock(HttpClients clients, String address, String key, String owner, Duration ttl, Duration retryInterval) {
        this.client = new LocketClient(clients, address, retryInterval);
        this.lease = LocketLease.lock(client, key, owner, ttl, retryInterval);
        this.key = key;
        this.owner = owner;
    }

    @Override
    public void acquire() throws InterruptedException {
        try {
            lease.start().acquired().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("lock " + key + ": " + e.getCause(), e);
        }
    }

    @Override
    public CompletionStage<Void> lost() {
        return lease.lost();
    }

    /** Locket does not tell whether somebody waits, so this takes its time unless somebody comes. */
    @Override
    public void handOver(Duration atMost) throws InterruptedException {
        boolean held = lease.isHeld();
        lease.close();
        long startNanos = System.nanoTime();
        while (held && System.nanoTime() - startNanos < atMost.toNanos() && !anotherIsActive()) {
            Thread.sleep(LOOK_EVERY);
        }
    }

    private boolean anotherIsActive() {
        try {
            return client.fetch(key)
                    .filter(held -> !held.getOwner().equals(owner))
                    .isPresent();
        } catch (LocketException e) {
            log.atDebug().setCause(e).log("locket-not-reached");
            return false;
        }
    }

    @Override
    public void close() {
        lease.close();
    }
}
