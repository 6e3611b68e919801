package org.cupola.gorouter.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import java.util.function.BiConsumer;

/** Waits for a client's TLS handshake and hands the connection over with the protocol that was agreed. */
final class TlsAccept extends ApplicationProtocolNegotiationHandler {
    private final BiConsumer<ChannelHandlerContext, String> next;

    TlsAccept(BiConsumer<ChannelHandlerContext, String> next) {
        super(ApplicationProtocolNames.HTTP_1_1);
        this.next = next;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
        next.accept(ctx, protocol);
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close(); // the client's fault or business; nothing an operator can do
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
