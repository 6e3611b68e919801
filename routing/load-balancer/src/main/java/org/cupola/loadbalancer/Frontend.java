package org.cupola.loadbalancer;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.cupola.loadbalancer.LoadBalancerConfig.Relaying;
import org.cupola.platform.net.Dialer;
import org.cupola.platform.net.Dialer.Dialed;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.Relay;
import org.cupola.platform.net.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections, on one port or many, and relays each to the first of its pool's backends that takes it.
 *
 * <p>Any thread; what happens to one connection happens on its event loop, the backend's side included.
 */
final class Frontend {
    private static final Logger log = LoggerFactory.getLogger(Frontend.class);
    private static final Duration QUIET_WHILE_DRAINING = Duration.ofMillis(500);

    private final String name;
    private final BackendPool pool;
    private final Relaying relaying;
    private final boolean refusalIsIllness;
    private final ServerBootstrap bootstrap;
    private final Dialer dialer;
    private final Set<Channel> listeners = ConcurrentHashMap.newKeySet();
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder unserved = new LongAdder();

    /**
     * @param refusalIsIllness whether a backend that refuses a connection is unhealthy as a whole, and not only without a
     *     route for that port
     */
    Frontend(
            String name,
            BackendPool pool,
            Relaying relaying,
            boolean refusalIsIllness,
            Transport transport,
            EventLoopGroup loops) {
        this.name = name;
        this.pool = pool;
        this.relaying = relaying;
        this.refusalIsIllness = refusalIsIllness;
        this.dialer = new Dialer(transport, relaying.connectTimeout());
        this.bootstrap = new ServerBootstrap()
                .group(loops)
                .channelFactory(transport.serverChannels())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new Accepting());
    }

    String name() {
        return name;
    }

    /** Begins to listen; the channel belongs to this front end once it is bound. */
    ChannelFuture bind(InetSocketAddress address) {
        ChannelFuture bound = bootstrap.bind(address);
        bound.addListener((ChannelFuture done) -> {
            if (done.isSuccess()) {
                listeners.add(done.channel());
            }
        });
        return bound;
    }

    int connections() {
        return connections.get();
    }

    /** Connections closed at once because there were too many. */
    long rejected() {
        return rejected.sum();
    }

    /** Connections closed because no backend took them. */
    long unserved() {
        return unserved.sum();
    }

    @Sharable
    private final class Accepting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Channel client = ctx.channel();
            ctx.pipeline().remove(this);
            if (connections.incrementAndGet() > relaying.maxConnections()) {
                connections.decrementAndGet();
                rejected.increment();
                client.config().setOption(ChannelOption.SO_LINGER, 0);
                client.close();
                return;
            }
            accept(client);
        }
    }

    private void accept(Channel client) {
        Relay relay = Relay.hold(client, relaying.relay());
        relays.add(relay);
        relay.closed().addListener(_ -> {
            relays.remove(relay);
            connections.decrementAndGet();
        });
        int port = ((InetSocketAddress) client.localAddress()).getPort();
        dialer.dial(client.eventLoop(), pool.candidates(), backend -> backend.addressFor(port), this::refused)
                .addListener((Future<Dialed<Backend>> dialed) -> {
                    if (dialed.isSuccess()) {
                        join(relay, dialed.getNow());
                    } else {
                        unserved.increment();
                        relay.close();
                    }
                });
    }

    private void refused(Backend backend, Throwable cause) {
        if (refusalIsIllness) {
            backend.refused("connect failed: " + cause.getMessage());
        }
    }

    private void join(Relay relay, Dialed<Backend> dialed) {
        Backend backend = dialed.candidate();
        backend.opened();
        relay.closed().addListener(_ -> backend.closed());
        relay.join(dialed.channel(), proxyHeader(relay.client()));
    }

    private ByteBuf proxyHeader(Channel client) {
        ProxyHeader.Version version = relaying.proxyHeader();
        if (version == null || client.remoteAddress() == null || client.localAddress() == null) {
            return Unpooled.EMPTY_BUFFER;
        }
        var endpoints = new ProxyHeader.Endpoints(
                (InetSocketAddress) client.remoteAddress(), (InetSocketAddress) client.localAddress());
        return ProxyHeader.write(version, endpoints, client.alloc());
    }

    /** Accepts no more; what is open goes on, but no longer idly. */
    void drain() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        relays.forEach(relay -> relay.limitIdle(QUIET_WHILE_DRAINING));
        log.atInfo()
                .addKeyValue("frontend", name)
                .addKeyValue("connections", connections())
                .log("draining");
    }

    /** Resets what is still open. */
    void closeConnections() {
        relays.forEach(Relay::close);
    }
}
