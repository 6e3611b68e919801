package org.cupola.loadbalancer;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.cupola.loadbalancer.LoadBalancerConfig.Tcp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on all ports of the TCP load balancer's range. A port that somebody else uses does not keep the others from
 * working: it is reported and tried again until it is free. Guarded by its lock.
 */
final class PortRangeListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PortRangeListener.class);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Frontend frontend;
    private final Tcp tcp;
    private final EventLoopGroup loops;
    private List<Integer> missing = new ArrayList<>();
    private @Nullable ScheduledFuture<?> retry;
    private boolean closed;

    PortRangeListener(Frontend frontend, Tcp tcp, EventLoopGroup loops) {
        this.frontend = frontend;
        this.tcp = tcp;
        this.loops = loops;
    }

    /** Returns when it listens; throws when not one port of the range could be had. */
    synchronized void start() {
        List<Integer> all = new ArrayList<>();
        for (int port = tcp.firstPort(); port <= tcp.lastPort(); port++) {
            all.add(port);
        }
        Throwable failure = bind(all);
        if (failure != null && missing.size() == all.size()) {
            throw new IllegalStateException(
                    "cannot listen on " + tcp.listenAddress().getHostAddress() + ":" + tcp.firstPort() + "-"
                            + tcp.lastPort() + ": " + failure.getMessage(),
                    failure);
        }
        log.atInfo()
                .addKeyValue("address", tcp.listenAddress().getHostAddress())
                .addKeyValue("ports", tcp.firstPort() + "-" + tcp.lastPort())
                .log("tcp-listening");
        if (!missing.isEmpty()) {
            log.atWarn().addKeyValue("ports", missing).setCause(failure).log("ports-in-use");
            retry = loops.next()
                    .scheduleWithFixedDelay(
                            () -> Thread.ofVirtual().start(this::bindMissing),
                            RETRY.toMillis(),
                            RETRY.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void bindMissing() {
        int before = missing.size();
        if (closed || before == 0) {
            return;
        }
        bind(missing);
        if (missing.size() < before) {
            log.atInfo().addKeyValue("still_missing", missing).log("ports-recovered");
        }
    }

    /** Returns the last failure. */
    private @Nullable Throwable bind(List<Integer> ports) {
        List<ChannelFuture> attempts = new ArrayList<>();
        for (int port : ports) {
            attempts.add(frontend.bind(new InetSocketAddress(tcp.listenAddress(), port)));
        }
        List<Integer> failed = new ArrayList<>();
        Throwable failure = null;
        for (int i = 0; i < ports.size(); i++) {
            ChannelFuture attempt = attempts.get(i).awaitUninterruptibly();
            if (!attempt.isSuccess()) {
                failed.add(ports.get(i));
                failure = attempt.cause();
            }
        }
        missing = failed;
        return failure;
    }

    @Override
    public synchronized void close() {
        closed = true;
        ScheduledFuture<?> running = retry;
        if (running != null) {
            running.cancel(false);
        }
    }
}
