package org.cupola.loadbalancer;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers decoded queries. What cannot be decoded is dropped over UDP, where its sender may be forged, and ends the
 * connection over TCP. Confined to its channel's event loop.
 */
final class DnsQueryHandler extends SimpleChannelInboundHandler<DnsQuery> {
    private static final Logger log = LoggerFactory.getLogger(DnsQueryHandler.class);

    private final DnsAnswers answers;
    private final boolean datagrams;

    DnsQueryHandler(DnsAnswers answers, boolean datagrams) {
        this.answers = answers;
        this.datagrams = datagrams;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DnsQuery query) {
        DnsResponse response = query instanceof DatagramDnsQuery datagram
                ? new DatagramDnsResponse(
                        /* sender= */ datagram.recipient(),
                        /* recipient= */ datagram.sender(),
                        query.id(),
                        query.opCode(),
                        DnsResponseCode.NOERROR)
                : new DefaultDnsResponse(query.id(), query.opCode(), DnsResponseCode.NOERROR);
        answers.answer(query, response, ctx.alloc());
        ctx.writeAndFlush(response);
    }

    @Override
    @SuppressWarnings("OverridesJavaxDeprecation")
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.atDebug().setCause(cause).log("dns-query-dropped");
        if (!datagrams) {
            ctx.close();
        }
    }
}
