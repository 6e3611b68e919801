package org.cupola.platform.http;

import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.common.util.TransportType;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The event loops that only accept connections. By default Netty waits two quiet seconds before such a loop ends, which
 * every stop of a server would have to wait for although the loop has nothing left to do.
 */
final class AcceptLoops {
    private AcceptLoops() {}

    static EventLoopGroup create(String threadName) {
        if (Flags.transportType() != TransportType.EPOLL) {
            return EventLoopGroups.newEventLoopGroup(1, threadName);
        }
        return new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory(threadName, true), EpollIoHandler.newFactory()) {
            @Override
            public Future<?> shutdownGracefully() {
                return shutdownGracefully(0, 5, TimeUnit.SECONDS);
            }
        };
    }
}
