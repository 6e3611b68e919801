package org.cupola.nats;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport side of one client: from INFO and the TLS handshake over reading, pausing and keep-alive to the last line.
 *
 * <p>Confined to the event loop of its channel, except where said otherwise.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Duration STALL_CHECK = Duration.ofMillis(5);
    private static final int MAX_STALL_CHECKS = 20;
    private static final Duration LINGER = Duration.ofMillis(500);

    private final Broker broker;
    private final LoopContext context;
    private final Channel channel;
    private final InetSocketAddress address;
    private final long id;
    private final String nonce;
    private final Instant start;
    private final ProtocolParser parser;
    private final ClientOutput output;
    private final PingTimer pings;
    private final ClientSession session;

    /** Read while the connection waits for its authentication. */
    private final Deque<ByteBuf> held = new ArrayDeque<>(2);

    private boolean paused;
    private boolean stalled;

    private volatile @Nullable ClosedReason closedReason;
    private volatile Instant lastActivity;

    ClientConnection(Broker broker, LoopContext context, MessageRouter router, Channel channel, long id, String nonce) {
        this.broker = broker;
        this.context = context;
        this.channel = channel;
        this.address = (InetSocketAddress) channel.remoteAddress();
        this.id = id;
        this.nonce = nonce;
        this.start = broker.clock().instant();
        this.lastActivity = start;
        NatsConfig config = broker.config();
        this.parser = new ProtocolParser(channel.alloc(), config.limits().maxControlLineBytes());
        this.output = new ClientOutput(
                channel,
                context,
                config.limits().maxPendingBytes(),
                config.timing().writeDeadline(),
                this::slow);
        this.session = new ClientSession(broker, context, router, this, output);
        this.pings = new PingTimer(
                channel.eventLoop(),
                config.timing(),
                context.random(),
                () -> session.send(PING),
                () -> fail(Violation.STALE));
    }

    // ---- life ----

    /** Sends INFO; in the clear, unless TLS comes first. */
    void open() {
        if (!broker.admit(this)) {
            channel.writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), infoLine()));
            fail(Violation.MAX_CONNECTIONS);
            return;
        }
        log.atDebug().addKeyValue("cid", id).addKeyValue("address", address).log("client-connected");
        ServerTls tls = broker.tls();
        if (tls == null) {
            channel.writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), infoLine()));
            ready();
        } else if (tls.handshakeFirst()) {
            tls.begin(channel, this::tlsTimedOut);
        } else {
            channel.writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), infoLine()));
            tls.begin(channel, this::tlsTimedOut, this::ready);
        }
    }

    private void tlsTimedOut() {
        close(ClosedReason.TLS_HANDSHAKE_FAILURE, "");
    }

    /** The transport stands; the client may speak. */
    private void ready() {
        pings.start();
        if (broker.authenticator().isRequired()) {
            Duration timeout = broker.config().authorization().timeout();
            channel.eventLoop().schedule(this::checkAuthenticated, timeout.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void checkAuthenticated() {
        if (!session.isConnected() && !isClosed()) {
            fail(Violation.AUTHENTICATION_TIMEOUT);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (!handshake.isSuccess()) {
                log.atDebug().addKeyValue("cid", id).setCause(handshake.cause()).log("tls-handshake-failed");
                close(ClosedReason.TLS_HANDSHAKE_FAILURE, "");
                return;
            }
            ServerTls tls = broker.tls();
            if (tls != null && tls.handshakeFirst()) {
                channel.writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), infoLine()));
            }
            ready();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (isClosed()) {
            in.release(); // only read so that the error line is not lost in a reset
        } else if (paused) {
            held.add(in);
        } else {
            parse(in);
        }
    }

    private void parse(ByteBuf in) {
        try {
            parser.parse(in, session);
            if (in.isReadable() && !isClosed()) {
                held.addFirst(in.retain());
            }
        } catch (ProtocolViolation violation) {
            fail(violation.kind());
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        session.publishCounts();
        lastActivity = broker.clock().instant();
        pings.heard();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        close(ClosedReason.CLIENT_CLOSED, "");
    }

    @Override
    @SuppressWarnings("OverridesJavaxDeprecation")
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.atDebug().addKeyValue("cid", id).setCause(cause).log("client-connection-broke");
        close(ClosedReason.READ_ERROR, "");
    }

    private void slow(ClosedReason reason) {
        log.atWarn()
                .addKeyValue("cid", id)
                .addKeyValue("address", address)
                .addKeyValue("reason", reason)
                .addKeyValue("pending_bytes", output.pendingBytes())
                .log("slow-consumer");
        close(reason, "");
    }

    void fail(Violation violation) {
        close(violation.reason(), violation.errorLine());
    }

    /** Ends the connection, with a last line unless that is empty. On the event loop; only the first call counts. */
    void close(ClosedReason reason, String errorLine) {
        if (isClosed()) {
            return;
        }
        if (!errorLine.isEmpty()) {
            session.sendError(errorLine);
        }
        boolean slowConsumer = reason == ClosedReason.SLOW_CONSUMER_PENDING_BYTES
                || reason == ClosedReason.SLOW_CONSUMER_WRITE_DEADLINE;
        if (!slowConsumer) {
            context.flush();
        }
        closedReason = reason;
        output.close();
        pings.stop();
        parser.release();
        held.forEach(ByteBuf::release);
        held.clear();
        session.publishCounts();
        broker.closed(this, reason);
        session.end();
        log.atDebug().addKeyValue("cid", id).addKeyValue("reason", reason).log("client-closed");
        if (slowConsumer) {
            channel.close();
        } else {
            closeAfterLastWrite(!errorLine.isEmpty());
        }
    }

    /**
     * Closing a socket with unread input resets it, and the client would lose the line that says why. So after an error the
     * input is read and dropped for a moment, until the client has closed its side.
     */
    private void closeAfterLastWrite(boolean linger) {
        boolean canLinger =
                linger && channel instanceof DuplexChannel && channel.pipeline().get(SslHandler.class) == null;
        channel.config().setAutoRead(true);
        channel.eventLoop().schedule(() -> channel.close(), LINGER.toMillis(), TimeUnit.MILLISECONDS);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(canLinger ? _ -> ((DuplexChannel) channel).shutdownOutput() : ChannelFutureListener.CLOSE);
    }

    // ---- asked by the session, on this event loop ----

    boolean isPaused() {
        return paused || isClosed();
    }

    /** Stops reading until {@link #resume}. */
    void pause() {
        paused = true;
        channel.config().setAutoRead(false);
    }

    /** What the pause was for, ending in a violation or not. */
    interface Continuation {
        void run() throws ProtocolViolation;
    }

    void resume(Continuation continuation) {
        if (isClosed()) {
            return;
        }
        paused = false;
        try {
            continuation.run();
        } catch (ProtocolViolation violation) {
            fail(violation.kind());
            return;
        }
        channel.config().setAutoRead(true);
        while (!paused && !held.isEmpty()) {
            parse(held.remove());
        }
        session.publishCounts();
    }

    /**
     * A receiver cannot keep up: reading nothing for a while slows this publisher, and the receiver may recover. Only for a
     * while, because a receiver that is gone for good must not hold up the others for long.
     */
    void stall(ClientOutput congested) {
        if (!stalled) {
            stalled = true;
            broker.countStall();
            channel.config().setAutoRead(false);
            waitFor(congested, MAX_STALL_CHECKS);
        }
    }

    private void waitFor(ClientOutput congested, int checks) {
        if (checks == 0 || !congested.isUnderPressure()) {
            stalled = false;
            if (!paused) {
                channel.config().setAutoRead(true);
            }
        } else {
            Runnable again = () -> waitFor(congested, checks - 1);
            channel.eventLoop().schedule(again, STALL_CHECK.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    String infoLine() {
        return broker.info().line(id, address.getAddress().getHostAddress(), nonce, broker.isLameDuck());
    }

    String nonce() {
        return nonce;
    }

    @Nullable
    X509Certificate certificate() {
        return ServerTls.peer(channel);
    }

    PingTimer pings() {
        return pings;
    }

    // ---- asked on any thread ----

    boolean isClosed() {
        return closedReason != null;
    }

    ClientSession session() {
        return session;
    }

    ClientOutput output() {
        return output;
    }

    long id() {
        return id;
    }

    Channel channel() {
        return channel;
    }

    InetSocketAddress address() {
        return address;
    }

    Instant start() {
        return start;
    }

    Instant lastActivity() {
        return lastActivity;
    }

    Duration roundTrip() {
        return pings.roundTrip();
    }
}
