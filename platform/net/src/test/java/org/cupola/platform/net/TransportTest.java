package org.cupola.platform.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransportTest {
    @ParameterizedTest
    @EnumSource
    void carriesAConnection(Transport transport) throws Exception {
        assumeTrue(transport.isAvailable(), transport + " is not available on this machine");
        EventLoopGroup loops = transport.eventLoops("test", 1);
        var accepted = new CompletableFuture<Thread>();
        try {
            Channel server = new ServerBootstrap()
                    .group(loops)
                    .channelFactory(transport.serverChannels())
                    .childHandler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            accepted.complete(Thread.currentThread());
                        }
                    })
                    .bind(new InetSocketAddress("127.0.0.1", 0))
                    .sync()
                    .channel();
            new Bootstrap()
                    .group(loops)
                    .channelFactory(transport.socketChannels())
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(server.localAddress())
                    .sync();

            assertThat(accepted.get(10, TimeUnit.SECONDS).getName()).startsWith("test-");
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
