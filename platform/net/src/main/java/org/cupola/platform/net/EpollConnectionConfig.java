package org.cupola.platform.net;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The options of an {@link EpollConnection}. Those of the socket are known here, so that the kernel is only told what
 * changes: an accepted connection has its listener's TCP_NODELAY, which is on, as it is for connections that we open.
 * SO_LINGER can be 0 (reset at close) or off, since waiting would block the event loop.
 */
final class EpollConnectionConfig extends DefaultChannelConfig {
    private static final RecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator();
    private static final int NO_LINGER = -1;

    private final EpollConnection connection;
    private volatile boolean halfClosure;
    private boolean noDelay = true;
    private boolean keepAlive;
    private int linger = NO_LINGER;

    EpollConnectionConfig(EpollConnection connection) {
        super(connection, READS);
        this.connection = connection;
    }

    boolean isAllowHalfClosure() {
        return halfClosure;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T getOption(ChannelOption<T> option) {
        if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
            return (T) Boolean.valueOf(halfClosure);
        } else if (option.equals(ChannelOption.TCP_NODELAY)) {
            return (T) Boolean.valueOf(noDelay);
        } else if (option.equals(ChannelOption.SO_KEEPALIVE)) {
            return (T) Boolean.valueOf(keepAlive);
        } else if (option.equals(ChannelOption.SO_LINGER)) {
            return (T) Integer.valueOf(linger);
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        try {
            if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
                halfClosure = (Boolean) value;
            } else if (option.equals(ChannelOption.TCP_NODELAY)) {
                setNoDelay((Boolean) value);
            } else if (option.equals(ChannelOption.SO_KEEPALIVE)) {
                setKeepAlive((Boolean) value);
            } else if (option.equals(ChannelOption.SO_LINGER)) {
                setLinger((Integer) value);
            } else {
                return super.setOption(option, value);
            }
            return true;
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    private void setNoDelay(boolean on) throws IOException {
        EpollSocket socket = connection.socket();
        if (socket != null && on != noDelay) {
            socket.noDelay(on);
        }
        noDelay = on;
    }

    private void setKeepAlive(boolean on) throws IOException {
        EpollSocket socket = connection.socket();
        if (socket != null && on != keepAlive) {
            socket.keepAlive(on);
        }
        keepAlive = on;
    }

    private void setLinger(int seconds) throws IOException {
        if (seconds > 0) {
            throw new IllegalArgumentException("SO_LINGER: " + seconds + " (expected: 0, or < 0 for none)");
        }
        EpollSocket socket = connection.socket();
        if (socket != null && seconds != linger) {
            socket.linger(seconds);
        }
        linger = seconds;
    }

    /** Tells a new socket what was chosen before there was one. */
    void applyTo(EpollSocket socket) throws IOException {
        if (noDelay) {
            socket.noDelay(true);
        }
        if (keepAlive) {
            socket.keepAlive(true);
        }
        if (linger >= 0) {
            socket.linger(linger);
        }
    }

    @Override
    protected void autoReadCleared() {
        connection.autoReadCleared();
    }
}
