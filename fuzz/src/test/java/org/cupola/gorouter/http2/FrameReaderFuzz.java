package org.cupola.gorouter.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames read the same whichever way their bytes arrive, hold no more than they may, and nothing is told after an error. */
class FrameReaderFuzz {
    private static final int MAX_BLOCK_BYTES = 64;
    private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0";

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void readsTheSameInPieces(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                SETTINGS + "\0\0\2\1\5\0\0\0\1ab\0\0\4\3\0\0\0\0\1\0\0\0\10",
                SETTINGS + "\0\0\14\1\54\0\0\0\3\1\0\0\0\1\20block\0\0\0\2\0\0\0\0\0\3ab",
                SETTINGS + "\0\0\1\1\0\0\0\0\1a\0\0\1\11\0\0\0\0\1b\0\0\1\11\4\0\0\0\1c",
                "\0\0\14\4\0\0\0\0\0\0\3\0\0\0\7\0\4\0\1\0\0\0\0\0\4\1\0\0\0\0",
                SETTINGS + "\0\0\6\0\11\0\0\0\1\2abc\0\0\0\0\10\6\0\0\0\0\0\1\2\3\4\5\6\7\10",
                SETTINGS + "\0\0\4\10\0\0\0\0\0\0\0\1\0\0\0\12\7\0\0\0\0\0\0\0\0\3\0\0\0\0hi");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(5_000, FrameReaderFuzz::check, examples());
    }

    static void check(byte[] input) {
        List<String> whole = read(input, Math.max(1, input.length));
        assertThat(read(input, 1)).isEqualTo(whole);
        assertThat(read(input, 5)).isEqualTo(whole);
        for (int i = 0; i < whole.size() - 1; i++) {
            assertThat(whole.get(i)).doesNotStartWith("error");
        }
    }

    private static List<String> read(byte[] input, int atATime) {
        var told = new Told();
        var reader = new FrameReader(told, MAX_BLOCK_BYTES);
        for (int at = 0; at < input.length; at += atATime) {
            ByteBuf piece = Unpooled.wrappedBuffer(input, at, Math.min(atATime, input.length - at));
            reader.read(piece);
            piece.release();
        }
        return told.lines;
    }

    private static final class Told implements FrameSink {
        private final List<String> lines = new ArrayList<>();
        private String data = "";
        private int cost;

        @Override
        public void headers(int stream, byte[] block, int from, int to, boolean endStream) {
            assertThat(to - from).isBetween(0, MAX_BLOCK_BYTES);
            assertThat(stream).isPositive();
            lines.add("headers " + stream + " " + new String(block, from, to - from, ISO_8859_1) + endStream);
        }

        @Override
        public void headersIncomplete() {
            lines.add("more");
        }

        @Override
        public void data(int stream, ByteBuf piece, int windowBytes, boolean frameEnd, boolean endStream) {
            assertThat(windowBytes).isGreaterThanOrEqualTo(piece.readableBytes());
            assertThat(frameEnd || !endStream).isTrue();
            data += piece.toString(ISO_8859_1);
            cost += windowBytes;
            piece.release();
            if (frameEnd) {
                assertThat(cost).isLessThanOrEqualTo(FrameReader.MAX_FRAME_BYTES);
                lines.add("data " + stream + " " + data + " " + cost + endStream);
                data = "";
                cost = 0;
            }
        }

        @Override
        public void reset(int stream, int code) {
            lines.add("reset " + stream + " " + code);
        }

        @Override
        public void setting(int id, long value) {
            assertThat(value).isBetween(0L, 0xffffffffL);
            lines.add("setting " + id + " " + value);
        }

        @Override
        public void settingsEnd() {
            lines.add("settings");
        }

        @Override
        public void settingsAcknowledged() {
            lines.add("acknowledged");
        }

        @Override
        public void ping(long payload, boolean acknowledges) {
            lines.add("ping " + payload + acknowledges);
        }

        @Override
        public void goAway(int lastStream, int code) {
            assertThat(lastStream).isNotNegative();
            lines.add("goodbye " + lastStream + " " + code);
        }

        @Override
        public void windowUpdate(int stream, int increment) {
            assertThat(increment).isNotNegative();
            lines.add("window " + stream + " " + increment);
        }

        @Override
        public void streamError(int stream, ErrorCode code) {
            lines.add("stream " + stream + " " + code);
        }

        @Override
        public void connectionError(ErrorCode code, String why) {
            lines.add("error " + code);
        }
    }
}
