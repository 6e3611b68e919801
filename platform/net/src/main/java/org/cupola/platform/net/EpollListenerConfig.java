package org.cupola.platform.net;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The options of an {@link EpollListener}; SO_BACKLOG is in force from the next bind. SO_REUSEADDR is on unless told
 * otherwise, as with Netty and java.nio: else nobody could listen where connections were closed a minute ago.
 */
final class EpollListenerConfig extends DefaultChannelConfig {
    private final EpollListener listener;
    private final Socket socket;
    private volatile int backlog = NetUtil.SOMAXCONN;

    EpollListenerConfig(EpollListener listener, Socket socket) {
        super(listener);
        this.listener = listener;
        this.socket = socket;
        try {
            socket.setReuseAddress(true);
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    int backlog() {
        return backlog;
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        try {
            if (option.equals(ChannelOption.SO_BACKLOG)) {
                backlog = (Integer) value;
            } else if (option.equals(ChannelOption.SO_REUSEADDR)) {
                socket.setReuseAddress((Boolean) value);
            } else if (option.equals(UnixChannelOption.SO_REUSEPORT)) {
                socket.setReusePort((Boolean) value);
            } else if (option instanceof IntegerUnixChannelOption number) {
                socket.setIntOpt(number.level(), number.optname(), (Integer) value);
            } else if (option instanceof RawUnixChannelOption bytes) {
                socket.setRawOpt(bytes.level(), bytes.optname(), (ByteBuffer) value);
            } else {
                return super.setOption(option, value);
            }
            return true;
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    @Override
    protected void autoReadCleared() {
        listener.autoReadCleared();
    }
}
