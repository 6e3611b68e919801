package org.cupola.nats;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** The same operations, and the end at the same place, however the bytes are cut; no message longer or shorter than it said. */
class ProtocolParserFuzz {
    private static final int MAX_CONTROL_LINE = 128;

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void readsPiecesAlike(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "CONNECT {\"verbose\":false}\r\nPING\r\nSUB a.> q 1\r\nPUB a.b 5\r\nhello\r\nUNSUB 1 3\r\nPONG\r\n",
                "HPUB a r 12 17\r\nNATS/1.0\r\n\r\nhello\r\npub b 0\r\n\r\n+OK\r\n-ERR 'x'\r\n",
                "-ERR \r\n",
                "sub  a\t2\r\nPUB " + "a".repeat(120) + " 3\r\nabc\r\nINFO {}\r\n");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(30_000, ProtocolParserFuzz::check, examples());
    }

    static void check(byte[] input) {
        List<String> whole = read(input, Math.max(1, input.length));
        assertThat(read(input, 1)).isEqualTo(whole);
        assertThat(read(input, 3)).isEqualTo(whole);
    }

    private static List<String> read(byte[] input, int pieceBytes) {
        var seen = new Recorder();
        var parser = new ProtocolParser(UnpooledByteBufAllocator.DEFAULT, MAX_CONTROL_LINE);
        try {
            for (int at = 0; at < input.length; at += pieceBytes) {
                parser.parse(Unpooled.wrappedBuffer(input, at, Math.min(pieceBytes, input.length - at)), seen);
            }
        } catch (ProtocolViolation e) {
            assertThat(e.kind()).isNotNull();
            seen.operations.add("violation"); // a line that is wrong in two ways is so in the first that is seen
        } finally {
            parser.release();
        }
        return seen.operations;
    }

    private static final class Recorder implements ProtocolParser.Operations {
        private final List<String> operations = new ArrayList<>();

        @Override
        public void begin(byte first) {}

        @Override
        public void connect(byte[] line, int from, int to) {
            operations.add("connect " + new String(line, from, to - from, ISO_8859_1));
        }

        @Override
        public void announce(PublishLine arguments) {
            assertThat(arguments.headerBytes).isBetween(0, arguments.totalBytes);
            assertThat(arguments.subjectTo - arguments.subjectFrom).isBetween(1, MAX_CONTROL_LINE);
        }

        @Override
        public void publish(PublishLine arguments, ByteBuf source, int index) {
            operations.add("publish " + arguments.subject() + " " + arguments.reply() + " " + arguments.headerBytes
                    + " " + source.toString(index, arguments.totalBytes, ISO_8859_1));
        }

        @Override
        public void subscribe(ByteString subject, ByteString queue, ByteString sid) {
            operations.add("subscribe " + subject + " " + queue + " " + sid);
        }

        @Override
        public void unsubscribe(ByteString sid, int max) {
            operations.add("unsubscribe " + sid + " " + max);
        }

        @Override
        public void ping() {
            operations.add("ping");
        }

        @Override
        public void pong() {
            operations.add("pong");
        }

        @Override
        public void error(String text) {
            operations.add("error " + text);
        }

        @Override
        public boolean paused() {
            return false;
        }
    }
}
