package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.cupola.platform.net.ProxyHeader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a PROXY protocol header, version 1, if a new connection begins with one, and hands the connection over with the
 * client's address. A connection that begins otherwise, or says nothing for 100 ms, is taken as it is. Confined to its
 * event loop.
 *
 * <p>A header of version 2 is no header here, as the original knows version 1 only; one that does not say who the client is
 * ends the connection.
 */
final class ProxyAccept extends ChannelInboundHandlerAdapter {
    private static final byte[] PREFIX = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final int WAIT_MILLIS = 100;

    private final Consumer<InetSocketAddress> next;
    private @Nullable ByteBuf seen;
    private boolean done;

    /** @param next sets up the rest of the pipeline for a client with this address; called once */
    ProxyAccept(Consumer<InetSocketAddress> next) {
        this.next = next;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.executor().schedule(() -> goOn(ctx, peer(ctx)), WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (done) {
            ctx.fireChannelRead(in);
            return;
        }
        ByteBuf before = seen;
        ByteBuf all = before == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
        seen = all;
        int start = all.readerIndex();
        for (int i = 0; i < PREFIX.length && i < all.readableBytes(); i++) {
            if (all.getByte(start + i) != PREFIX[i]) {
                goOn(ctx, peer(ctx));
                return;
            }
        }
        switch (ProxyHeader.parse(all)) {
            case ProxyHeader.Parsed.Incomplete _ -> {}
            case ProxyHeader.Parsed.Malformed _ -> ctx.close();
            case ProxyHeader.Parsed.Complete header -> {
                all.skipBytes(header.lengthBytes());
                header.endpoints().ifPresentOrElse(ends -> goOn(ctx, ends.source()), ctx::close);
            }
        }
    }

    private static InetSocketAddress peer(ChannelHandlerContext ctx) {
        return (InetSocketAddress) ctx.channel().remoteAddress();
    }

    private void goOn(ChannelHandlerContext ctx, InetSocketAddress client) {
        if (done || ctx.isRemoved() || !ctx.channel().isActive()) {
            return;
        }
        done = true;
        next.accept(client);
        ByteBuf rest = seen;
        seen = null;
        if (rest != null && rest.isReadable()) {
            ctx.fireChannelRead(rest);
            ctx.fireChannelReadComplete();
        } else if (rest != null) {
            rest.release();
        }
        ctx.pipeline().remove(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf rest = seen;
        if (rest != null) {
            seen = null;
            rest.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
