package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a PROXY protocol header, version 1, if a new connection begins with one, and hands the connection over with the
 * client's address. A connection that begins otherwise, or says nothing for 100 ms, is taken as it is. Confined to its
 * event loop.
 *
 * <p>Format: HAProxy's proxy-protocol.txt, section 2.1.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private static final byte[] PREFIX = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_LINE_BYTES = 107;
    private static final int WAIT_MILLIS = 100;

    private final Consumer<InetSocketAddress> next;
    private @Nullable ByteBuf seen;
    private boolean done;

    /** @param next sets up the rest of the pipeline for a client with this address; called once */
    ProxyHeader(Consumer<InetSocketAddress> next) {
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
        int newline = all.bytesBefore((byte) '\n');
        if (newline < 0 && all.readableBytes() <= MAX_LINE_BYTES) {
            return;
        }
        InetSocketAddress client = newline < 0 || newline > MAX_LINE_BYTES
                ? null
                : parse(all.readCharSequence(newline + 1, StandardCharsets.US_ASCII)
                        .toString());
        if (client == null) {
            ctx.close();
        } else {
            goOn(ctx, client);
        }
    }

    /** The source address of a header line; {@code null} when it is unknown or malformed. */
    static @Nullable InetSocketAddress parse(String line) {
        if (!line.endsWith("\r\n")) {
            return null;
        }
        String[] fields = line.substring(0, line.length() - 2).split(" ", -1);
        boolean v4 = fields.length == 6 && fields[1].equals("TCP4");
        boolean v6 = fields.length == 6 && fields[1].equals("TCP6");
        if (!v4 && !v6) {
            return null;
        }
        int sourcePort = port(fields[4]);
        InetSocketAddress source = sourcePort < 0 ? null : Addresses.literal(fields[2], sourcePort);
        InetSocketAddress destination = port(fields[5]) < 0 ? null : Addresses.literal(fields[3], port(fields[5]));
        return source == null || destination == null || fields[2].contains(":") != v6 || fields[3].contains(":") != v6
                ? null
                : source;
    }

    private static int port(String text) {
        if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int port = Integer.parseInt(text);
        return port > 65535 ? -1 : port;
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
