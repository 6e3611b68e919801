package org.cupola.platform.net;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes over connections of epoll. */
class EpollConnectionTest extends EpollConnectionFixture {
    @ParameterizedTest
    @EnumSource
    void knowsBothAddresses(Kind kind) throws Exception {
        Channel listener = listen(kind, true, false);
        Socket client = dial(listener);
        DuplexChannel channel = accepted().channel();

        assertThat(channel.remoteAddress()).isEqualTo(client.getLocalSocketAddress());
        assertThat(channel.localAddress()).isEqualTo(client.getRemoteSocketAddress());
        assertThat(channel.parent()).isSameAs(listener);
        channel.close().sync();
        assertThat(channel.localAddress()).isEqualTo(client.getRemoteSocketAddress());
    }

    @ParameterizedTest
    @EnumSource
    void readsNoMoreThanIsAskedFor(Kind kind) throws Exception {
        Socket client = dial(listen(kind, false, true));
        Recorder recorder = accepted();
        DuplexChannel channel = recorder.channel();
        byte[] sent = random(100_000);
        client.getOutputStream().write(sent);
        settle();
        assertThat(recorder.reads).hasValue(0);

        channel.read();
        await().atMost(Duration.ofSeconds(30)).until(() -> recorder.reads.get() > 0);
        settle();
        assertThat(recorder.reads).hasValue(1);

        channel.read();
        await().atMost(Duration.ofSeconds(30)).until(() -> recorder.reads.get() > 1);
        channel.config().setAutoRead(true);
        recorder.awaitBytes(sent.length);
        channel.eventLoop().submit(() -> channel.config().setAutoRead(false)).get(30, SECONDS);
        client.getOutputStream().write(1);
        settle();
        assertThat(bytes(recorder, channel)).isEqualTo(sent);
        channel.config().setAutoRead(true);
        recorder.awaitBytes(sent.length + 1);
    }

