package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A client's HTTP/2 connection, bounded in what one client can make it hold or do. Confined to its event loop. */
final class Http2Connection extends ChannelInboundHandlerAdapter {
    private static final int MAX_STREAMS = 250;
    private static final int STREAM_WINDOW_BYTES = 256 * 1024;
    private static final int MAX_FRAME_BYTES = 16 * 1024;
    private static final int MAX_RESETS = 200;
    private static final int RESET_WINDOW_SECONDS = 30;
    private static final int MAX_EMPTY_DATA_FRAMES = 16;
    private static final int MAX_QUEUED_CONTROL_FRAMES = 1000;

    private final Loop loop;
    private final Channel channel;
    private final InetSocketAddress remote;
    private final byte[] remoteIp;
    private final Http2FrameCodec codec;

    Http2Connection(Loop loop, Channel channel, InetSocketAddress remote) {
        this.loop = loop;
        this.channel = channel;
        this.remote = remote;
        this.remoteIp = remote.getAddress().getHostAddress().getBytes(StandardCharsets.US_ASCII);
        this.codec = Http2FrameCodecBuilder.forServer()
                .gracefulShutdownTimeoutMillis(-1) // a drained connection lives until its streams have ended
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxFrameSize(MAX_FRAME_BYTES)
                        .maxHeaderListSize(loop.settings().maxRequestHeaderBytes()))
                .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA_FRAMES)
                .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_CONTROL_FRAMES)
                .build();
    }

    /** Adds everything that serves it to the end of the pipeline. */
    void start(ChannelPipeline pipeline) {
        pipeline.addLast(new OrderCheck());
        pipeline.addLast(codec);
        pipeline.addLast(new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2Client(loop, stream, Http2Connection.this));
            }
        }));
        long idleNanos = loop.settings().frontendIdleNanos();
        if (idleNanos > 0) {
            pipeline.addLast(new IdleStateHandler(0, 0, idleNanos, TimeUnit.NANOSECONDS));
        }
        pipeline.addLast(this);
    }

    InetSocketAddress remote() {
        return remote;
    }

    byte[] remoteIp() {
        return remoteIp;
    }

    Channel channel() {
        return channel;
    }

    /** Takes no more streams, and closes when those there are have ended. */
    void drain() {
        channel.close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.clientCame();
        loop.http2Connections().add(this);
        loop.metrics().add(Counter.CONNECTIONS_ACCEPTED);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        loop.clientWent();
        loop.http2Connections().remove(this);
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent && codec.connection().numActiveStreams() == 0) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
            ctx.close();
        } // else the codec says goodbye with the right error code once it has told us
    }

    /** Stands before the codec; a violation is the codec's to answer, after what came in order. */
    private final class OrderCheck extends ChannelInboundHandlerAdapter {
        private final Http2FrameOrder order = new Http2FrameOrder();
        private boolean broken;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
            if (broken || !(message instanceof ByteBuf bytes)) {
                ReferenceCountUtil.release(message);
                return;
            }
            Http2Exception violation = order.look(bytes);
            if (violation == null) {
                ctx.fireChannelRead(bytes);
                return;
            }
            broken = true;
            bytes.release();
            codec.onError(ctx.pipeline().context(codec), false, violation);
        }
    }
}
