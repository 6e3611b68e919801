package org.cupola.gorouter.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/3 connection, bounded in what one client can make it hold or do. Confined to its event loop. */
final class Http3Connection extends ChannelInboundHandlerAdapter {
    /** Requests at once, as clients are told. */
    static final int MAX_STREAMS = 250;

    /** Heads and other frames that have come in part, over all streams, beyond the largest head. */
    private static final int HELD_BYTES = 64 * 1024;

    private static final int SECTION_ROOM_BYTES = 4096;

    /** The codec remembers each stream that did not end by itself until its connection ends. */
    private static final int MAX_CUT_OFF = 1000;

    /** Until the last packets have arrived, or were sent again. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int CONNECTION_REFUSED = 0x02;

    private final Loop loop;
    private final QuicChannel channel;
    private final TimeoutQueue.Node idleTimer = new TimeoutQueue.Node(this::drain);
    private final long maxHeld;
    private ClientAddress remote;
    private @Nullable String certificate;
    private final Set<Http3Client> streams = new HashSet<>();
    private int cutOff;
    private long held;
    private long nextStreamId;
    private long lastEnd = System.nanoTime() - LINGER_NANOS;
    private boolean goingAway;
    private boolean closing;

    Http3Connection(Loop loop, QuicChannel channel) {
        this.loop = loop;
        this.channel = channel;
        this.maxHeld = maxSection(loop) + HELD_BYTES;
        this.remote = new ClientAddress(
                (InetSocketAddress) Objects.requireNonNull(channel.remoteSocketAddress(), "a server's peer"));
    }

    /** What the codec takes for a head: more than the router does, which answers 431 then. */
    private static long maxSection(Loop loop) {
        return 2L * loop.settings().maxRequestHeaderBytes() + SECTION_ROOM_BYTES;
    }

    /** Adds everything that serves it to the connection's pipeline. */
    void start() {
        if (loop.isDraining()) {
            channel.close(false, CONNECTION_REFUSED, Unpooled.EMPTY_BUFFER);
            return;
        }
        var settings = Http3Settings.defaultSettings().maxFieldSectionSize(maxSection(loop));
        channel.pipeline()
                .addLast(new Http3ServerConnectionHandler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                new Http3Client(loop, (QuicStreamChannel) stream, Http3Connection.this).start();
                            }
                        },
                        null,
                        null,
                        new DefaultHttp3SettingsFrame(settings),
                        true));
        channel.pipeline().addLast(this);
    }

    ClientAddress remote() {
        return remote;
    }

    /** Base64 of the certificate the client has shown, empty for none. */
    String certificate() {
        String known = certificate;
        if (known == null) {
            known = ClientCertificate.of(
                    Objects.requireNonNull(channel.sslEngine(), "QUIC has TLS").getSession());
            certificate = known;
        }
        return known;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        loop.clientCame();
        loop.metrics().add(Counter.CONNECTIONS_ACCEPTED);
        loop.http3Connections().add(this);
        loop.idleClients().join(idleTimer, System.nanoTime());
        if (loop.isDraining()) {
            drain();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        idleTimer.leave();
        if (loop.http3Connections().remove(this)) {
            loop.clientWent();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof QuicStreamChannel stream) {
            if (stream.type() == QuicStreamType.UNIDIRECTIONAL) {
                stream.pipeline().addLast(new Quiet());
            } else if ((goingAway && stream.streamId() >= nextStreamId) || streams.size() >= 2 * MAX_STREAMS) {
                cutOff();
                stream.shutdown(Http3ErrorCode.H3_REQUEST_REJECTED.code()); // may be sent again, to anybody
                return;
            } else {
                nextStreamId = Math.max(nextStreamId, stream.streamId() + 4);
            }
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof QuicPathEvent.PeerMigrated moved) {
            remote = new ClientAddress(moved.remote());
        }
    }

    /** The codec closes what must be closed, with the right error code, once it has told us. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof RuntimeException) {
            fail(Http3ErrorCode.H3_INTERNAL_ERROR);
        }
    }

    // ---- its streams ----

    /** A request begins to come. */
    void opened(Http3Client stream) {
        if (streams.size() >= MAX_STREAMS) {
            // To the QUIC library those that the client has given up are over, and make place for others.
            streams.forEach(Http3Client::probe);
        }
        streams.add(stream);
        idleTimer.leave();
    }

    /** A stream is over, its response as well. */
    void closed(Http3Client stream) {
        streams.remove(stream);
        lastEnd = System.nanoTime();
        if (!streams.isEmpty()) {
            return;
        }
        if (goingAway) {
            closeSoon();
        } else if (channel.isActive()) {
            loop.idleClients().join(idleTimer, lastEnd);
        }
    }

    /** A stream ends before both sides have said all. */
    void cutOff() {
        cutOff++;
        if (cutOff == MAX_CUT_OFF) {
            drain();
        }
    }

    /** The codec holds back so many bytes more (or fewer). */
    void holds(long more) {
        held += more;
        if (held > maxHeld) {
            fail(Http3ErrorCode.H3_EXCESSIVE_LOAD);
        }
    }

    void fail(Http3ErrorCode error) {
        closing = true;
        channel.close(true, error.code(), Unpooled.EMPTY_BUFFER);
    }

    // ---- its end ----

    /** Takes no more streams, and closes when those there are have ended. */
    void drain() {
        QuicStreamChannel control = Http3.getLocalControlStream(channel);
        if (!goingAway && control != null) {
            control.writeAndFlush(new DefaultHttp3GoAwayFrame(nextStreamId));
        }
        goingAway = true;
        if (streams.isEmpty()) {
            closeSoon();
        }
    }

    private void closeSoon() {
        if (closing) {
            return;
        }
        closing = true;
        long rest = lastEnd + LINGER_NANOS - System.nanoTime();
        channel.eventLoop().schedule(() -> fail(Http3ErrorCode.H3_NO_ERROR), Math.max(0, rest), TimeUnit.NANOSECONDS);
    }

    /** The end of a pipeline whose codec deals with errors itself: they are no news to an operator. */
    private static final class Quiet extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // the connection is being closed for it
        }
    }
}
