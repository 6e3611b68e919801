package org.cupola.gorouter.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http2SessionTest {
    private static final int STREAM_WINDOW = 1000;
    private static final int WINDOW = 70_000;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final byte[] GET = {(byte) 0x82, (byte) 0x87, (byte) 0x84, 0x41, 1, 'a'};

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final HpackEncoder encoder = new HpackEncoder();
    private final List<TestStream> accepted = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    private final Http2Session.Owner owner = new Http2Session.Owner() {
        @Override
        public Http2Stream accept() {
            var stream = new TestStream();
            accepted.add(stream);
            return stream;
        }

        @Override
        public void violated() {
            told.add("violated");
        }

        @Override
        public void openStreams(int count) {
            told.add("open " + count);
        }

        @Override
        public void headersPending(boolean pending) {
            told.add("pending " + pending);
        }

        @Override
        public void closed() {
            told.add("closed");
        }
    };

    private static final class TestStream extends Http2Stream {
        private final List<String> seen = new ArrayList<>();
        private boolean holds;

        @Override
        protected FieldSink headersBegin() {
            return (name, from, to, value, start, end) -> seen.add(new String(name, from, to - from, ISO_8859_1) + "="
                    + new String(value, start, end - start, ISO_8859_1));
        }

        @Override
        protected void headersEnd(boolean whole, boolean last) {
            seen.add("headers" + (last ? " end" : ""));
        }

        @Override
        protected void data(ByteBuf piece, boolean last) {
            int amount = piece.readableBytes();
            seen.add("data " + amount + (last ? " end" : ""));
            piece.release();
            if (!holds) {
                consumed(amount);
            }
        }

        @Override
        protected void readEnd() {
            seen.add("read");
        }

        @Override
        protected void reset(ErrorCode code) {
            seen.add("reset " + code);
        }

        @Override
        protected void lost() {
            seen.add("lost");
        }

        @Override
        protected void writable() {
            seen.add("writable");
        }

        @Override
        protected void drained() {
            seen.add("drained");
        }

        void send(int bytes) {
            ByteBuf body = Unpooled.wrappedBuffer("x".repeat(bytes).getBytes(ISO_8859_1));
            sendData(body, bytes);
            body.release();
        }
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private Http2Session server() {
        var session = Http2Session.ofServer(channel, owner, new Http2Session.Limits(3, STREAM_WINDOW, WINDOW, 4000));
        channel.pipeline().addLast(session);
        channel.writeInbound(Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ISO_8859_1));
        receive(4, 0, 0);
        sent();
        return session;
    }

    private void receive(int type, int flags, int stream, byte... payload) {
        channel.writeInbound(Unpooled.buffer()
                .writeMedium(payload.length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream)
                .writeBytes(payload));
    }

    private static byte[] numbers(int... numbers) {
        ByteBuf bytes = Unpooled.buffer();
        for (int number : numbers) {
            bytes.writeInt(number);
        }
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy);
        return copy;
    }

    private TestStream get(int id) {
        receive(1, END_STREAM | END_HEADERS, id, GET);
        return accepted.getLast();
    }

    /** What was sent since the last call, as {@code type flags stream length}. */
    private List<String> sent() {
        channel.runPendingTasks();
        List<String> frames = new ArrayList<>();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf piece = channel.readOutbound(); piece != null; piece = channel.readOutbound()) {
            all.writeBytes(piece);
            piece.release();
        }
        while (all.isReadable()) {
            int length = all.readUnsignedMedium();
            int type = all.readByte();
            int flags = all.readByte();
            int stream = all.readInt();
            String more = type == 3 || type == 8 ? " " + all.getInt(all.readerIndex()) : "";
            more = type == 7 ? " " + all.getInt(all.readerIndex()) + " " + all.getInt(all.readerIndex() + 4) : more;
            all.skipBytes(length);
            frames.add(type + " " + flags + " " + stream + (more.isEmpty() ? " " + length : more));
        }
        return frames;
    }

    private HpackEncoder ok() {
        encoder.begin();
        encoder.status(200);
        return encoder;
    }

    @Test
    void tellsTheEndInTheLastFrameOfData() {
        server();
        TestStream stream = get(1);
        assertThat(stream.seen)
                .containsExactly(":method=GET", ":scheme=https", ":path=/", ":authority=a", "headers end", "read");

        stream.sendHeaders(ok(), false);
        stream.send(10);
        stream.sendEnd();

        assertThat(sent()).containsExactly("1 4 1 2", "0 1 1 10");
        assertThat(told).endsWith("open 1", "open 0");
    }

    @Test
    void endsWithAnEmptyFrameWhenTheLastHasLeft() {
        server();
        TestStream stream = get(1);
        stream.sendHeaders(ok(), false);
        stream.send(10);
        assertThat(sent()).containsExactly("1 4 1 2", "0 0 1 10");

        stream.sendEnd();

        assertThat(sent()).containsExactly("0 1 1 0");
    }

    @Test
    void sendsFramesOfOneRecordEach() {
        server();
        TestStream stream = get(1);
        stream.send(40_000);

        assertThat(sent()).containsExactly("0 0 1 16375", "0 0 1 16375", "0 0 1 7250");
    }

    @Test
    void waitsForTheClientsWindows() {
        server();
        receive(4, 0, 0, (byte) 0, (byte) 4, (byte) 0, (byte) 0, (byte) 0, (byte) 10); // INITIAL_WINDOW_SIZE 10
        sent();
        TestStream one = get(1);
        TestStream two = get(3);
        one.send(25);
        two.send(5);
        assertThat(sent()).containsExactly("0 0 1 10", "0 0 3 5");

        one.sendEnd();
        assertThat(sent()).isEmpty();
        receive(8, 0, 1, numbers(10));
        assertThat(sent()).containsExactly("0 0 1 10");
        receive(8, 0, 1, numbers(10));
        assertThat(sent()).containsExactly("0 1 1 5");
        assertThat(one.seen).endsWith("drained");
        two.sendEnd();
        assertThat(sent()).containsExactly("0 1 3 0");
    }

    @Test
    void sharesTheConnectionsWindowInTurn() {
        server();
        TestStream one = get(1);
        TestStream two = get(3);
        one.send(65_535);
        one.send(10);
        two.send(20);
        one.sendTrailers(ok());
        sent();
        receive(8, 0, 1, numbers(100));

        receive(8, 0, 0, numbers(5));
        assertThat(sent()).containsExactly("0 0 3 5");
        receive(8, 0, 0, numbers(100));
        assertThat(sent()).containsExactly("0 0 1 10", "1 5 1 2", "0 0 3 15");
        assertThat(one.isOpen()).isFalse();
        assertThat(two.isOpen()).isTrue();
    }

    @Test
    void holdsTheUserBackAndCallsItAgain() {
        server();
        TestStream stream = get(1);
        stream.send(65_535 + 70_000);
        assertThat(stream.isWritable()).isFalse();

        receive(8, 0, 0, numbers(100_000));
        assertThat(stream.seen).doesNotContain("writable");
        receive(8, 0, 1, numbers(60_000));

        assertThat(stream.seen).endsWith("writable");
        assertThat(stream.isWritable()).isTrue();
    }

    @Test
    void givesWindowsBackWhenTheBodyIsConsumed() {
        server();
        receive(1, END_HEADERS, 1, GET);
        TestStream stream = accepted.getLast();
        stream.holds = true;
        receive(0, 0, 1, new byte[600]);
        receive(0, 8, 1, new byte[400]); // one byte of length, no padding: it costs 400 of the window all the same
        assertThat(sent()).isEmpty();

        stream.consumed(599);
        assertThat(sent()).containsExactly("8 0 1 600");
        receive(0, 0, 1, new byte[600]);
        receive(0, 0, 1, new byte[1]);

        assertThat(sent()).containsExactly("3 0 1 3");
        assertThat(stream.seen).endsWith("reset FLOW_CONTROL_ERROR");
    }

    @Test
    void givesTheConnectionsWindowBackForStreamsThatHaveEnded() {
        server();
        for (int id = 1; id < 80; id += 2) {
            receive(1, END_HEADERS, id, GET);
            accepted.getLast().holds = true;
            receive(0, END_STREAM, id, new byte[1000]);
            accepted.getLast().sendReset(ErrorCode.CANCEL);
        }

        assertThat(sent()).contains("8 0 0 35000");
    }

    @Test
    void refusesMoreStreamsThanItAnnounced() {
        server();
        get(1);
        get(3);
        get(5);
        receive(1, END_STREAM | END_HEADERS, 7, GET);

        assertThat(sent()).containsExactly("3 0 7 7");
        assertThat(accepted).hasSize(3);
    }

    @Test
    void tellsStreamsWhenTheClientBreaksTheRules() {
        server();
        TestStream stream = get(1);
        receive(0, 0, 1, new byte[1]);

        assertThat(sent()).containsExactly("7 0 0 1 5");
        assertThat(stream.seen).endsWith("lost");
        assertThat(told).contains("violated");
        receive(6, 0, 0, new byte[8]);
        assertThat(sent()).isEmpty();
    }

    @Test
    void saysGoodbyeInTwoSteps() {
        Http2Session session = server();
        TestStream before = get(1);
        session.sayGoodbye();
        assertThat(sent()).containsExactly("7 0 0 2147483647 0", "6 0 0 8");
        TestStream onItsWay = get(3);
        receive(6, 1, 0, new byte[] {0x63, 0x75, 0x70, 0x6f, 0x6c, 0x61, 0x21, 0x21});
        assertThat(sent()).containsExactly("7 0 0 3 0");

        receive(1, END_STREAM | END_HEADERS, 5, GET);
        before.sendHeaders(ok(), true);
        assertThat(channel.isOpen()).isTrue();
        onItsWay.sendHeaders(ok(), true);

        assertThat(sent()).containsExactly("1 5 1 2", "1 5 3 1");
        assertThat(accepted).hasSize(2);
        assertThat(channel.isOpen()).isFalse();
        assertThat(told).endsWith("closed");
    }

    @Test
    void tellsOfHeadersThatDoNotEnd() {
        server();
        receive(1, END_STREAM, 1, GET);
        assertThat(told).containsExactly("pending true");
        receive(9, END_HEADERS, 1);

        assertThat(told).containsExactly("pending true", "pending false", "open 1");
    }

    @Test
    void sendsRequestsAsAClient() {
        var session = Http2Session.ofClient(channel, owner, new Http2Session.Limits(0, STREAM_WINDOW, WINDOW, 4000));
        channel.pipeline().addLast(session);
        channel.runPendingTasks();
        ByteBuf first = channel.readOutbound();
        assertThat(first.readCharSequence(24, ISO_8859_1)).hasToString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        first.release();
        receive(4, 0, 0);
        sent();
        var answered = new TestStream();
        var refused = new TestStream();
        assertThat(session.canOpen()).isTrue();
        session.open(answered);
        session.open(refused);
        answered.sendHeaders(ok(), false);
        refused.sendHeaders(ok(), true);
        assertThat(sent()).containsExactly("1 4 1 2", "1 5 3 1");

        receive(7, 0, 0, numbers(1, 0));
        assertThat(session.canOpen()).isFalse();
        assertThat(refused.seen).containsExactly("reset REFUSED_STREAM");
        receive(1, END_STREAM | END_HEADERS, 1, (byte) 0x88);

        assertThat(answered.seen).startsWith(":status=200", "headers end");
        assertThat(sent()).containsExactly("3 0 1 0");
        assertThat(channel.isOpen()).isFalse();
    }
}
