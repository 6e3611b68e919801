package org.cupola.gorouter.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;

/**
 * A connection to a backend in HTTP/2, shared by the requests of one event loop that run at the same time. Confined to that
 * loop.
 */
final class Http2Upstream extends ChannelInboundHandlerAdapter {
    private static final int STREAM_WINDOW_BYTES = 256 * 1024;

    private final Loop loop;
    private final Channel channel;
    private final Http2FrameCodec codec;
    private final Http2StreamChannelBootstrap streams;
    private boolean leaving;
    private boolean used;

    Http2Upstream(Loop loop, Channel channel) {
        this.loop = loop;
        this.channel = channel;
        this.codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(Http2Settings.defaultSettings()
                        .initialWindowSize(STREAM_WINDOW_BYTES)
                        .maxHeaderListSize(loop.settings().maxResponseHeaderBytes())
                        .pushEnabled(false))
                .build();
        channel.pipeline().addLast(codec, new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()), this);
        this.streams = new Http2StreamChannelBootstrap(channel);
    }

    /** Whether another request may be put on it. */
    boolean isUsable() {
        return !leaving && channel.isActive() && codec.connection().local().canOpenStream();
    }

    /** Sends the exchange's request on a stream of its own. */
    void begin(Exchange exchange, BackendConnections home) {
        boolean reused = used;
        used = true;
        streams.open().addListener(opened -> {
            if (!opened.isSuccess()) {
                exchange.connectFailed(
                        home,
                        new Failure(
                                FailureKind.INCOMPLETE_REQUEST,
                                "no stream: " + opened.cause().getMessage()));
                return;
            }
            var stream = (Http2StreamChannel) opened.getNow();
            if (!exchange.isWaitingFor(home)) {
                stream.close();
                return;
            }
            var served = new Http2Backend(loop, stream);
            stream.pipeline().addLast(served);
            served.begin(exchange, reused);
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2GoAwayFrame) {
            leaving = true;
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
