package org.cupola.nats;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import java.util.random.RandomGenerator.SplittableGenerator;
import org.cupola.platform.json.Json;
import org.cupola.platform.lifecycle.Component;
import org.cupola.platform.net.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The NATS broker as a component: listeners, files and shutdown around the {@link Broker}.
 *
 * <p>Any thread; {@code start} and {@code close} once each.
 */
public final class NatsComponent implements Component {
    private static final Logger log = LoggerFactory.getLogger(NatsComponent.class);
    private static final int MAX_EVENT_LOOPS = 4;
    private static final Duration LAST_WRITES = Duration.ofSeconds(2);
    private static final Duration LONGEST_CLOSE_GAP = Duration.ofSeconds(1);

    private final NatsConfig config;
    private final Transport transport;
    private final EventLoopGroup loops;
    private final ExecutorService slowWork;
    private final Broker broker;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean lameDuck = new AtomicBoolean();
    private final CompletableFuture<Void> retired = new CompletableFuture<>();
    private volatile @Nullable Channel listener;
    private volatile @Nullable MonitorServer monitor;
    private volatile @Nullable Path portsFile;

    public NatsComponent(NatsConfig config, Clock clock) {
        this(config, clock, Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_EVENT_LOOPS));
    }

    /** @param eventLoops threads that serve clients; one carries tens of thousands of messages a second */
    public NatsComponent(NatsConfig config, Clock clock, int eventLoops) {
        this(config, clock, eventLoops, SplittableGenerator.of("L64X128MixRandom"));
    }

    NatsComponent(NatsConfig config, Clock clock, int eventLoops, SplittableGenerator random) {
        this.config = config;
        this.transport = Transport.preferred();
        this.loops = transport.eventLoops("nats", eventLoops);
        this.slowWork = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("nats-auth-", 0).factory());
        var atOnce = new Semaphore(Runtime.getRuntime().availableProcessors());
        this.broker = new Broker(
                config,
                loops,
                clock,
                random,
                new SecureRandom(),
                task -> slowWork.execute(() -> {
                    atOnce.acquireUninterruptibly(); // password hashing is all computation
                    try {
                        task.run();
                    } finally {
                        atOnce.release();
                    }
                }));
    }

    @Override
    public String name() {
        return "nats";
    }

    @Override
    public void start() throws Exception {
        try {
            listener = listen();
            InetSocketAddress bound = address();
            broker.listening(bound.getPort());
            startMonitor();
            writeFiles();
            log.atInfo()
                    .addKeyValue("address", bound)
                    .addKeyValue("server_id", broker.info().id())
                    .addKeyValue("tls", config.tls() != null)
                    .addKeyValue("auth", config.authorization().isRequired())
                    .log("listening-for-client-connections");
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private Channel listen() {
        if (config.listen().isUnresolved()) {
            throw new IllegalStateException(
                    "cannot listen on " + config.listen().getHostString() + ": unknown host");
        }
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channelFactory(transport.serverChannels())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        ClientConnection connection = broker.connection(channel);
                        channel.pipeline().addLast(connection);
                        connection.open();
                    }
                });
        var bind = bootstrap.bind(config.listen()).awaitUninterruptibly();
        if (!bind.isSuccess()) {
            throw new IllegalStateException(
                    "cannot listen on " + config.listen().getHostString() + ":"
                            + config.listen().getPort() + ": " + bind.cause().getMessage(),
                    bind.cause());
        }
        return bind.channel();
    }

    private void startMonitor() throws Exception {
        NatsConfig.Monitoring monitoring = config.monitoring();
        if (monitoring != null) {
            var server = new MonitorServer(broker, monitoring);
            server.start();
            monitor = server;
        }
    }

    private void writeFiles() throws IOException {
        Path pidFile = config.pidFile();
        if (pidFile != null) {
            Files.writeString(pidFile, Long.toString(ProcessHandle.current().pid()));
        }
        Path folder = config.portsFileFolder();
        if (folder != null) {
            Path file = folder.resolve("nats-server_" + ProcessHandle.current().pid() + ".ports");
            String scheme = config.tls() == null ? "nats://" : "tls://";
            Files.writeString(
                    file,
                    Json.text(Map.of(
                            "nats", List.of(scheme + config.listen().getHostString() + ":" + port()),
                            "monitoring", monitorUrls())));
            portsFile = file;
        }
    }

    private List<String> monitorUrls() {
        MonitorServer server = monitor;
        NatsConfig.Monitoring monitoring = config.monitoring();
        return server == null || monitoring == null
                ? List.of()
                : List.of((monitoring.tls() ? "https://" : "http://")
                        + monitoring.listen().getHostString() + ":" + server.port());
    }

    /** Where clients connect, once started. */
    public InetSocketAddress address() {
        Channel channel = listener;
        return channel == null ? config.listen() : (InetSocketAddress) channel.localAddress();
    }

    public int port() {
        return address().getPort();
    }

    /** The monitoring port in use; 0 without monitoring. */
    public int monitorPort() {
        return broker.monitorPort();
    }

    /** Clients connected now. */
    public int connections() {
        return broker.clients().size();
    }

    /**
     * Takes on other settings (users, certificates, limits) without touching the listeners. New connections follow them;
     * clients learn of a new payload limit, and those who are no users any more are closed.
     */
    public void reload(NatsConfig changed) {
        broker.reconfigure(changed);
        log.atInfo().log("configuration-reloaded");
    }

    /**
     * Retires: takes no new clients, tells the present ones to go elsewhere, and after the grace period closes them one by
     * one, spread over the configured time. Completes when none is left; then it is time to {@link #close}. With no
     * clients that is at once.
     */
    public CompletionStage<Void> enterLameDuckMode() {
        CompletableFuture<Void> done = retired;
        if (!lameDuck.compareAndSet(false, true)) {
            return done;
        }
        log.atInfo().addKeyValue("clients", connections()).log("entering-lame-duck-mode");
        broker.stopAccepting();
        closeListener();
        if (connections() == 0) {
            done.complete(null);
            return done;
        }
        broker.announceLameDuck();
        Duration grace = config.timing().lameDuckGrace();
        Thread.ofVirtual().name("nats-lame-duck").start(() -> closeClients(grace, done));
        return done;
    }

    private void closeClients(Duration grace, CompletableFuture<Void> done) {
        try {
            Thread.sleep(grace);
            List<ClientConnection> clients = new ArrayList<>(broker.clients());
            Duration spread = config.timing().lameDuckDuration().minus(grace);
            long gapMillis = clients.isEmpty() ? 0 : Math.max(0, spread.toMillis() / clients.size());
            RandomGenerator random = RandomGenerator.getDefault();
            for (ClientConnection client : clients) {
                broker.shutDown(client);
                long longest = Math.min(gapMillis, LONGEST_CLOSE_GAP.toMillis());
                Thread.sleep(longest == 0 ? 0 : longest / 2 + random.nextLong(longest / 2 + 1));
            }
            done.complete(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            done.completeExceptionally(e);
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        broker.stopAccepting();
        closeListener();
        List<ClientConnection> clients = List.copyOf(broker.clients());
        clients.forEach(broker::shutDown);
        long deadline = System.nanoTime() + LAST_WRITES.toNanos();
        for (ClientConnection client : clients) {
            client.channel()
                    .closeFuture()
                    .awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        MonitorServer server = monitor;
        if (server != null) {
            server.close();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(LAST_WRITES.toMillis());
        slowWork.shutdownNow();
        deleteFiles();
        log.atInfo().addKeyValue("clients", clients.size()).log("server-shutdown");
    }

    private void closeListener() {
        Channel channel = listener;
        if (channel != null) {
            channel.close().awaitUninterruptibly();
        }
    }

    private void deleteFiles() {
        for (Path file : new Path[] {config.pidFile(), portsFile}) {
            if (file != null) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    log.atWarn().addKeyValue("file", file).setCause(e).log("file-not-deleted");
                }
            }
        }
    }
}
