package org.cupola.protocol.routing;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.cupola.platform.tls.TlsContexts;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to NATS that, once made, is kept for ever: a lost one is made again, subscriptions with it, and what was
 * published meanwhile is sent then (up to 8 MiB). Any thread.
 */
public final class NatsBus implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NatsBus.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(100);
    private static final int PENDING_MESSAGES = 131_072;
    private static final long PENDING_BYTES = 131_072L * 1024;
    private static final byte[] NOTHING = {};

    private final Connection connection;
    private final List<Dispatcher> dispatchers = Collections.synchronizedList(new ArrayList<>());
    private final List<Handler> handlers = new CopyOnWriteArrayList<>();
    private final ReadPace pace = new ReadPace();
    private volatile boolean closing;

    /** What happens to the connection; called on threads of the NATS client, must not block. */
    public interface Listener {
        default void disconnected() {}

        /** The connection is there again, subscriptions included. */
        default void reconnected(String server) {}

        /** The server ended it for good, such as by refusing the credentials twice. Not called after {@link NatsBus#close}. */
        default void closed() {}
    }

    /** Gets the messages of one subscription, one after the other, in the order in which they arrived. */
    @FunctionalInterface
    public interface Handler {
        /** @param replyTo where an answer goes; empty when none is wanted */
        void handle(String subject, String replyTo, byte[] data);

        /** Messages that it was given but has put off. Any thread. */
        default long pending() {
            return 0;
        }

        /** How many messages may wait for it before nothing more is read from the connection, for anybody. */
        default int mostWaiting() {
            return Integer.MAX_VALUE;
        }
    }

    /** Ends with {@link #close}. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    private NatsBus(NatsSettings settings, Listener listener) throws IOException, InterruptedException {
        this.connection = connectPatiently(options(settings, listener), settings.connectAttempts());
    }

    /**
     * Returns when connected.
     *
     * @throws IOException when no server took the connection in any attempt
     */
    public static NatsBus connect(NatsSettings settings, Listener listener) throws IOException, InterruptedException {
        return new NatsBus(settings, listener);
    }

    private static Connection connectPatiently(Options options, int attempts) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return Nats.connect(options);
            } catch (IOException e) {
                if (attempt == attempts) {
                    throw new IOException(
                            "no connection to NATS at " + options.getServers() + ": " + e.getMessage(), e);
                }
                Thread.sleep(BETWEEN_ATTEMPTS);
            }
        }
    }

    private Options options(NatsSettings settings, Listener listener) {
        Options.Builder builder = new Options.Builder()
                .servers(settings.servers().toArray(String[]::new))
                .connectionName(settings.name())
                .connectionTimeout(CONNECT_TIMEOUT)
                .maxReconnects(-1)
                .reconnectWait(settings.reconnectWait())
                .pingInterval(settings.pingInterval())
                .maxPingsOut(2)
                .connectionListener(new Events(listener))
                .errorListener(new Errors())
                .statisticsCollector(pace);
        if (!settings.user().isEmpty()) {
            builder.userInfo(
                    settings.user().toCharArray(), settings.password().value().toCharArray());
        } else if (!settings.token().isEmpty()) {
            builder.token(settings.token().value().toCharArray());
        }
        if (settings.tls()) {
            // The certificate must bear the name we were given, not the address that was found for it.
            builder.hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs)
                    .sslContext(new NameVerifyingContext(
                            TlsContexts.jdk(Optional.ofNullable(settings.identity()), settings.authorities())));
        }
        return builder.build();
    }

    /** Sends without waiting; while disconnected it is kept for later, as far as there is room. */
    public void publish(String subject, byte[] data) {
        connection.publish(subject, data);
    }

    /** As {@link #publish(String, byte[])}, with the subject for an answer. */
    public void publish(String subject, String replyTo, byte[] data) {
        connection.publish(subject, replyTo, data);
    }

    /** Waits until the server has taken in what was published and subscribed before. */
    public void flush(Duration timeout) throws InterruptedException, TimeoutException {
        connection.flush(timeout);
    }

    /** The first answer, or nothing when none comes in time. */
    public Optional<byte[]> request(String subject, byte[] data, Duration timeout) throws InterruptedException {
        Message answer = connection.request(subject, data, timeout);
        return answer == null || answer.isStatusMessage() ? Optional.empty() : Optional.of(data(answer));
    }

    /** Each subscription has a thread of its own. */
    public Subscription subscribe(String subject, Handler handler) {
        Dispatcher dispatcher = connection.createDispatcher(message -> handler.handle(
                message.getSubject(), message.getReplyTo() == null ? "" : message.getReplyTo(), data(message)));
        dispatcher.setPendingLimits(PENDING_MESSAGES, PENDING_BYTES);
        dispatcher.subscribe(subject);
        dispatchers.add(dispatcher);
        handlers.add(handler);
        pace.add(dispatcher, handler.mostWaiting());
        return () -> {
            dispatchers.remove(dispatcher);
            handlers.remove(handler);
            pace.remove(dispatcher);
            connection.closeDispatcher(dispatcher);
        };
    }

    public boolean isConnected() {
        return connection.getStatus() == Connection.Status.CONNECTED;
    }

    /** The server we are connected to, as a URL without credentials; empty while there is none. */
    public String server() {
        String url = connection.getConnectedUrl();
        return url == null ? "" : url;
    }

    /** Messages received that no handler has seen yet, or that it has put off. */
    public long pendingMessages() {
        long waiting = handlers.stream().mapToLong(Handler::pending).sum();
        synchronized (dispatchers) {
            return waiting
                    + dispatchers.stream()
                            .mapToLong(Dispatcher::getPendingMessageCount)
                            .sum();
        }
    }

    /** Messages thrown away because the handlers were too slow. */
    public long droppedMessages() {
        synchronized (dispatchers) {
            return dispatchers.stream().mapToLong(Dispatcher::getDroppedCount).sum();
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] data(Message message) {
        return message.getData() == null ? NOTHING : message.getData();
    }

    /** What becomes of attempts before the first that succeeds is told by {@link #connect} alone. */
    private final class Events implements ConnectionListener {
        private final Listener listener;
        private volatile @Nullable Connection ours;

        private Events(Listener listener) {
            this.listener = listener;
        }

        @Override
        @SuppressWarnings("deprecation") // still the one method that must be there
        public void connectionEvent(Connection connection, ConnectionListener.Events event) {
            if (event == ConnectionListener.Events.CONNECTED) {
                ours = connection;
            }
            if (closing || !connection.equals(ours)) {
                return;
            }
            switch (event) {
                case DISCONNECTED -> listener.disconnected();
                case RECONNECTED -> {
                    String url = connection.getConnectedUrl();
                    listener.reconnected(url == null ? "" : url);
                }
                case CLOSED -> listener.closed();
                default -> log.atDebug().addKeyValue("event", event).log("nats-event");
            }
        }
    }

    private static final class Errors implements ErrorListener {
        @Override
        public void errorOccurred(Connection connection, String error) {
            log.atWarn().addKeyValue("error", error).log("nats-error");
        }

        @Override
        public void exceptionOccurred(Connection connection, @Nullable Exception e) {
            log.atDebug().setCause(e).log("nats-exception");
        }
    }
}
