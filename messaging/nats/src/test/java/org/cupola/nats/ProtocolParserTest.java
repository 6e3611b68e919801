package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ProtocolParserTest {
    private static final int MAX_LINE = 200;

    /** Writes down what it is told. */
    private static final class Recorder implements ProtocolParser.Operations {
        private final List<String> seen = new ArrayList<>();
        private boolean paused;
        private boolean pauseAtConnect;

        @Override
        public void begin(byte first) {}

        @Override
        public void connect(byte[] line, int from, int to) {
            seen.add("CONNECT " + new String(line, from, to - from, StandardCharsets.ISO_8859_1));
            paused = pauseAtConnect;
        }

        @Override
        public void announce(PublishLine arguments) {}

        @Override
        public void publish(PublishLine p, ByteBuf source, int index) {
            byte[] payload = new byte[p.totalBytes];
            source.getBytes(index, payload);
            seen.add("PUB " + p.subject() + " " + p.reply() + " " + p.headerBytes + "/" + p.totalBytes + " "
                    + ByteBufUtil.hexDump(payload));
        }

        @Override
        public void subscribe(ByteString subject, ByteString queue, ByteString sid) {
            seen.add("SUB " + subject + " " + queue + " " + sid);
        }

        @Override
        public void unsubscribe(ByteString sid, int max) {
            seen.add("UNSUB " + sid + " " + max);
        }

        @Override
        public void ping() {
            seen.add("PING");
        }

        @Override
        public void pong() {
            seen.add("PONG");
        }

        @Override
        public void error(String text) {
            seen.add("-ERR " + text);
        }

        @Override
        public boolean paused() {
            return paused;
        }
    }

    private final ProtocolParser parser = new ProtocolParser(UnpooledByteBufAllocator.DEFAULT, MAX_LINE);
    private final Recorder recorder = new Recorder();

    private void feed(byte[] bytes) throws ProtocolViolation {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        try {
            parser.parse(in, recorder);
            assertThat(in.isReadable()).isFalse();
        } finally {
            in.release();
        }
    }

    /** A random stream, with what it says. */
    private static byte[] stream(Random random, List<String> expected) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            switch (random.nextInt(7)) {
                case 0 -> {
                    write(out, random.nextBoolean() ? "PING\r\n" : "ping  \n");
                    expected.add("PING");
                }
                case 1 -> {
                    write(out, "pOnG\r\n");
                    expected.add("PONG");
                }
                case 2 -> {
                    write(out, "SUB" + blanks(random) + "a." + i + blanks(random) + "q" + blanks(random) + i + "\r\n");
                    expected.add("SUB a." + i + " q " + i);
                }
                case 3 -> {
                    write(out, "UNSUB " + i + " " + (i + 1) + "\r\n");
                    expected.add("UNSUB " + i + " " + (i + 1));
                }
                case 4 -> {
                    write(out, "CONNECT {\"name\":\"a b\"}\r\n");
                    expected.add("CONNECT {\"name\":\"a b\"}");
                }
                default -> publication(random, i, out, expected);
            }
        }
        return out.toByteArray();
    }

    private static void publication(Random random, int i, ByteArrayOutputStream out, List<String> expected) {
        byte[] payload = new byte[random.nextInt(5) == 0 ? random.nextInt(20_000) : random.nextInt(200)];
        random.nextBytes(payload);
        String reply = random.nextBoolean() ? "re." + i : "";
        boolean headers = random.nextBoolean();
        int headerBytes = headers ? random.nextInt(payload.length + 1) : 0;
        write(out, (headers ? "HPUB" : "PUB") + blanks(random) + "s." + i + blanks(random));
        write(out, reply.isEmpty() ? "" : reply + blanks(random));
        write(out, (headers ? headerBytes + blanks(random) : "") + payload.length + "\r\n");
        out.writeBytes(payload);
        write(out, "\r\n");
        expected.add("PUB s." + i + " " + reply + " " + headerBytes + "/" + payload.length + " "
                + ByteBufUtil.hexDump(payload));
    }

    private static String blanks(Random random) {
        return " \t ".substring(0, 1 + random.nextInt(3));
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @RepeatedTest(40)
    void readsTheSameHoweverTheBytesAreCut(RepetitionInfo repetition) throws Exception {
        var random = new Random(repetition.getCurrentRepetition());
        List<String> expected = new ArrayList<>();
        byte[] bytes = stream(random, expected);
        int largest = 1 + random.nextInt(repetition.getCurrentRepetition() % 2 == 0 ? 50 : 30_000);

        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(largest));
            feed(java.util.Arrays.copyOfRange(bytes, from, to));
            from = to;
        }

        assertThat(recorder.seen).isEqualTo(expected);
    }

    @RepeatedTest(150)
    void endsInAViolationOrNotButNeverInAnythingElse(RepetitionInfo repetition) {
        var random = new Random(repetition.getCurrentRepetition() * 31L);
        byte[] bytes = stream(random, new ArrayList<>());
        for (int i = 0; i < 5; i++) {
            bytes[random.nextInt(Math.min(bytes.length, 3000))] = (byte) random.nextInt(256);
        }
        try {
            for (int from = 0; from < bytes.length; ) {
                int to = Math.min(bytes.length, from + 1 + random.nextInt(4000));
                feed(java.util.Arrays.copyOfRange(bytes, from, to));
                from = to;
            }
        } catch (ProtocolViolation violation) {
            assertThat(violation.kind())
                    .isIn(Violation.UNKNOWN_OPERATION, Violation.BAD_ARGUMENTS, Violation.CONTROL_LINE);
        } finally {
            parser.release();
        }
    }

    @Test
    void stopsBetweenOperationsWhilePaused() throws Exception {
        recorder.pauseAtConnect = true;
        ByteBuf in = Unpooled.copiedBuffer("CONNECT {}\r\nPING\r\n", StandardCharsets.US_ASCII);

        parser.parse(in, recorder);
        assertThat(recorder.seen).containsExactly("CONNECT {}");

        recorder.paused = false;
        parser.parse(in, recorder);
        assertThat(recorder.seen).containsExactly("CONNECT {}", "PING");
        in.release();
    }

    @Test
    void doesNotAllocateWhatIsOnlyAnnounced() throws Exception {
        var allocator = new UnpooledByteBufAllocator(false);
        var careful = new ProtocolParser(allocator, MAX_LINE);
        ByteBuf in = Unpooled.copiedBuffer("PUB a 99999999\r\nx", StandardCharsets.US_ASCII);

        careful.parse(in, recorder);

        assertThat(allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(64 * 1024);
        careful.release();
        in.release();
    }

    @Test
    void boundsALineWithoutAnEnd() throws Exception {
        feed("SUB ".getBytes(StandardCharsets.US_ASCII));
        feed("a".repeat(MAX_LINE).getBytes(StandardCharsets.US_ASCII));

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> feed("aa".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOfSatisfying(
                        ProtocolViolation.class,
                        violation -> assertThat(violation.kind()).isEqualTo(Violation.CONTROL_LINE));
    }
}
