package org.cupola.platform.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ReferenceCountUtil;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that takes all its file descriptors, then must be told so when it accepts and connects, rarely rather than all
 * the time, and go on when there are some again. Ends with 0 if all is as it should be.
 */
final class DescriptorShortage {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final EventLoopGroup loops = Transport.EPOLL.eventLoops("shortage", 1);
    private final AtomicInteger refusals = new AtomicInteger();
    private final CountDownLatch refused = new CountDownLatch(1);
    private final BlockingQueue<Channel> readers = new LinkedBlockingQueue<>();

    private DescriptorShortage() {}

    public static void main(String[] arguments) throws Exception {
        // Opens all libraries, which classes may be wanted from when they cannot be opened any more.
        ClassLoader.getSystemResources("there/is/no/such/thing").hasMoreElements();
        new DescriptorShortage().run();
    }

    private void run() throws Exception {
        Channel listener = listen();
        var address = (InetSocketAddress) listener.localAddress();
        connect(address).sync();
        try (var client = new Socket(LOOPBACK, address.getPort())) {
            expectRead(client);
        }
        try (var client = new Socket()) {
            client.bind(new InetSocketAddress(LOOPBACK, 0));
            List<FileInputStream> all = takeAll();
            client.connect(address);
            if (!refused.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("accepts without a file descriptor, or does not try");
            }
            ChannelFuture connected = connect(address);
            connected.await(60, TimeUnit.SECONDS);
            for (FileInputStream each : all) {
                each.close();
            }
            if (connected.isSuccess()) {
                throw new IllegalStateException("connected without a file descriptor");
            }
            expectRead(client);
        }
        if (refusals.get() > 30) { // the bootstrap's handler lets it try once a second
            throw new IllegalStateException("refused " + refusals + " times");
        }
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    private Channel listen() throws InterruptedException {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channelFactory(Transport.EPOLL.serverChannels())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Reader());
                    }
                })
                .bind(new InetSocketAddress(LOOPBACK, 0))
                .sync()
                .channel();
        listener.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            @SuppressWarnings("OverridesJavaxDeprecation")
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                refusals.incrementAndGet();
                refused.countDown();
            }
        });
        return listener;
    }

    private final class Reader extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            readers.add(ctx.channel());
        }
    }

    private ChannelFuture connect(InetSocketAddress address) {
        return new Bootstrap()
                .group(loops)
                .channelFactory(Transport.EPOLL.socketChannels())
                .handler(new ChannelInboundHandlerAdapter())
                .connect(address);
    }

    private void expectRead(Socket client) throws IOException, InterruptedException {
        client.getOutputStream().write(1);
        Channel reader = readers.poll(60, TimeUnit.SECONDS);
        if (reader == null || !client.getLocalSocketAddress().equals(reader.remoteAddress())) {
            throw new IllegalStateException("read by " + reader);
        }
    }

    private static List<FileInputStream> takeAll() throws IOException {
        List<FileInputStream> all = new ArrayList<>();
        try {
            while (true) {
                all.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            if (all.isEmpty()) {
                throw e;
            }
            return all;
        }
    }
}
