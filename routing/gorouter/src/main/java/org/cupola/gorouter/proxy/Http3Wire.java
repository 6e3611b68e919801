package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a request stream and its codec. On the way in it minds the frames' order; on the way out it gathers what
 * is small until a flush, as QUIC would send each piece in a packet of its own. Confined to its event loop.
 */
final class Http3Wire extends ChannelDuplexHandler {
    private static final int SMALL_BYTES = 4096;
    private static final int MOST_GATHERED_BYTES = 16 * 1024;

    /** A frame of a type that is reserved to be ignored, without a payload (RFC 9114, 7.2.8). */
    private static final byte[] NOTHING = {0x21, 0};

    private final Loop loop;
    private final Http3Connection connection;
    private final Runnable refused;
    private final Http3FrameOrder order = new Http3FrameOrder();
    private long held;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf gathered;

    /** @param refused called when the client does not take what is sent any more */
    Http3Wire(Loop loop, Http3Connection connection, Runnable refused) {
        this.loop = loop;
        this.connection = connection;
        this.refused = refused;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    // ---- in ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        order.look((ByteBuf) message);
        holds(order.held());
        ctx.fireChannelRead(message);
    }

    private void holds(long now) {
        long more = now - held;
        held = now;
        if (more != 0) {
            connection.holds(more);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !order.isBetweenFrames()) {
            connection.fail(Http3ErrorCode.H3_FRAME_ERROR);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        holds(0);
        drop();
        ctx.fireChannelInactive();
    }

    // ---- out ----

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        if (bytes.readableBytes() > SMALL_BYTES) {
            sendGathered(ctx);
            send(ctx, bytes);
            promise.trySuccess();
            return;
        }
        ByteBuf gathering = gathered;
        if (gathering == null) {
            gathering = loop.allocator().directBuffer(SMALL_BYTES);
            gathered = gathering;
        }
        gathering.writeBytes(bytes);
        bytes.release();
        promise.trySuccess();
        if (gathering.readableBytes() > MOST_GATHERED_BYTES) {
            sendGathered(ctx);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        sendGathered(ctx);
        ctx.flush();
    }

    private void sendGathered(ChannelHandlerContext ctx) {
        ByteBuf bytes = gathered;
        if (bytes != null) {
            gathered = null;
            send(ctx, bytes);
        }
    }

    private void send(ChannelHandlerContext ctx, ByteBuf bytes) {
        watch(ctx, ctx.write(bytes));
    }

    /**
     * Finds out whether the client still listens. The QUIC library says that it does not at the moment when that happens,
     * and only if something waits to be sent. What is written afterwards just does not go out, and the stream shows the
     * room that it had before; one that has to wait shows none.
     */
    private void watch(ChannelHandlerContext ctx, ChannelFuture written) {
        if (written.isDone()) {
            tell(written);
        } else if (ctx.channel().bytesBeforeUnwritable() > 0) {
            refused.run();
        } else {
            written.addListener(_ -> tell(written));
        }
    }

    private void tell(ChannelFuture written) {
        if (!written.isSuccess()) {
            refused.run();
        }
    }

    /** Sends what was gathered as the stream's last bytes; nothing may be written afterwards. */
    ChannelFuture end() {
        ChannelHandlerContext ctx = context();
        ByteBuf bytes = gathered == null ? Unpooled.EMPTY_BUFFER : gathered;
        gathered = null;
        ChannelFuture written = ctx.writeAndFlush(new DefaultQuicStreamFrame(bytes, true));
        watch(ctx, written);
        return written;
    }

    /** Sends something that means nothing: it shows whether the client still listens, and keeps the connection alive. */
    void probe() {
        if (gathered == null && context().channel().isWritable()) {
            send(context(), Unpooled.wrappedBuffer(NOTHING));
            context().flush();
        }
    }

    /** Forgets what was gathered. */
    void drop() {
        ByteBuf bytes = gathered;
        if (bytes != null) {
            gathered = null;
            bytes.release();
        }
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return ctx;
    }
}
