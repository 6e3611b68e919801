package org.cupola.platform.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedPortTest {
    private EventLoopGroup loops;

    @BeforeEach
    void needsEpoll() {
        assumeThat(Transport.EPOLL.isAvailable()).isTrue();
        loops = Transport.EPOLL.eventLoops("shared-port", 1);
    }

    @AfterEach
    void stop() {
        if (loops != null) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    /** Sockets that greet everyone with one byte. */
    private List<Channel> listen(int sockets, InetSocketAddress address, char greeting) {
        List<Channel> listening = new ArrayList<>();
        InetSocketAddress bound = address;
        for (int i = 0; i < sockets; i++) {
            var bootstrap = new ServerBootstrap()
                    .group(loops)
                    .channelFactory(Transport.EPOLL.serverChannels())
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {(byte) greeting}));
                        }
                    });
            Transport.EPOLL.reusePort().ifPresent(option -> bootstrap.option(option, true));
            Channel channel = bootstrap.bind(bound).syncUninterruptibly().channel();
            bound = new InetSocketAddress(address.getAddress(), ((InetSocketAddress) channel.localAddress()).getPort());
            listening.add(channel);
        }
        return listening;
    }

    private static int portOf(List<Channel> listening) {
        return ((InetSocketAddress) listening.getFirst().localAddress()).getPort();
    }

    private static Map<Character, Integer> greetings(int port, int connections) throws IOException {
        Map<Character, Integer> greetings = new HashMap<>();
        for (int i = 0; i < connections; i++) {
            try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(30_000);
                greetings.merge((char) client.getInputStream().read(), 1, Integer::sum);
            }
        }
        return greetings;
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::"})
    void directsEveryConnectionToTheNewcomer(String host) throws Exception {
        var address = new InetSocketAddress(host, 0);
        List<Channel> old = listen(2, address, 'o');
        assertThat(new SharedPort(old).isShared()).isFalse();
        List<Channel> newcomer = listen(3, new InetSocketAddress(host, portOf(old)), 'n');
        var port = new SharedPort(newcomer);
        assertThat(port.isShared()).isTrue();
        assertThat(new SharedPort(old).isShared()).isTrue();
        assertThat(greetings(portOf(old), 200)).as("before").containsOnlyKeys('o', 'n');

        assertThat(port.takeOver()).isTrue();

        assertThat(greetings(portOf(old), 200)).containsOnlyKeys('n');
        old.forEach(channel -> channel.close().syncUninterruptibly());
        assertThat(port.isShared()).isFalse();
        port.release();
        assertThat(greetings(portOf(newcomer), 50)).containsOnlyKeys('n');
        List<Channel> third = listen(1, new InetSocketAddress(host, portOf(newcomer)), 't');
        assertThat(new SharedPort(third).takeOver()).isTrue();
        assertThat(greetings(portOf(third), 100)).containsOnlyKeys('t');
        newcomer.forEach(channel -> channel.close().syncUninterruptibly());
        third.forEach(channel -> channel.close().syncUninterruptibly());
    }

    @Test
    void givesWayToANewcomerAndStaysOutOfTheWayWhileClosing() throws Exception {
        List<Channel> old = listen(2, new InetSocketAddress("127.0.0.1", 0), 'o');
        List<Channel> newcomer = listen(2, new InetSocketAddress("127.0.0.1", portOf(old)), 'n');
        var leaving = new SharedPort(old);

        assertThat(leaving.giveWay(ListeningSockets.read())).isTrue();
        assertThat(greetings(portOf(newcomer), 100)).containsOnlyKeys('n');

        leaving.close(ListeningSockets.read());
        assertThat(old).noneMatch(Channel::isOpen);
        assertThat(greetings(portOf(newcomer), 50)).containsOnlyKeys('n');
        assertThat(leaving.giveWay(ListeningSockets.read())).as("closed").isFalse();
        newcomer.forEach(channel -> channel.close().syncUninterruptibly());
    }

    /** A port that both were told to open while both run. */
    @Test
    void givesWayAlsoWhereItListensBehindTheNewcomer() throws Exception {
        List<Channel> newcomer = listen(2, new InetSocketAddress("127.0.0.1", 0), 'n');
        List<Channel> old = listen(2, new InetSocketAddress("127.0.0.1", portOf(newcomer)), 'o');
        var leaving = new SharedPort(old);
        assertThat(leaving.takeOver()).isTrue();
        assertThat(greetings(portOf(newcomer), 50)).containsOnlyKeys('o');

        assertThat(leaving.giveWay(ListeningSockets.read())).isTrue();
        assertThat(greetings(portOf(newcomer), 100)).containsOnlyKeys('n');

        leaving.close(ListeningSockets.read());
        assertThat(greetings(portOf(newcomer), 50)).containsOnlyKeys('n');
        newcomer.forEach(channel -> channel.close().syncUninterruptibly());
    }

    @Test
    void noClientIsLostWhileOneAfterTheOtherLeaves() throws Exception {
        List<Channel> serving = listen(2, new InetSocketAddress("127.0.0.1", 0), 's');
        int port = portOf(serving);
        var ended = new AtomicBoolean();
        var lost = new AtomicInteger();
        Thread clients = Thread.ofVirtual().start(() -> {
            while (!ended.get()) {
                try {
                    greetings(port, 1);
                } catch (IOException e) {
                    lost.incrementAndGet();
                }
            }
        });

        for (int i = 0; i < 5; i++) {
            List<Channel> next = listen(2, new InetSocketAddress("127.0.0.1", port), 's');
            var leaving = new SharedPort(serving);
            assertThat(leaving.giveWay(ListeningSockets.read())).isTrue();
            greetings(port, 20); // by then, what had been on its way to those that leave has been accepted
            leaving.close(ListeningSockets.read());
            serving = next;
        }
        ended.set(true);
        clients.join();
        serving.forEach(channel -> channel.close().syncUninterruptibly());

        assertThat(lost.get()).isZero();
    }

    @Test
    void noticesThatAPortIsTaken() {
        List<Channel> taken = listen(1, new InetSocketAddress("127.0.0.1", 0), 'x');

        assertThatThrownBy(() -> SharedPort.refuseTaken(new InetSocketAddress("127.0.0.1", portOf(taken))))
                .isInstanceOf(IOException.class);
        taken.forEach(channel -> channel.close().syncUninterruptibly());
    }
}
