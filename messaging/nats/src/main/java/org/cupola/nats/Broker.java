package org.cupola.nats;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator.SplittableGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What all connections share: the subscription index, the settings in force, and the counters.
 *
 * <p>Any thread. Settings change as a whole, by {@link #reconfigure}; a connection's buffers keep the limits it began with.
 */
final class Broker {
    private record Settings(
            NatsConfig config,
            Authenticator authenticator,
            @Nullable ServerTls tls,
            Instant since) {
        static Settings of(NatsConfig config, Instant now) {
            NatsConfig.Tls tls = config.tls();
            return new Settings(
                    config,
                    new Authenticator(config.authorization(), tls != null && tls.verifyAndMap()),
                    tls == null ? null : new ServerTls(tls),
                    now);
        }
    }

    private final Clock clock;
    private final Instant start;
    private final SecureRandom secrets;
    private final Executor slowWork;
    private final String serverId;
    private final SubscriptionIndex index = new SubscriptionIndex();
    private final LoopContext[] contexts;
    private final MessageRouter[] routers;
    private final Map<Long, ClientConnection> clients = new ConcurrentHashMap<>();
    private final ClosedConnections closedConnections;
    private final AtomicLong nextClientId = new AtomicLong();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder slowConsumers = new LongAdder();
    private final LongAdder stalls = new LongAdder();
    private volatile Settings settings;
    private volatile InetSocketAddress address;
    private volatile boolean lameDuck;
    private volatile boolean accepting;
    private volatile int monitorPort;

    /**
     * @param random   split per event loop
     * @param secrets  for what clients must not be able to guess
     * @param slowWork runs password hashing
     */
    Broker(
            NatsConfig config,
            EventLoopGroup loops,
            Clock clock,
            SplittableGenerator random,
            SecureRandom secrets,
            Executor slowWork) {
        this.clock = clock;
        this.start = clock.instant();
        this.secrets = secrets;
        this.slowWork = slowWork;
        this.serverId = ServerInfo.newId(secrets);
        this.settings = Settings.of(config, start);
        this.address = config.listen();
        this.closedConnections = new ClosedConnections(config.limits().closedConnections());
        List<EventLoop> all = new ArrayList<>();
        for (EventExecutor loop : loops) {
            all.add((EventLoop) loop);
        }
        contexts = new LoopContext[all.size()];
        routers = new MessageRouter[all.size()];
        for (int i = 0; i < contexts.length; i++) {
            contexts[i] = new LoopContext(i, all.get(i), new MatchCache(index), random.split(), contexts);
            routers[i] = new MessageRouter(contexts[i]);
        }
    }

    Clock clock() {
        return clock;
    }

    Instant start() {
        return start;
    }

    Instant configuredAt() {
        return settings.since;
    }

    NatsConfig config() {
        return settings.config;
    }

    Authenticator authenticator() {
        return settings.authenticator;
    }

    @Nullable
    ServerTls tls() {
        return settings.tls;
    }

    SubscriptionIndex index() {
        return index;
    }

    Executor slowWork() {
        return slowWork;
    }

    boolean isLameDuck() {
        return lameDuck;
    }

    boolean isAccepting() {
        return accepting;
    }

    ServerInfo info() {
        NatsConfig config = config();
        String name = config.serverName().isEmpty() ? serverId : config.serverName();
        return new ServerInfo(serverId, name, ServerInfo.VERSION, address, config);
    }

    /** The listener stands; clients are told the configured host, as it was written, and the port in use. */
    void listening(int port) {
        address = InetSocketAddress.createUnresolved(config().listen().getHostString(), port);
        accepting = true;
    }

    void stopAccepting() {
        accepting = false;
    }

    /** 0 when there is no monitoring. */
    int monitorPort() {
        return monitorPort;
    }

    void monitoredOn(int port) {
        monitorPort = port;
    }

    /** The connection for a freshly accepted channel, to be opened on its event loop. */
    ClientConnection connection(Channel channel) {
        int number = 0;
        while (!contexts[number].loop().equals(channel.eventLoop())) {
            number++;
        }
        String nonce = authenticator().usesNonce() ? ServerInfo.newNonce(secrets) : "";
        return new ClientConnection(
                this, contexts[number], routers[number], channel, nextClientId.incrementAndGet(), nonce);
    }

    /** False when there are as many connections as there may be. */
    boolean admit(ClientConnection connection) {
        accepted.increment();
        int max = config().limits().maxConnections();
        if (max >= 0 && clients.size() >= max) {
            return false;
        }
        clients.put(connection.id(), connection);
        return true;
    }

    void closed(ClientConnection connection, ClosedReason reason) {
        clients.remove(connection.id());
        if (reason == ClosedReason.SLOW_CONSUMER_PENDING_BYTES || reason == ClosedReason.SLOW_CONSUMER_WRITE_DEADLINE) {
            slowConsumers.increment();
        }
        closedConnections.add(ConnectionReport.closed(connection, clock.instant(), reason));
    }

    void countStall() {
        stalls.increment();
    }

    Collection<ClientConnection> clients() {
        return clients.values();
    }

    Optional<ClientConnection> client(long id) {
        return Optional.ofNullable(clients.get(id));
    }

    ClosedConnections closedConnections() {
        return closedConnections;
    }

    LoopContext[] contexts() {
        return contexts;
    }

    long acceptedConnections() {
        return accepted.sum();
    }

    long slowConsumers() {
        return slowConsumers.sum();
    }

    long stalls() {
        return stalls.sum();
    }

    /** Uses other settings for everything but the listeners; clients that are no users any more are closed. */
    void reconfigure(NatsConfig config) {
        NatsConfig before = config();
        settings = Settings.of(config, clock.instant());
        boolean usersChanged = !before.authorization().equals(config.authorization());
        boolean infoChanged =
                before.limits().maxPayloadBytes() != config.limits().maxPayloadBytes();
        onEachClient(client -> {
            if (usersChanged) {
                client.session().authenticateAgain();
            }
            if (infoChanged) {
                client.session().sendInfo();
            }
        });
    }

    /** Tells clients to look for another server. */
    void announceLameDuck() {
        lameDuck = true;
        onEachClient(client -> client.session().sendInfo());
    }

    /** Closes one client as a stopping server does: without a line, after what was pending. */
    void shutDown(ClientConnection client) {
        client.channel().eventLoop().execute(() -> client.close(ClosedReason.SERVER_SHUTDOWN, ""));
    }

    private void onEachClient(java.util.function.Consumer<ClientConnection> action) {
        for (ClientConnection client : clients.values()) {
            client.channel().eventLoop().execute(() -> action.accept(client));
        }
    }
}
