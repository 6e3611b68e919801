package org.cupola.platform.http;

import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.common.util.TransportType;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The event loops that only accept connections. By default Netty waits two quiet seconds before such a loop ends, which
 * every stop of a server would have to wait for although the loop has nothing left to do. They also know what they accept
 * for, which Armeria does not tell. Any thread.
 */
final class AcceptLoops {
    private final List<Channel> listening = new CopyOnWriteArrayList<>();

    /** The sockets that accept, once the server has started; none are known where the transport is not epoll. */
    List<Channel> listening() {
        return listening;
    }

    /** Accepts nobody any more, where the sockets are known. */
    void close() {
        for (Channel socket : listening) {
            if (socket.isOpen()) { // one that could not be had is closed, and its loop has ended
                socket.close().syncUninterruptibly();
            }
        }
    }

    EventLoopGroup create(String threadName) {
        if (Flags.transportType() != TransportType.EPOLL) {
            return EventLoopGroups.newEventLoopGroup(1, threadName);
        }
        return new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory(threadName, true), EpollIoHandler.newFactory()) {
            @Override
            public ChannelFuture register(Channel channel) {
                listening.add(channel);
                return super.register(channel);
            }

            @Override
            public Future<?> shutdownGracefully() {
                return shutdownGracefully(0, 5, TimeUnit.SECONDS);
            }
        };
    }
}
