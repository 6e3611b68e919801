package org.cupola.loadbalancer;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.cupola.loadbalancer.LoadBalancerConfig.Dns;
import org.cupola.platform.net.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers for the platform's domains over UDP and TCP, on the same port number. It is authoritative and never asks
 * anybody. Any thread; queries are answered on event loops.
 */
final class DnsServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DnsServer.class);
    private static final int IDLE_SECONDS = 10;
    private static final int MAX_TCP_CONNECTIONS = 1000;

    /** With port 0, TCP picks a port that UDP may not get; then another is picked. */
    private static final int MAX_ATTEMPTS = 10;

    private final Dns config;
    private final Transport transport;
    private final EventLoopGroup loops;
    private final DnsAnswers answers;
    private final List<Channel> channels = new ArrayList<>();
    private volatile int port;

    DnsServer(Dns config, Transport transport, EventLoopGroup loops) {
        this.config = config;
        this.transport = transport;
        this.loops = loops;
        this.answers = new DnsAnswers(new DnsZones(config.zones()), config.ttl());
    }

    synchronized void start() {
        ChannelFuture last = attempt();
        for (int i = 1; !last.isSuccess() && config.listen().getPort() == 0 && i < MAX_ATTEMPTS; i++) {
            last = attempt();
        }
        if (!last.isSuccess()) {
            throw new IllegalStateException(
                    "cannot listen on " + config.listen().getHostString() + ":"
                            + config.listen().getPort() + ": " + last.cause().getMessage(),
                    last.cause());
        }
        log.atInfo()
                .addKeyValue("port", port)
                .addKeyValue(
                        "zones",
                        config.zones().stream()
                                .map(LoadBalancerConfig.Zone::domain)
                                .toList())
                .log("dns-listening");
    }

    private ChannelFuture attempt() {
        ChannelFuture tcp = bindTcp().awaitUninterruptibly();
        if (!tcp.isSuccess()) {
            return tcp;
        }
        int bound = ((InetSocketAddress) tcp.channel().localAddress()).getPort();
        ChannelFuture udp = bindUdp(bound).awaitUninterruptibly();
        if (udp.isSuccess()) {
            channels.add(tcp.channel());
            channels.add(udp.channel());
            port = bound;
        } else {
            tcp.channel().close().awaitUninterruptibly();
        }
        return udp;
    }

    private ChannelFuture bindTcp() {
        var limit = new ConnectionLimit(MAX_TCP_CONNECTIONS);
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(transport.serverChannels())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (limit.admit(channel)) {
                            channel.pipeline()
                                    .addLast(
                                            new ReadTimeoutHandler(IDLE_SECONDS, TimeUnit.SECONDS),
                                            new TcpDnsQueryDecoder(),
                                            new TcpDnsResponseEncoder(),
                                            new DnsQueryHandler(answers, false));
                        }
                    }
                })
                .bind(config.listen());
    }

    private ChannelFuture bindUdp(int bound) {
        return new Bootstrap()
                .group(loops)
                .channel(transport.datagramChannel())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(),
                                        new DatagramDnsResponseEncoder(),
                                        new DnsQueryHandler(answers, true));
                    }
                })
                .bind(new InetSocketAddress(config.listen().getAddress(), bound));
    }

    int port() {
        return port;
    }

    @Override
    public synchronized void close() {
        channels.forEach(channel -> channel.close().awaitUninterruptibly());
        channels.clear();
    }
}
