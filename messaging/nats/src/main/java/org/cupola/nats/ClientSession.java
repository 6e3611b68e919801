package org.cupola.nats;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.nats.ConnectOptions.Credentials;
import org.cupola.nats.NatsConfig.User;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol side of one client: carries out its operations in order, and is who messages are delivered to.
 *
 * <p>Confined to the event loop of its connection, except for what publishers on other loops ask of a receiver ({@link
 * #mayReceive}, {@link #understandsHeaders}, {@link #owesReply}, {@link #expire}, {@link #output}) and what monitoring
 * reads; those fields are volatile or concurrent.
 */
final class ClientSession implements ProtocolParser.Operations {
    private static final Logger log = LoggerFactory.getLogger(ClientSession.class);

    private static final byte[] OK = ascii("+OK\r\n");
    private static final byte[] PONG = ascii("PONG\r\n");
    private static final byte[] NO_RESPONDERS = ascii(" 16 16\r\nNATS/1.0 503\r\n\r\n\r\n");

    private final Broker broker;
    private final LoopContext context;
    private final MessageRouter router;
    private final ClientConnection connection;
    private final ClientOutput output;
    private final Map<ByteString, Subscription> subscriptions = new ConcurrentHashMap<>();
    private boolean connectReceived;
    private boolean pongSent;
    private long messagesRead;
    private long bytesRead;
    private volatile long inMessages;
    private volatile long inBytes;
    private volatile ConnectOptions options = ConnectOptions.BEFORE_CONNECT;
    private volatile boolean understandsHeaders;
    private volatile @Nullable Permissions permissions;
    private volatile String userName = "";

    ClientSession(
            Broker broker,
            LoopContext context,
            MessageRouter router,
            ClientConnection connection,
            ClientOutput output) {
        this.broker = broker;
        this.context = context;
        this.router = router;
        this.connection = connection;
        this.output = output;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    // ---- operations ----

    @Override
    public boolean paused() {
        return connection.isPaused();
    }

    @Override
    public void begin(byte first) throws ProtocolViolation {
        if (!connectReceived && (first | 0x20) != 'c' && broker.authenticator().isRequired()) {
            throw new ProtocolViolation(Violation.AUTHORIZATION);
        }
    }

    @Override
    public void connect(byte[] line, int from, int to) throws ProtocolViolation {
        ConnectOptions wanted = options.with(new String(line, from, to - from, StandardCharsets.UTF_8));
        Authenticator authenticator = broker.authenticator();
        Credentials credentials = wanted.credentials();
        if (!authenticator.isSlow(credentials)) {
            connected(wanted, authenticate(authenticator, credentials));
            return;
        }
        connection.pause();
        broker.slowWork().execute(() -> {
            Optional<User> user = authenticate(authenticator, credentials);
            context.loop().execute(() -> connection.resume(() -> connected(wanted, user)));
        });
    }

    private Optional<User> authenticate(Authenticator authenticator, Credentials credentials) {
        return authenticator.authenticate(credentials, connection.certificate(), connection.nonce());
    }

    private void connected(ConnectOptions wanted, Optional<User> user) throws ProtocolViolation {
        if (user.isEmpty()) {
            log.atInfo()
                    .addKeyValue("cid", connection.id())
                    .addKeyValue("address", connection.address())
                    .addKeyValue("user", wanted.credentials().user())
                    .log("client-refused");
            throw new ProtocolViolation(Violation.AUTHORIZATION);
        }
        if (wanted.protocol() < 0 || wanted.protocol() > 1) {
            throw new ProtocolViolation(Violation.CLIENT_PROTOCOL);
        }
        boolean headers = wanted.headers() && broker.config().headers();
        if (wanted.noResponders() && !headers) {
            throw new ProtocolViolation(Violation.NO_RESPONDERS);
        }
        options = wanted;
        understandsHeaders = headers;
        become(user.get());
        connectReceived = true;
        connection.pings().connected();
        acknowledge();
    }

    private void become(User user) {
        UserPermissions allowed = user.permissions();
        permissions = allowed.isEverything() ? null : new Permissions(allowed);
        userName = user.name();
    }

    @Override
    public void announce(PublishLine message) throws ProtocolViolation {
        if (message.hasHeaders() && !understandsHeaders) {
            throw new ProtocolViolation(Violation.BAD_ARGUMENTS);
        }
        if (message.totalBytes > broker.config().limits().maxPayloadBytes()) {
            throw new ProtocolViolation(Violation.MAX_PAYLOAD);
        }
        if (options.pedantic() && !Subjects.isLiteral(message.line, message.subjectFrom, message.subjectTo)) {
            sendError("Invalid Publish Subject");
        }
    }

    @Override
    public void publish(PublishLine message, ByteBuf source, int index) {
        messagesRead++;
        bytesRead += message.totalBytes;
        Permissions mine = permissions;
        if (mine != null && !mine.mayPublish(message, now())) {
            refused("Permissions Violation for Publish to \"" + message.subject() + '"');
            return;
        }
        acknowledge();
        boolean delivered = router.route(this, message, source, index);
        if (!delivered && message.hasReply() && options.noResponders()) {
            tellNoResponders(message);
        }
        ClientOutput congested = router.congested();
        if (congested != null) {
            connection.stall(congested);
        }
    }

    private void tellNoResponders(PublishLine message) {
        Matches listeners = broker.index().match(message.line, message.replyFrom, message.replyTo);
        for (Subscription subscription : listeners.plain()) {
            if (subscription.client() == this) {
                send(ascii("HMSG "));
                send(message.reply().array());
                send(ascii(" "));
                send(subscription.sid().array());
                send(NO_RESPONDERS);
                return;
            }
        }
    }

    @Override
    public void subscribe(ByteString subject, ByteString queue, ByteString sid) {
        NatsConfig.Limits limits = broker.config().limits();
        Permissions mine = permissions;
        if (limits.maxSubscriptions() > 0 && subscriptions.size() >= limits.maxSubscriptions()) {
            sendError("maximum subscriptions exceeded");
        } else if (mine != null && !mine.maySubscribe(subject, queue)) {
            String suffix = queue.isEmpty() ? "" : " using queue \"" + queue + '"';
            refused("Permissions Violation for Subscription to \"" + subject + '"' + suffix);
        } else if (limits.maxSubscriptionTokens() > 0 && Subjects.tokens(subject) > limits.maxSubscriptionTokens()) {
            sendError("Permissions Violation for Subscription to \"" + subject + "\", too many tokens");
        } else if (subscriptions.containsKey(sid)) {
            acknowledge();
        } else if (!Subjects.isValid(subject)) {
            sendError("Invalid Subject");
        } else {
            boolean filtered = mine != null && mine.needsFilter(subject);
            var subscription = new Subscription(this, subject, queue, sid, filtered);
            subscriptions.put(sid, subscription);
            broker.index().add(subscription);
            acknowledge();
        }
    }

    @Override
    public void unsubscribe(ByteString sid, int max) {
        Subscription subscription = subscriptions.get(sid);
        if (subscription != null && (max == 0 || !subscription.endAfter(max))) {
            expire(subscription);
        }
        acknowledge();
    }

    @Override
    public void ping() {
        send(PONG);
        pongSent = true;
    }

    @Override
    public void pong() {
        connection.pings().answered();
    }

    @Override
    public void error(String text) throws ProtocolViolation {
        log.atDebug()
                .addKeyValue("cid", connection.id())
                .addKeyValue("error", text)
                .log("client-reported-an-error");
        throw new ProtocolViolation(Violation.CLIENT_ERROR);
    }

    private void acknowledge() {
        if (options.verbose()) {
            send(OK);
        }
    }

    private void refused(String text) {
        log.atInfo()
                .addKeyValue("cid", connection.id())
                .addKeyValue("user", userName)
                .addKeyValue("error", text)
                .log("refused");
        sendError(text);
    }

    void sendError(String text) {
        send(("-ERR '" + text + "'\r\n").getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] line) {
        if (!connection.isClosed()) {
            context.batchFor(output).append(line.length).writeBytes(line);
        }
    }

    private long now() {
        return context.loop().ticker().nanoTime();
    }

    // ---- asked by the connection and the broker, on this event loop ----

    boolean isConnected() {
        return connectReceived;
    }

    /** Lets other threads see what has been read so far; once per round, for each message would cost. */
    void publishCounts() {
        if (inMessages != messagesRead) {
            inMessages = messagesRead;
            inBytes = bytesRead;
        }
    }

    void end() {
        subscriptions.values().forEach(broker.index()::remove);
        subscriptions.clear();
    }

    /** The server has something new to say; only told to clients that understand it and have finished connecting. */
    void sendInfo() {
        if (pongSent && options.protocol() >= 1) {
            send(connection.infoLine().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The users have changed: still one of them? */
    void authenticateAgain() {
        Authenticator authenticator = broker.authenticator();
        Credentials credentials = options.credentials();
        if (connection.isClosed() || !connectReceived || authenticator.isSlow(credentials)) {
            return;
        }
        Optional<User> user = authenticate(authenticator, credentials);
        if (user.isEmpty()) {
            connection.fail(Violation.AUTHORIZATION);
            return;
        }
        become(user.get());
        Permissions mine = permissions;
        for (Subscription held : subscriptions.values()) {
            if (mine != null && !mine.maySubscribe(held.subject(), held.queue())) {
                expire(held);
                sendError("Permissions Violation for Subscription to \"" + held.subject() + "\" (sid \"" + held.sid()
                        + "\")");
            }
        }
    }

    // ---- asked by publishers, on any event loop ----

    ClientConnection connection() {
        return connection;
    }

    ClientOutput output() {
        return output;
    }

    boolean understandsHeaders() {
        return understandsHeaders;
    }

    boolean mayReceive(ClientSession publisher, Subscription subscription, PublishLine message) {
        if (connection.isClosed() || (publisher == this && !options.echo())) {
            return false;
        }
        Permissions mine = permissions;
        return !subscription.isFiltered()
                || mine == null
                || !mine.deniesDelivery(message.line, message.subjectFrom, message.subjectTo);
    }

    void owesReply(PublishLine message) {
        Permissions mine = permissions;
        if (mine != null && mine.tracksReplies()) {
            mine.owesReply(message.reply(), now());
        }
    }

    void expire(Subscription subscription) {
        broker.index().remove(subscription);
        subscriptions.remove(subscription.sid(), subscription);
    }

    // ---- read by monitoring, on any thread ----

    ConnectOptions options() {
        return options;
    }

    String userName() {
        return userName;
    }

    long inMessages() {
        return inMessages;
    }

    long inBytes() {
        return inBytes;
    }

    Collection<Subscription> subscriptions() {
        return subscriptions.values();
    }
}
