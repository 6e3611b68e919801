package org.cupola.platform.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The last handler of one of a relay's two channels: what it reads, the peer writes.
 *
 * <p>Confined to the event loop of its channel, which is also its peer's; {@code bytesRead} may be read anywhere.
 */
final class RelaySide extends ChannelInboundHandlerAdapter {
    private final Relay relay;
    private final Channel channel;

    /** Read before there was a peer: a client that speaks and half-closes at once is read to its end by Netty. */
    private final Deque<ByteBuf> early = new ArrayDeque<>(2);

    private @Nullable RelaySide peer;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean outputShut;
    private boolean released;
    private volatile long bytesRead;

    RelaySide(Relay relay, Channel channel, RelaySettings settings) {
        this.relay = relay;
        this.channel = channel;
        channel.config()
                .setWriteBufferWaterMark(new WriteBufferWaterMark(settings.bufferBytes() / 2, settings.bufferBytes()));
    }

    Channel channel() {
        return channel;
    }

    long bytesRead() {
        return bytesRead;
    }

    boolean inputEnded() {
        return inputEnded;
    }

    /** Both directions of this side's channel are over. */
    boolean finished() {
        return inputEnded && outputShut;
    }

    void joinTo(RelaySide other) {
        peer = other;
        if (!early.isEmpty()) {
            for (ByteBuf buffer = early.poll(); buffer != null; buffer = early.poll()) {
                other.channel.write(buffer, other.channel.voidPromise());
            }
            other.channel.flush();
        }
        if (inputEnded) {
            other.endOutput();
        } else {
            channel.config().setAutoRead(other.channel.isWritable());
        }
    }

    void release() {
        released = true;
        early.forEach(ByteBuf::release);
        early.clear();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        if (released) {
            buffer.release(); // handed on by an earlier handler after the end
            return;
        }
        long total = bytesRead + buffer.readableBytes();
        bytesRead = total; // single writer
        RelaySide to = peer;
        if (to == null) {
            early.add(buffer);
            return;
        }
        to.channel.write(buffer, to.channel.voidPromise());
        if (!to.channel.isWritable()) {
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        relay.touch();
        if (peer != null) {
            peer.channel.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        relay.touch();
        if (peer != null && !peer.inputEnded) {
            peer.channel.config().setAutoRead(channel.isWritable());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            endInput();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        relay.broken(this);
    }

    @Override
    @SuppressWarnings("OverridesJavaxDeprecation")
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        relay.broken(this);
    }

    private void endInput() {
        if (!inputEnded) {
            inputEnded = true;
            relay.touch();
            if (peer != null) {
                peer.endOutput();
            }
        }
    }

    /** Sends what is queued, then the end of the stream. */
    private void endOutput() {
        if (outputEnded) {
            return;
        }
        outputEnded = true;
        // An empty write completes after all earlier ones; shutting down before that would drop them.
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (written.isSuccess()) {
                shutOutput();
            }
        });
    }

    private void shutOutput() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        RelaySide other = peer;
        if (tls == null && inputEnded && other != null && other.finished()) {
            outputIsShut(); // the close that follows tells the end of the stream as well, in one system call less
        } else {
            shutOutput(tls).addListener(shut -> outputIsShut());
        }
    }

    private void outputIsShut() {
        outputShut = true;
        relay.sideAdvanced();
    }

    private ChannelFuture shutOutput(@Nullable SslHandler tls) {
        if (tls != null) {
            return tls.closeOutbound();
        }
        return channel instanceof DuplexChannel duplex ? duplex.shutdownOutput() : channel.close();
    }
}
