package org.cupola.tcprouter;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.net.SharedPort;
import org.cupola.platform.net.TakeOver;
import org.cupola.platform.net.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens and closes external ports as routes come and go, and carries their connections. A port that cannot be opened is
 * reported and tried again; the others do not notice.
 *
 * <p>{@link #set} and {@code close} are guarded by its lock; views may be read by any thread. Each port has a socket per
 * event loop where the kernel can share one port among several (SO_REUSEPORT), so that a connection stays on the loop that
 * accepted it, and so that a new process can take over while this one drains.
 */
final class DataPlane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DataPlane.class);
    private static final int MAX_SOCKETS_PER_PORT = 8;
    private static final int LISTEN_QUEUE = 4096;
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final DataPlaneSettings settings;
    private final Transport transport;
    private final EventLoopGroup loops;
    private final List<EventLoop> acceptors;
    private final ScheduledExecutorService timer;
    private final TakeOver takeOver;
    private final ConnectionLimits limits;
    private final Context context;
    private final Map<Integer, PortListener> ports = new ConcurrentSkipListMap<>();
    private boolean closed;

    /** The TLS contexts are closed with it. {@code backendTls} is absent when TLS to backends is off. */
    DataPlane(
            DataPlaneSettings settings, Transport transport, FrontendTls frontendTls, @Nullable BackendTls backendTls) {
        this.settings = settings;
        this.transport = transport;
        int threads = settings.eventLoops() > 0
                ? settings.eventLoops()
                : Runtime.getRuntime().availableProcessors();
        this.loops = transport.eventLoops("tcp-router", threads);
        this.acceptors = acceptors();
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("tcp-router-timer").factory());
        this.takeOver = new TakeOver(timer);
        this.limits = new ConnectionLimits(settings.maxConnections(), settings.maxConnectionsPerPort());
        this.context = new Context(
                settings,
                settings.relay(),
                limits,
                new Connector(transport, settings.idleTimeout().isZero()),
                new TlsMaterial(frontendTls, backendTls),
                new RemovedBackends(settings.removedBackendTimeout(), timer));
        timer.scheduleWithFixedDelay(this::retry, RETRY.toNanos(), RETRY.toNanos(), TimeUnit.NANOSECONDS);
    }

    private List<EventLoop> acceptors() {
        List<EventLoop> all = new ArrayList<>();
        for (EventExecutor executor : loops) {
            if (all.size() < MAX_SOCKETS_PER_PORT) {
                all.add((EventLoop) executor);
            }
        }
        return transport.reusePort().isPresent() ? List.copyOf(all) : List.of(all.getFirst());
    }

    /** New connections use these certificates; they are closed with the data plane. */
    void certificates(FrontendTls frontendTls, @Nullable BackendTls backendTls) {
        context.tls().replace(frontendTls, backendTls);
    }

    /** Who shares ports with us. */
    TakeOver takeOver() {
        return takeOver;
    }

    /** For small periodic work; runs until the data plane is closed. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** What is in force for the port; absent when nothing is. */
    @Nullable
    PortRoutes routes(int port) {
        PortListener listener = ports.get(port);
        return listener == null ? null : listener.routes();
    }

    /** By external port. */
    Map<Integer, PortListener> ports() {
        return ports;
    }

    int openConnections() {
        return limits.open();
    }

    /**
     * Returns when new connections see the change. Open ones go on.
     *
     * @param routes absent to close the port
     */
    synchronized void set(int port, @Nullable PortRoutes routes) {
        if (closed) {
            return;
        }
        PortListener listener = ports.get(port);
        tellRemovedBackends(listener, routes);
        if (routes == null) {
            if (listener != null) {
                ports.remove(port);
                listener.close(takeOver);
                log.atInfo().addKeyValue("port", port).log("port-closed");
            }
        } else if (listener == null) {
            var opened = new PortListener(port, routes);
            ports.put(port, opened);
            open(opened);
            openUdp(opened);
        } else {
            listener.routes(routes);
        }
    }

    private void tellRemovedBackends(@Nullable PortListener listener, @Nullable PortRoutes routes) {
        if (listener != null) {
            var gone = listener.routes().backendSet();
            if (routes != null) {
                gone.removeAll(routes.backendSet());
            }
            gone.forEach(context.removedBackends()::removed);
        }
    }

    private synchronized void retry() {
        if (!closed) {
            ports.values().forEach(port -> {
                if (!port.isListening()) {
                    open(port);
                }
                openUdp(port);
            });
        }
    }

    private void open(PortListener listener) {
        List<Channel> sockets = new ArrayList<>();
        boolean shareable = transport.reusePort().isPresent();
        boolean taken =
                shareable && SharedPort.isTaken(new InetSocketAddress(settings.listenAddress(), listener.port()));
        try {
            for (EventLoop acceptor : acceptors) {
                sockets.add(bind(listener, acceptor));
            }
            var shared = new SharedPort(sockets);
            listener.listening(sockets, shared);
            if (shareable) {
                takeOver.opened(shared, taken);
            }
            log.atInfo().addKeyValue("port", listener.port()).log("port-opened");
        } catch (RuntimeException | IOException e) {
            sockets.forEach(Channel::close);
            report(listener, String.valueOf(e.getMessage()));
        }
    }

    private void openUdp(PortListener listener) {
        Duration idle = settings.udpIdleTimeout();
        if (idle == null || listener.routesUdp()) {
            return;
        }
        try {
            boolean shareable = transport.reusePort().isPresent();
            boolean taken = shareable
                    && SharedPort.isTakenForDatagrams(new InetSocketAddress(settings.listenAddress(), listener.port()));
            UdpPort opened = UdpPort.open(
                    listener,
                    transport,
                    loops.next(),
                    settings.listenAddress(),
                    idle,
                    settings.maxConnectionsPerPort());
            listener.routingUdp(opened);
            if (shareable) {
                takeOver.opened(opened.shared(), taken);
            }
        } catch (IOException e) {
            report(listener, String.valueOf(e.getMessage()));
        }
    }

    private void report(PortListener listener, String reason) {
        if (!reason.equals(listener.problem())) {
            log.atError()
                    .addKeyValue("port", listener.port())
                    .addKeyValue("address", settings.listenAddress().getHostAddress())
                    .addKeyValue("error", reason)
                    .log("cannot-listen");
        }
        listener.failed(reason);
    }

    private Channel bind(PortListener listener, EventLoop acceptor) throws IOException {
        var bootstrap = new ServerBootstrap()
                .group(acceptor, transport.reusePort().isPresent() ? acceptor : loops)
                .channelFactory(transport.serverChannels(settings.listenAddress()))
                .option(ChannelOption.SO_BACKLOG, LISTEN_QUEUE)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new Accepted(context, listener));
        transport.reusePort().ifPresent(option -> bootstrap.option(option, true));
        if (settings.idleTimeout().isZero()) {
            bootstrap.childOption(ChannelOption.SO_KEEPALIVE, true); // nothing else would notice a dead client
        }
        var bound = bootstrap
                .bind(new InetSocketAddress(settings.listenAddress(), listener.port()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
        }
        return bound.channel();
    }

    /** Begins a session on each accepted channel, then has nothing more to do there. */
    @Sharable
    private static final class Accepted extends ChannelInboundHandlerAdapter {
        private final Context context;
        private final PortListener listener;

        Accepted(Context context, PortListener listener) {
            this.context = context;
            this.listener = listener;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.pipeline().remove(this);
            Session.begin(context, listener, ctx.channel());
        }
    }

    /** No new connections on any port; open ones go on. */
    synchronized void stopListening() {
        closed = true;
        List<SharedPort> open =
                ports.values().stream().flatMap(port -> port.shared().stream()).toList();
        takeOver.close(open); // all with one look at the system's tables
        ports.values().forEach(port -> port.close(takeOver));
    }

    /** Waits until no connection is open, at most for the given time. */
    void awaitConnections(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (limits.open() > 0 && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Override
    public void close() {
        if (loops.isShuttingDown()) {
            return;
        }
        stopListening();
        timer.shutdownNow();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        context.tls().close();
    }
}