    @ParameterizedTest
    @EnumSource
    void readsToAnEndThatHasComeEvenUnasked(Kind kind) throws Exception {
        Socket client = dial(listen(kind, false, true));
        Recorder recorder = accepted();
        byte[] sent = random(50_000);
        client.getOutputStream().write(sent);
        client.shutdownOutput();

        recorder.inputShutdown.get(30, SECONDS);
        assertThat(bytes(recorder, recorder.channel())).isEqualTo(sent);
        assertThat(recorder.channel().isInputShutdown()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void endsEachDirectionByItself(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        DuplexChannel channel = recorder.channel();
        client.getOutputStream().write(random(10));
        client.shutdownOutput();
        recorder.inputShutdown.get(30, SECONDS);
        assertThat(channel.isActive()).isTrue();

        byte[] answer = random(20_000);
        channel.writeAndFlush(Unpooled.wrappedBuffer(answer)).sync();
        channel.shutdownOutput().sync();
        assertThat(client.getInputStream().readAllBytes()).isEqualTo(answer);
        assertThat(channel.isShutdown()).isTrue();
        assertThat(channel.isOpen()).isTrue();
        assertThatThrownBy(() ->
                        channel.writeAndFlush(Unpooled.wrappedBuffer(answer)).sync())
                .isInstanceOf(IOException.class);
        channel.close().sync();
        recorder.inactive.get(30, SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void readsOnAfterItsOwnOutputEnded(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        recorder.channel().shutdownOutput().sync();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        byte[] sent = random(300_000);
        client.getOutputStream().write(sent);
        client.close();

        recorder.inputShutdown.get(30, SECONDS);
        assertThat(bytes(recorder, recorder.channel())).isEqualTo(sent);
    }

    @ParameterizedTest
    @EnumSource
    void closesAtTheEndOfInputUnlessHalfClosureIsOn(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, false));
        Recorder recorder = accepted();
        client.getOutputStream().write(random(1000));
        client.close();

        recorder.inactive.get(30, SECONDS);
        assertThat(recorder.bytes).hasValue(1000);
        assertThat(recorder.problems).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfAResetWhetherOrNotItReads(Kind kind) throws Exception {
        for (boolean autoRead : new boolean[] {true, false}) {
            Socket client = dial(listen(kind, autoRead, false));
            Recorder recorder = accepted();
            client.getOutputStream().write(random(1000));
            recorder.channel().eventLoop().submit(() -> {}).get(30, SECONDS);
            reset(client);

            recorder.inactive.get(30, SECONDS);
            assertThat(recorder.problems).first().isInstanceOf(IOException.class);
        }
    }

    /** Netty's goes on as if nothing had happened until it writes. */
    @ParameterizedTest
    @EnumSource(names = "OWN")
    void isClosedByAResetAfterTheEndOfInput(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        recorder.channel().writeAndFlush(Unpooled.wrappedBuffer(random(10))).sync();
        client.shutdownOutput();
        recorder.inputShutdown.get(30, SECONDS);
        reset(client); // with input unread

        recorder.inactive.get(30, SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void resetsThePeerWhenClosedWithoutLinger(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        DuplexChannel channel = accepted().channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close().sync();

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @ParameterizedTest
    @EnumSource
    void writesAllOfManyBuffersToASlowReader(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        DuplexChannel channel = accepted().channel();
        byte[] all = random(9_000_000);
        int at = 0;
        for (int piece = 0; at < all.length; piece++) {
            int size = Math.min(all.length - at, piece % 7 == 0 ? 0 : 1 + piece * 97 % 9000);
            ByteBuf heap = Unpooled.wrappedBuffer(all, at, size);
            channel.write(
                    switch (piece % 3) {
                        case 0 -> heap;
                        case 1 ->
                            channel.alloc().directBuffer(Math.max(1, size)).writeBytes(heap);
                        default ->
                            Unpooled.wrappedBuffer(
                                    channel.alloc()
                                            .directBuffer(1)
                                            .writeBytes(heap.readRetainedSlice(Math.min(1, size))),
                                    heap);
                    });
            at += size;
        }
        ChannelFuture last = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        settle();
        assertThat(last.isDone()).isFalse();
        assertThat(channel.isWritable()).isFalse();

        assertThat(client.getInputStream().readNBytes(all.length)).isEqualTo(all);
        last.get(30, SECONDS);
        assertThat(channel.isWritable()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void failsWhatWasNotWrittenWhenItIsClosed(Kind kind) throws Exception {
        dial(listen(kind, true, true));
        DuplexChannel channel = accepted().channel();
        List<ByteBuf> buffers = new ArrayList<>();
        List<ChannelFuture> written = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ByteBuf buffer = channel.alloc().directBuffer(1_000_000).writeZero(1_000_000);
            buffers.add(buffer);
            written.add(channel.writeAndFlush(buffer));
        }
        channel.close().sync();

        await().atMost(Duration.ofSeconds(30)).until(() -> written.getLast().isDone());
        assertThat(written.getLast().cause()).isInstanceOf(ClosedChannelException.class);
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void failsTheWriteThatFindsThePeerGone(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true));
        Recorder recorder = accepted();
        DuplexChannel channel = recorder.channel();
        ByteBuf filling = channel.alloc().directBuffer(20_000_000).writeZero(20_000_000);
        ChannelFuture blocked = channel.writeAndFlush(filling);
        settle();
        assertThat(blocked.isDone()).isFalse();
        reset(client);

        assertThat(blocked.await(30, SECONDS)).isTrue();
        assertThat(blocked.cause()).isInstanceOf(IOException.class);
        recorder.inactive.get(30, SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void readsNothingOnceClosedByAHandler(Kind kind) throws Exception {
        Socket client = dial(listen(kind, true, true, () -> {
            var recorder = new Recorder();
            recorder.closeAtFirst = true;
            return recorder;
        }));
        Recorder recorder = accepted();
        try (OutputStream out = client.getOutputStream()) {
            out.write(random(100_000));
        } catch (SocketException e) {
            assertThat(e).isNotNull(); // closed in our face, which may or may not be in time
        }

        recorder.inactive.get(30, SECONDS);
        settle();
        assertThat(recorder.reads).hasValue(1);
    }
}
