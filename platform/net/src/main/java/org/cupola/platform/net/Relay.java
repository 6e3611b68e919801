package org.cupola.platform.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries bytes between a client and a backend connection until both have finished.
 *
 * <p>It first holds the client alone, while the owner looks for a backend, then is joined to that:
 *
 * <ul>
 *   <li>A side that stops reading stops the other from being read: memory per direction is bounded by the settings.
 *   <li>The end of one direction is passed on as such (half-close); the other goes on. A connection that breaks
 *       resets the other, as a direct connection would have.
 *   <li>A pair without traffic is closed after the idle timeout.
 * </ul>
 *
 * <p>Both channels must be on one event loop, have {@link ChannelOption#ALLOW_HALF_CLOSURE} on and {@link
 * ChannelOption#AUTO_READ} off. Confined to that loop, except for the byte counts, {@link #closed} and {@link #close}.
 */
public final class Relay {
    private final RelaySettings settings;
    private final EventLoop loop;
    private final Ticker ticker;
    private final RelaySide client;
    private final Promise<RelayEnd> closed;
    private volatile @Nullable RelaySide backend;
    private @Nullable Duration idleCap;
    private @Nullable Future<?> idleTimer;
    private long lastActivityNanos;
    private boolean over;

    private Relay(Channel client, RelaySettings settings) {
        this.settings = settings;
        this.loop = client.eventLoop();
        this.ticker = loop.ticker();
        this.client = new RelaySide(this, client, settings);
        this.closed = loop.newPromise();
    }

    /** Takes over the client's channel, from its event loop and before anything could be read from it. */
    public static Relay hold(Channel client, RelaySettings settings) {
        var relay = new Relay(client, settings);
        client.pipeline().addLast(relay.client);
        if (!client.isActive()) {
            relay.end(RelayEnd.CLIENT_RESET);
        }
        return relay;
    }

    /**
     * Starts to carry bytes; to be called once, on the event loop. When the client has gone meanwhile, the backend's
     * connection is closed.
     *
     * @param preface sent to the backend first, such as a PROXY header; may be empty; ownership passes to the relay
     */
    public void join(Channel backendChannel, ByteBuf preface) {
        if (!backendChannel.eventLoop().equals(loop)) {
            preface.release();
            throw new IllegalArgumentException("backend: on another event loop (expected: that of the client)");
        }
        if (over) {
            preface.release();
            backendChannel.close();
            return;
        }
        var side = new RelaySide(this, backendChannel, settings);
        backend = side;
        backendChannel.pipeline().addLast(side);
        if (preface.isReadable()) {
            backendChannel.writeAndFlush(preface, backendChannel.voidPromise());
        } else {
            preface.release();
        }
        client.joinTo(side);
        side.joinTo(client);
        touch();
        watchIdle(idleLimit());
        if (!backendChannel.isActive()) {
            end(RelayEnd.BACKEND_RESET);
        }
    }

    public Channel client() {
        return client.channel();
    }

    public Optional<Channel> backend() {
        return Optional.ofNullable(backend).map(RelaySide::channel);
    }

    public long bytesFromClient() {
        return client.bytesRead();
    }

    public long bytesFromBackend() {
        RelaySide side = backend;
        return side == null ? 0 : side.bytesRead();
    }

    /** Succeeds, with the reason, once it is over; the channels are closed or about to be. Never fails. */
    public Future<RelayEnd> closed() {
        return closed;
    }

    /** Ends it now, from any thread: both connections are reset. */
    public void close() {
        if (loop.inEventLoop()) {
            end(RelayEnd.CLOSED);
        } else {
            loop.execute(() -> end(RelayEnd.CLOSED));
        }
    }

    /**
     * From now on it may be idle this long only: an owner that drains need not wait for connections nobody uses. Any
     * thread.
     */
    public void limitIdle(Duration idle) {
        if (!loop.inEventLoop()) {
            loop.execute(() -> limitIdle(idle));
            return;
        }
        idleCap = idle;
        if (backend != null) {
            checkIdle();
        }
    }

    void touch() {
        lastActivityNanos = ticker.nanoTime();
    }

    void sideAdvanced() {
        RelaySide side = backend;
        if (side != null && client.finished() && side.finished()) {
            end(RelayEnd.COMPLETED);
        }
    }

    void broken(RelaySide side) {
        end(side == client ? RelayEnd.CLIENT_RESET : RelayEnd.BACKEND_RESET);
    }

    private void end(RelayEnd reason) {
        if (over) {
            return;
        }
        over = true;
        closeChannel(client, reason);
        RelaySide side = backend;
        if (side != null) {
            closeChannel(side, reason);
        }
        Future<?> timer = idleTimer;
        if (timer != null) {
            timer.cancel(false); // thousands of short connections must not leave their timers behind
        }
        closed.setSuccess(reason);
    }

    private static void closeChannel(RelaySide side, RelayEnd reason) {
        side.release();
        Channel channel = side.channel();
        if (reason != RelayEnd.COMPLETED && channel.isActive()) {
            // With a zero linger the peer sees a reset: it must not take a broken stream for a finished one.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.close();
    }

    private Duration idleLimit() {
        RelaySide side = backend;
        boolean halfClosed = client.inputEnded() || (side != null && side.inputEnded());
        Duration limit = halfClosed ? settings.halfClosedTimeout() : settings.idleTimeout();
        Duration cap = idleCap;
        return cap != null && (limit.isZero() || cap.compareTo(limit) < 0) ? cap : limit;
    }

    /** One timer per pair that re-arms itself for what is left, so that traffic costs no timer work. */
    private void watchIdle(Duration delay) {
        long nanos = delay.isZero() ? longestLimitNanos() : delay.toNanos();
        if (nanos > 0) {
            Future<?> before = idleTimer;
            if (before != null) {
                before.cancel(false);
            }
            idleTimer = loop.schedule(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void checkIdle() {
        if (over) {
            return;
        }
        Duration limit = idleLimit();
        long leftNanos = limit.toNanos() - (ticker.nanoTime() - lastActivityNanos);
        if (limit.isZero()) {
            watchIdle(limit);
        } else if (leftNanos <= 0) {
            end(RelayEnd.IDLE);
        } else {
            watchIdle(Duration.ofNanos(leftNanos));
        }
    }

    /** When now there is no limit, look again later: a half-closed pair may have one. */
    private long longestLimitNanos() {
        return Math.max(
                settings.idleTimeout().toNanos(), settings.halfClosedTimeout().toNanos());
    }
}
