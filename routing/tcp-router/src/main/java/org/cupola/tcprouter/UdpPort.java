package org.cupola.tcprouter;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.net.SharedPort;
import org.cupola.platform.net.Transport;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams of one external port: a session per client address, each with its own socket towards the backend that was
 * chosen for it, until it has been idle for a while or its backend loses the route. What cannot be delivered is dropped and
 * counted, as datagrams are.
 *
 * <p>All of it is confined to one event loop, except for opening and closing.
 */
final class UdpPort implements AutoCloseable {
    /** More than any datagram holds. */
    private static final int RECEIVE_BYTES = 65_536;

    private final PortListener port;
    private final Transport transport;
    private final EventLoop loop;
    private final Duration idleTimeout;
    private final int maxSessions;
    private final Map<InetSocketAddress, UdpSession> sessions = new HashMap<>();
    private final SharedPort shared;
    private final Future<?> sweeper;

    private UdpPort(
            PortListener port,
            Transport transport,
            EventLoop loop,
            InetAddress listenAddress,
            Duration idleTimeout,
            int maxSessions)
            throws IOException {
        this.port = port;
        this.transport = transport;
        this.loop = loop;
        this.idleTimeout = idleTimeout;
        this.maxSessions = maxSessions;
        Bootstrap server = bootstrap().handler(new FromClients());
        transport.reusePort().ifPresent(option -> server.option(option, true)); // a new process can take it over
        ChannelFuture bound =
                server.bind(new InetSocketAddress(listenAddress, port.port())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("udp: " + bound.cause().getMessage(), bound.cause());
        }
        this.shared = new SharedPort(List.of(bound.channel()));
        long sweepNanos = Math.max(1, idleTimeout.toNanos() / 4);
        this.sweeper = loop.scheduleWithFixedDelay(this::sweep, sweepNanos, sweepNanos, TimeUnit.NANOSECONDS);
    }

    /** @throws IOException when the port cannot be opened */
    static UdpPort open(
            PortListener port,
            Transport transport,
            EventLoop loop,
            InetAddress listenAddress,
            Duration idleTimeout,
            int maxSessions)
            throws IOException {
        return new UdpPort(port, transport, loop, listenAddress, idleTimeout, maxSessions);
    }

    private Bootstrap bootstrap() {
        return new Bootstrap()
                .group(loop)
                .channel(transport.datagramChannel())
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES));
    }

    private final class FromClients extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            UdpSession session = session(packet.sender(), ctx.channel());
            if (session == null) {
                port.counters().datagramsDropped.increment();
            } else {
                port.counters().bytesFromClients.add(packet.content().readableBytes());
                session.send(packet.content().retain());
            }
        }

        @Override
        @SuppressWarnings("OverridesJavaxDeprecation")
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            port.counters().datagramsDropped.increment(); // an answer that could not be sent; the socket lives on
        }
    }

    private @Nullable UdpSession session(InetSocketAddress client, Channel socket) {
        Pool pool = port.routes().plain();
        UdpSession known = sessions.get(client);
        if (known != null && pool != null && pool.backends().contains(known.backend)) {
            return known;
        }
        if (known != null) {
            known.end();
        }
        if (pool == null || sessions.size() >= maxSessions) {
            return null;
        }
        for (Backend backend : pool.inOrder(client.getAddress().hashCode(), Context.nanos(loop))) {
            if (!backend.address().isUnresolved()) {
                var session = new UdpSession(client, backend, socket);
                sessions.put(client, session);
                return session;
            }
        }
        return null;
    }

    private void sweep() {
        long now = Context.nanos(loop);
        for (UdpSession session : List.copyOf(sessions.values())) {
            if (now - session.lastUsedNanos >= idleTimeout.toNanos()) {
                session.end();
            }
        }
    }

    private final class UdpSession extends SimpleChannelInboundHandler<DatagramPacket> {
        private final InetSocketAddress client;
        private final Backend backend;
        private final Channel towardsClient;
        private final ChannelFuture connected;
        private long lastUsedNanos = Context.nanos(loop);
        private boolean over;

        UdpSession(InetSocketAddress client, Backend backend, Channel towardsClient) {
            this.client = client;
            this.towardsClient = towardsClient;
            this.backend = backend;
            backend.opened();
            this.connected = bootstrap().handler(this).connect(backend.address());
        }

        /** Takes the ownership of the bytes. */
        void send(ByteBuf bytes) {
            lastUsedNanos = Context.nanos(loop);
            if (connected.isDone()) {
                write(bytes);
            } else {
                connected.addListener(done -> write(bytes));
            }
        }

        private void write(ByteBuf bytes) {
            if (over || !connected.isSuccess()) {
                bytes.release();
                failed();
            } else {
                connected.channel().writeAndFlush(bytes).addListener(written -> {
                    if (!written.isSuccess()) {
                        failed();
                    }
                });
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            lastUsedNanos = Context.nanos(loop);
            backend.succeeded();
            port.counters().bytesFromBackends.add(packet.content().readableBytes());
            towardsClient.writeAndFlush(
                    new DatagramPacket(packet.content().retain(), client), towardsClient.voidPromise());
        }

        /** The backend's host said that nobody listens there. */
        @Override
        @SuppressWarnings("OverridesJavaxDeprecation")
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failed();
        }

        private void failed() {
            port.counters().datagramsDropped.increment();
            if (!over) {
                port.counters().connectErrors.increment();
                backend.failed(Context.nanos(loop));
                end();
            }
        }

        void end() {
            if (!over) {
                over = true;
                sessions.remove(client, this);
                backend.closed();
                connected.channel().close();
            }
        }
    }

    /** The socket that clients send to. */
    SharedPort shared() {
        return shared;
    }

    /** Ends all sessions; to be called when the shared socket is closed. */
    @Override
    public void close() {
        sweeper.cancel(false);
        loop.execute(() -> List.copyOf(sessions.values()).forEach(UdpSession::end));
    }
}
