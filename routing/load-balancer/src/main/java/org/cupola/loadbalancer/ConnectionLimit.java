package org.cupola.loadbalancer;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** Closes connections beyond a number. Any thread. */
final class ConnectionLimit {
    private final int max;
    private final AtomicInteger open = new AtomicInteger();

    ConnectionLimit(int max) {
        this.max = max;
    }

    boolean admit(Channel channel) {
        if (open.incrementAndGet() > max) {
            open.decrementAndGet();
            channel.close();
            return false;
        }
        channel.closeFuture().addListener(_ -> open.decrementAndGet());
        return true;
    }
}
