package org.cupola.platform.net;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The way this process does socket I/O. Epoll is the default where it is there: io_uring wins at many connections, but
 * loses on large bodies. Immutable, any thread.
 */
public enum Transport {
    NIO(NioIoHandler::newFactory, NioServerSocketChannel::new, NioSocketChannel::new, NioDatagramChannel.class),
    /** With channels of our own, which cost the kernel less than Netty's and carry {@code ByteBuf}s only. */
    EPOLL(EpollIoHandler::newFactory, () -> new EpollListener(null), EpollConnection::new, EpollDatagramChannel.class),
    IO_URING(
            IoUringIoHandler::newFactory,
            IoUringServerSocketChannel::new,
            IoUringSocketChannel::new,
            IoUringDatagramChannel.class);

    private final Supplier<IoHandlerFactory> handlers;
    private final ChannelFactory<? extends ServerChannel> serverChannels;
    private final ChannelFactory<? extends DuplexChannel> socketChannels;
    private final Class<? extends DatagramChannel> datagramChannel;

    Transport(
            Supplier<IoHandlerFactory> handlers,
            ChannelFactory<? extends ServerChannel> serverChannels,
            ChannelFactory<? extends DuplexChannel> socketChannels,
            Class<? extends DatagramChannel> datagramChannel) {
        this.handlers = handlers;
        this.serverChannels = serverChannels;
        this.socketChannels = socketChannels;
        this.datagramChannel = datagramChannel;
    }

    /** Epoll on Linux, NIO elsewhere. */
    public static Transport preferred() {
        return EPOLL.isAvailable() ? EPOLL : NIO;
    }

    /** Their names in configurations. */
    public static List<String> keys() {
        return Arrays.stream(values()).map(Transport::key).toList();
    }

    /** @param key one of {@link #keys} */
    public static Transport ofKey(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean isAvailable() {
        return switch (this) {
            case NIO -> true;
            case EPOLL -> Epoll.isAvailable();
            case IO_URING -> IoUring.isAvailable();
        };
    }

    /** Event loops, one thread each, named {@code name-1}, {@code name-2}, …; the caller shuts them down. */
    public EventLoopGroup eventLoops(String name, int threads) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers.get());
    }

    /** Makes sockets to listen with, on addresses of both families where the system has them. */
    public ChannelFactory<? extends ServerChannel> serverChannels() {
        return serverChannels;
    }

    /** Makes sockets to listen on the address with, of its own family where that spares the kernel conversions. */
    public ChannelFactory<? extends ServerChannel> serverChannels(InetAddress address) {
        return this == EPOLL && address instanceof Inet4Address
                ? () -> new EpollListener(SocketProtocolFamily.INET)
                : serverChannels;
    }

    /** Makes sockets to listen with for connections that are to send files, which ours on epoll cannot. */
    public ChannelFactory<? extends ServerChannel> fileServerChannels() {
        return this == EPOLL ? EpollServerSocketChannel::new : serverChannels;
    }

    /** Makes sockets to connect with. */
    public ChannelFactory<? extends DuplexChannel> socketChannels() {
        return socketChannels;
    }

    public Class<? extends DatagramChannel> datagramChannel() {
        return datagramChannel;
    }

    /** The option to let several sockets accept on one port, where this transport has it. */
    public Optional<ChannelOption<Boolean>> reusePort() {
        return this == NIO ? Optional.empty() : Optional.of(UnixChannelOption.SO_REUSEPORT);
    }
}
