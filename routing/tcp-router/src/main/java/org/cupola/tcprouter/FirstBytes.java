package org.cupola.tcprouter;

import static io.netty.handler.codec.ByteToMessageDecoder.MERGE_CUMULATOR;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.ProxyHeader.Endpoints;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a client sends first until it is known where that goes: takes a PROXY header away, looks at a ClientHello. It
 * reads no more than both can take, and waits for a limited time. Then it hands on what it holds and is gone.
 *
 * <p>Confined to the event loop of its channel.
 */
final class FirstBytes extends ChannelInboundHandlerAdapter {
    private final Listener listener;
    private final Duration timeout;
    private boolean wantsProxyHeader;
    private boolean wantsClientHello;
    private boolean done;
    private @Nullable ByteBuf held;
    private @Nullable Future<?> timer;

    /** Told once; then the handler is still in the pipeline, so that TLS can be put right behind it. */
    interface Listener {
        /** The PROXY header has been read; says whether the ClientHello is wanted as well. */
        boolean proxied(@Nullable Endpoints endpoints);

        /** @param host the name the client asks for; empty when it names none or does not speak TLS
         *  @param tls  whether it speaks TLS */
        void decided(String host, boolean tls);

        /** Not a PROXY header, or too late for one. */
        void refused(String reason);
    }

    FirstBytes(boolean wantsProxyHeader, boolean wantsClientHello, Duration timeout, Listener listener) {
        this.wantsProxyHeader = wantsProxyHeader;
        this.wantsClientHello = wantsClientHello;
        this.timeout = timeout;
        this.listener = listener;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor().schedule(() -> late(ctx), timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf more = (ByteBuf) message;
        ByteBuf before = held;
        held = before == null ? more : MERGE_CUMULATOR.cumulate(ctx.alloc(), before, more);
        look(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (done) {
            ctx.fireChannelReadComplete();
        } else {
            ctx.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !done) {
            giveUpWaiting(ctx, "the client has finished sending before its PROXY header");
        }
        ctx.fireUserEventTriggered(event);
    }

    private void late(ChannelHandlerContext ctx) {
        if (!done) {
            giveUpWaiting(ctx, "no PROXY header within " + timeout);
        }
    }

    private void giveUpWaiting(ChannelHandlerContext ctx, String withoutHeader) {
        if (wantsProxyHeader) {
            refuse(withoutHeader);
        } else {
            decide(ctx, "", false);
        }
    }

    private void look(ChannelHandlerContext ctx) {
        ByteBuf bytes = held;
        if (bytes == null || done) {
            return;
        }
        if (wantsProxyHeader) {
            switch (ProxyHeader.parse(bytes)) {
                case ProxyHeader.Parsed.Incomplete _ -> {
                    return;
                }
                case ProxyHeader.Parsed.Malformed malformed -> {
                    refuse(malformed.reason());
                    return;
                }
                case ProxyHeader.Parsed.Complete complete -> {
                    bytes.skipBytes(complete.lengthBytes());
                    wantsProxyHeader = false;
                    wantsClientHello = listener.proxied(complete.endpoints().orElse(null));
                }
            }
        }
        if (!wantsClientHello) {
            decide(ctx, "", false);
        } else if (bytes.isReadable()) {
            switch (ClientHello.parse(bytes)) {
                case ClientHello.Parsed.Incomplete _ -> {}
                case ClientHello.Parsed.NotTls _ -> decide(ctx, "", false);
                case ClientHello.Parsed.Hello hello -> decide(ctx, hello.host(), true);
            }
        }
    }

    private void refuse(String reason) {
        done = true;
        listener.refused(reason);
    }

    private void decide(ChannelHandlerContext ctx, String host, boolean tls) {
        done = true;
        listener.decided(host, tls);
        ByteBuf bytes = held;
        held = null;
        if (bytes != null) {
            if (bytes.isReadable()) {
                ctx.fireChannelRead(bytes);
                ctx.fireChannelReadComplete();
            } else {
                bytes.release();
            }
        }
        ctx.pipeline().remove(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        Future<?> running = timer;
        if (running != null) {
            running.cancel(false);
        }
        ByteBuf bytes = held;
        held = null;
        if (bytes != null) {
            bytes.release();
        }
    }
}
