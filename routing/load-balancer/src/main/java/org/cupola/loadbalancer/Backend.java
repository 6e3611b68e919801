package org.cupola.loadbalancer;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.cupola.loadbalancer.LoadBalancerConfig.Health;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router and what is known of it. It begins as not healthy: it is tried when there is nothing better, and used as soon as
 * it has answered.
 *
 * <p>Any thread. The verdicts of its health checker and of failed connects meet under its lock; readers take none.
 */
final class Backend {
    private static final Logger log = LoggerFactory.getLogger(Backend.class);

    private final String name;
    private final IntFunction<InetSocketAddress> address;
    private final Health health;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean healthy;
    private int inARow;

    /** @param address of the backend for a client that came to the given port */
    Backend(String name, IntFunction<InetSocketAddress> address, Health health) {
        this.name = name;
        this.address = address;
        this.health = health;
    }

    String name() {
        return name;
    }

    InetSocketAddress addressFor(int port) {
        return address.apply(port);
    }

    boolean isHealthy() {
        return healthy;
    }

    int connections() {
        return connections.get();
    }

    void opened() {
        connections.incrementAndGet();
    }

    void closed() {
        connections.decrementAndGet();
    }

    /** A health check came back; counts until as many in a row say the opposite of what is held true. */
    synchronized void checked(boolean good, String reason) {
        if (good == healthy) {
            inARow = 0;
        } else if (++inARow >= (good ? health.rise() : health.fall())) {
            become(good, reason);
        }
    }

    /** It did not accept a connection: not used until a health check succeeds. */
    synchronized void refused(String reason) {
        if (healthy) {
            become(false, reason);
        }
    }

    private void become(boolean good, String reason) {
        healthy = good;
        inARow = 0;
        (good ? log.atInfo() : log.atWarn())
                .addKeyValue("backend", name)
                .addKeyValue("reason", reason)
                .log(good ? "backend-healthy" : "backend-unhealthy");
    }

    @Override
    public String toString() {
        return name;
    }
}
