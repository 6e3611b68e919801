package org.cupola.gorouter.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicCodecDispatcher;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.cupola.platform.net.Transport;

/**
 * Listens for HTTP/3: one UDP socket per event loop where the transport lets several share a port, else one. The system
 * gives a client's packets to a socket by the client's address; the connection ids say which loop a connection lives on,
 * so a client whose address changes is handed over to its loop. Start and stop come from one thread.
 */
final class Http3Listener implements AutoCloseable {

    /** Ids of a client's that are kept: it needs another one for each network that it moves to. */
    private static final int CLIENT_IDS = 4;

    private static final int STREAM_WINDOW_BYTES = 256 * 1024;
    private static final int CONNECTION_WINDOW_BYTES = 1024 * 1024;

    /** A client that is not heard of for so long is gone. Requests that wait for their backend are probed more often. */
    private static final long SILENCE_SECONDS = 60;

    // Largest packets taken and sent, without headers of IP and UDP; those sent fit all but the oddest tunnels.
    private static final int MAX_RECEIVED_BYTES = 1500;
    private static final int MAX_SENT_BYTES = 1350;
    private static final int PACKET_BUFFER_BYTES = 2048;
    private static final int PACKETS_AT_ONCE = 32;
    private static final int SEGMENTS_AT_ONCE = 32;

    /** As much as the system allows up to this: it holds what comes while a loop is busy elsewhere. */
    private static final int SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

    private static final int KEY_BYTES = 32;

    private final Transport transport;
    private final Function<Channel, Loop> loopOf;
    private final Http3Tls tls;
    private final SecretKey tokenKey;
    private final List<Channel> sockets = new ArrayList<>();

    private Http3Listener(Transport transport, Function<Channel, Loop> loopOf, Http3Tls tls) {
        this.transport = transport;
        this.loopOf = loopOf;
        this.tls = tls;
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        this.tokenKey = new SecretKeySpec(key, QuicTokens.ALGORITHM);
    }

    /**
     * Begins to listen.
     *
     * @param loopOf the loop that a channel lives on
     * @throws IOException when the port cannot be had, above all when another process has it
     */
    static Http3Listener open(
            Transport transport,
            List<Loop> loops,
            Function<Channel, Loop> loopOf,
            InetSocketAddress address,
            Http3Tls tls)
            throws IOException, InterruptedException {
        try (var probe = new DatagramSocket(null)) {
            probe.bind(address); // sharing would hide that someone else has it
        } catch (IOException e) {
            throw cannotListen(address, e);
        }
        var listener = new Http3Listener(transport, loopOf, tls);
        var dispatcher = listener.new Dispatcher();
        try {
            for (Loop loop : transport.reusePort().isPresent() ? loops : loops.subList(0, 1)) {
                listener.bind(loop, dispatcher, address);
            }
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        return listener;
    }

    private static IOException cannotListen(InetSocketAddress address, Throwable cause) {
        return new IOException(
                "cannot listen on " + address.getHostString() + ":" + address.getPort() + "/udp: " + cause.getMessage(),
                cause);
    }

    private void bind(Loop loop, Dispatcher dispatcher, InetSocketAddress address)
            throws IOException, InterruptedException {
        var bootstrap = new Bootstrap()
                .group(loop.eventLoop())
                .channel(transport.datagramChannel())
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                .handler(dispatcher);
        transport.reusePort().ifPresent(option -> bootstrap.option(option, true));
        if (transport == Transport.EPOLL) {
            bootstrap
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PACKET_BUFFER_BYTES)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(PACKETS_AT_ONCE * PACKET_BUFFER_BYTES));
        } else {
            bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(PACKET_BUFFER_BYTES));
        }
        var bound = bootstrap.bind(address).await();
        if (!bound.isSuccess()) {
            throw cannotListen(address, bound.cause());
        }
        sockets.add(bound.channel());
    }

    /** Ends what connections there are, without ado: they should have been drained. */
    @Override
    public void close() {
        sockets.forEach(socket -> socket.close().syncUninterruptibly());
        sockets.clear();
    }

    /** Sets up each socket, and gives packets to the loop whose number is in their connection id. */
    private final class Dispatcher extends QuicCodecDispatcher {
        @Override
        protected void initChannel(Channel socket, int idLength, QuicConnectionIdGenerator ids) {
            Loop loop = loopOf.apply(socket);
            QuicServerCodecBuilder codec = Http3.newQuicServerCodecBuilder()
                    .sslEngineProvider(connection -> tls.engine(connection.alloc()))
                    .localConnectionIdLength(idLength)
                    .connectionIdAddressGenerator(ids)
                    .tokenHandler(new QuicTokens(tokenKey, System::nanoTime))
                    .maxIdleTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
                    .initialMaxData(CONNECTION_WINDOW_BYTES)
                    .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW_BYTES)
                    .initialMaxStreamsBidirectional(Http3Connection.MAX_STREAMS)
                    .maxRecvUdpPayloadSize(MAX_RECEIVED_BYTES)
                    .maxSendUdpPayloadSize(MAX_SENT_BYTES)
                    .activeMigration(true)
                    .activeConnectionIdLimit(CLIENT_IDS)
                    .handler(new ChannelInitializer<QuicChannel>() {
                        @Override
                        protected void initChannel(QuicChannel connection) {
                            new Http3Connection(loop, connection).start();
                        }
                    });
            if (transport == Transport.EPOLL) {
                codec.option(
                        QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                        EpollQuicUtils.newSegmentedAllocator(SEGMENTS_AT_ONCE));
            }
            socket.pipeline().addLast(codec.build());
        }
    }
}
