package org.cupola.gorouter.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.cupola.gorouter.routes.Backend;
import org.cupola.gorouter.routes.RouteTable;
import org.cupola.gorouter.series.SeriesSets;
import org.cupola.platform.net.ListeningSockets;
import org.cupola.platform.net.SharedPort;
import org.cupola.platform.net.Transport;
import org.jspecify.annotations.Nullable;

/**
 * The event loops and what listens on them. Each loop accepts for itself, where the transport lets several sockets share
 * a port. Start and stop come from one thread.
 */
public final class DataPlane implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final long PROBE_INTERVAL_MILLIS = 1000;

    private final Transport transport;
    private final EventLoopGroup group;
    private final ExecutorService control = Executors.newVirtualThreadPerTaskExecutor();
    private final TlsClients tlsClients;
    private final SeriesSets series;
    private final List<Loop> loops = new ArrayList<>();
    private final List<SharedPort> ports = new CopyOnWriteArrayList<>();
    private final List<Http3Listener> http3 = new CopyOnWriteArrayList<>();

    public DataPlane(
            Transport transport,
            int threads,
            ProxySettings settings,
            RouteTable table,
            AccessLog accessLog,
            Telemetry telemetry,
            RouterHealth health,
            TlsClients tlsClients,
            RouteServices routeServices) {
        this.transport = transport;
        this.tlsClients = tlsClients;
        this.group = transport.eventLoops("gorouter", threads);
        this.series = SeriesSets.of(settings.series(), threads);
        var shared = new Shared(
                settings,
                table,
                accessLog,
                telemetry,
                health,
                tlsClients,
                routeServices,
                series,
                new Prober(PROBE_INTERVAL_MILLIS),
                control);
        int index = 0;
        for (EventExecutor executor : group) {
            loops.add(new Loop(shared, (EventLoop) executor, index++, threads, transport.socketChannels()));
        }
    }

    /**
     * Listens for HTTP.
     *
     * @param tls      certificates, {@code null} for plain text
     * @param takeOver whether the port may be in use by another router, which is about to drain
     * @return the port in use
     * @throws IOException when it cannot be had
     */
    public int listen(InetSocketAddress address, boolean takeOver, @Nullable FrontendTls tls)
            throws IOException, InterruptedException {
        if (address.getPort() != 0 && !takeOver) {
            try {
                SharedPort.refuseTaken(address);
            } catch (IOException e) {
                throw cannotListen(address, e);
            }
        }
        boolean shared = transport.reusePort().isPresent();
        InetSocketAddress bound = address;
        List<Channel> opened = new ArrayList<>();
        for (Loop loop : shared ? loops : loops.subList(0, 1)) {
            Channel listener = bind(loop, shared, bound, tls);
            opened.add(listener);
            bound = new InetSocketAddress(
                    address.getAddress(), ((InetSocketAddress) listener.localAddress()).getPort());
        }
        ports.add(new SharedPort(opened));
        return bound.getPort();
    }

    /**
     * Listens for HTTP/3 beside an HTTPS port, whose clients are told of it from then on.
     *
     * @param address        of the HTTPS port
     * @param advertisedPort the port that clients reach this one by
     * @throws IOException when the UDP port cannot be had
     */
    public void listenHttp3(InetSocketAddress address, Http3Tls tls, int advertisedPort)
            throws IOException, InterruptedException {
        http3.add(Http3Listener.open(transport, loops, socket -> loopOf(socket.eventLoop()), address, tls));
        var offer = new AltSvc(address.getPort(), advertisedPort);
        loops.forEach(loop -> loop.eventLoop().execute(() -> loop.offer(offer)));
    }

    private static IOException cannotListen(InetSocketAddress address, Throwable cause) {
        return new IOException(
                "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + cause.getMessage(),
                cause);
    }

    private Channel bind(Loop loop, boolean shared, InetSocketAddress address, @Nullable FrontendTls tls)
            throws IOException, InterruptedException {
        EventLoopGroup children = shared ? loop.eventLoop() : group;
        var bootstrap = new ServerBootstrap()
                .group(loop.eventLoop(), children)
                .channelFactory(transport.serverChannels())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Buffers.WRITE_LIMITS)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, Buffers.READS)
                .childHandler(new Accepting(tls));
        transport.reusePort().ifPresent(option -> bootstrap.option(option, true));
        var bound = bootstrap.bind(address).await();
        if (!bound.isSuccess()) {
            throw cannotListen(address, bound.cause());
        }
        return bound.channel();
    }

    private final class Accepting extends ChannelInitializer<Channel> {
        private final @Nullable FrontendTls tls;

        private Accepting(@Nullable FrontendTls tls) {
            this.tls = tls;
        }

        @Override
        protected void initChannel(Channel channel) {
            Loop loop = loopOf(channel.eventLoop());
            if (loop.settings().requireProxyProtocol()) {
                channel.pipeline().addLast(new ProxyAccept(client -> serve(loop, channel, client)));
            } else {
                serve(loop, channel, (InetSocketAddress) channel.remoteAddress());
            }
        }

        private void serve(Loop loop, Channel channel, InetSocketAddress client) {
            if (tls == null) {
                channel.pipeline().addLast(new Http1Client(loop, channel, false, client));
                return;
            }
            channel.pipeline().addLast(tls.handler(loop.allocator()));
            channel.pipeline().addLast(new TlsAccept((ctx, protocol) -> {
                if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                    new Http2Connection(loop, channel, client).start(ctx.pipeline());
                } else {
                    ctx.pipeline().addLast(new Http1Client(loop, channel, true, client));
                }
            }));
        }
    }

    private Loop loopOf(EventLoop eventLoop) {
        for (Loop loop : loops) {
            if (loop.eventLoop().equals(eventLoop)) {
                return loop;
            }
        }
        throw new IllegalStateException("a channel is on one of our loops");
    }

    /** What is measured one by one. */
    public SeriesSets series() {
        return series;
    }

    public List<LoopMetrics> metrics() {
        return loops.stream().map(Loop::metrics).toList();
    }

    /** The sum over all loops. */
    public long count(Counter counter) {
        return loops.stream().mapToLong(loop -> loop.metrics().count(counter)).sum();
    }

    /** Requests by app and component, as far as the telemetry's settings ask for them. */
    public Usage usage() {
        Usage sum = Usage.none();
        for (Usage part : onLoops(loop -> {
            LoopUsage usage = loop.reports().usage();
            return usage == null ? Usage.none() : usage.copy(System.nanoTime());
        })) {
            sum.merge(part);
        }
        return sum;
    }

    /** Apps that had requests since the last call. */
    public Set<String> takeSeenApps() {
        Set<String> apps = new TreeSet<>();
        onLoops(loop -> {
                    LoopUsage usage = loop.reports().usage();
                    return usage == null ? Set.<String>of() : usage.takeSeenApps();
                })
                .forEach(apps::addAll);
        return apps;
    }

    /** Asks each loop on its own thread; not to be called from one. */
    private <T> List<T> onLoops(Function<Loop, T> question) {
        return loops.stream().map(loop -> loop.eventLoop().submit(() -> question.apply(loop))).toList().stream()
                .map(answer -> answer.syncUninterruptibly().getNow())
                .toList();
    }

    private int sum(Function<Loop, Integer> number) {
        return onLoops(number).stream().mapToInt(Integer::intValue).sum();
    }

    /** Requests under way, upgraded connections not counted. */
    public int activeRequests() {
        return sum(Loop::activeRequests);
    }

    /** Clients' connections without a request. */
    public int idleConnections() {
        return sum(loop -> loop.idleClients().size());
    }

    /** Tells on an event loop whether the backend can be reached, and with TLS whether it is the right one. Any thread. */
    public void probe(Backend backend, Consumer<Boolean> answer) {
        Loop loop = loops.get(Math.floorMod(backend.port(), loops.size()));
        loop.eventLoop().execute(() -> Prober.tryOnce(loop, backend, answer));
    }

    /** What listens, a port each. */
    public List<SharedPort> ports() {
        return ports;
    }

    /** Accepts nobody any more; HTTP/3, whose connections live on the sockets they came to, refuses when it drains. */
    public void closeListeners() {
        if (!ports.isEmpty()) {
            ListeningSockets now = ListeningSockets.read();
            ports.forEach(port -> port.close(now));
            ports.clear();
        }
    }

    /**
     * Closes idle connections, others as soon as their request is done, and waits for that.
     *
     * @return whether all were done in time
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        loops.forEach(loop -> loop.eventLoop().execute(loop::drain));
        long deadline = System.nanoTime() + timeout.toNanos();
        while (sum(Loop::unfinished) > 0) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return true;
    }

    @Override
    public void close() {
        closeListeners();
        http3.forEach(Http3Listener::close);
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        control.close();
        tlsClients.close();
    }
}
