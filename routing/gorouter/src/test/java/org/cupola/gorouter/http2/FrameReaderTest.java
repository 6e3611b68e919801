package org.cupola.gorouter.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameReaderTest {
    private static final String SETTINGS = "0:4:0:0:";

    /** What was told, a line each; pieces of one frame of data are put together. */
    private static final class Told implements FrameSink {
        private final List<String> lines = new ArrayList<>();
        private String data = "";
        private int cost;

        @Override
        public void headers(int stream, byte[] block, int from, int to, boolean endStream) {
            lines.add("headers " + stream + " " + new String(block, from, to - from, ISO_8859_1) + end(endStream));
        }

        private static String end(boolean ends) {
            return ends ? " end" : "";
        }

        @Override
        public void headersIncomplete() {
            lines.add("more");
        }

        @Override
        public void data(int stream, ByteBuf piece, int windowBytes, boolean frameEnd, boolean endStream) {
            data += piece.toString(ISO_8859_1);
            cost += windowBytes;
            piece.release();
            if (frameEnd) {
                lines.add("data " + stream + " " + data + " " + cost + end(endStream));
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
            lines.add("setting " + id + " " + value);
        }

        @Override
        public void settingsEnd() {
            lines.add("settings");
        }

        @Override
        public void settingsAcknowledged() {
            lines.add("settings ack");
        }

        @Override
        public void ping(long payload, boolean acknowledges) {
            lines.add("ping " + Long.toHexString(payload) + (acknowledges ? " ack" : ""));
        }

        @Override
        public void goAway(int lastStream, int code) {
            lines.add("goodbye " + lastStream + " " + code);
        }

        @Override
        public void windowUpdate(int stream, int increment) {
            lines.add("window " + stream + " " + increment);
        }

        @Override
        public void streamError(int stream, ErrorCode code) {
            lines.add("stream error " + stream + " " + code);
        }

        @Override
        public void connectionError(ErrorCode code, String why) {
            lines.add("error " + code);
        }
    }

    /** Frames as {@code length:type:flags:stream:payload}, the length made up from the payload when it is not given. */
    private static ByteBuf frames(String... frames) {
        ByteBuf bytes = Unpooled.buffer();
        for (String frame : frames) {
            String[] parts = frame.split(":", 5);
            byte[] payload = parts[4].getBytes(ISO_8859_1);
            bytes.writeMedium(parts[0].isEmpty() ? payload.length : Integer.parseInt(parts[0]))
                    .writeByte(Integer.parseInt(parts[1]))
                    .writeByte(Integer.parseInt(parts[2]))
                    .writeInt(Integer.parseInt(parts[3]))
                    .writeBytes(payload);
        }
        return bytes;
    }

    private static List<String> read(ByteBuf bytes, int atATime) {
        var told = new Told();
        var reader = new FrameReader(told, 1000);
        for (int at = 0; at < bytes.writerIndex(); at += atATime) {
            reader.read(bytes.slice(at, Math.min(atATime, bytes.writerIndex() - at)));
        }
        return told.lines;
    }

    private static List<String> read(String... frames) {
        ByteBuf bytes = frames(frames);
        List<String> whole = read(bytes, Integer.MAX_VALUE >> 1);
        for (int atATime : new int[] {1, 2, 7, 13}) {
            assertThat(read(bytes, atATime)).isEqualTo(whole);
        }
        return whole;
    }

    @Test
    void tellsFramesHoweverTheyArrive() {
        assertThat(read(
                        ":4:0:0:\0\3\0\0\0\7\0\4\0\1\0\0",
                        ":1:5:1:block",
                        ":0:0:3:some",
                        ":0:1:3:",
                        ":0:9:3:\2data\0\0",
                        ":1:44:5:\1\0\0\0\1\20blockx",
                        ":1:1:7:one",
                        ":9:0:7:two",
                        ":9:4:7:three",
                        ":3:0:7:\0\0\0\10",
                        ":4:1:0:",
                        ":6:0:0:\0\0\0\0\0\0\0\1",
                        ":6:1:0:\0\0\0\0\0\0\0\2",
                        ":7:0:0:\0\0\0\11\0\0\0\2why",
                        ":8:0:0:\0\0\1\0",
                        ":8:0:7:\0\0\0\2",
                        ":77:255:7:unknown",
                        ":2:0:9:\0\0\0\1\20"))
                .containsExactly(
                        "setting 3 7",
                        "setting 4 65536",
                        "settings",
                        "headers 1 block end",
                        "data 3 some 4",
                        "data 3  0 end",
                        "data 3 data 7 end",
                        "headers 5 block",
                        "more",
                        "more",
                        "headers 7 onetwothree end",
                        "reset 7 8",
                        "settings ack",
                        "ping 1",
                        "ping 2 ack",
                        "goodbye 9 2",
                        "window 0 256",
                        "window 7 2");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "16385:0:0:1:, FRAME_SIZE_ERROR",
        ":0:0:0:x, PROTOCOL_ERROR",
        ":1:4:0:x, PROTOCOL_ERROR",
        ":2:0:0:12345, PROTOCOL_ERROR",
        ":3:0:0:1234, PROTOCOL_ERROR",
        ":4:0:1:, PROTOCOL_ERROR",
        ":6:0:1:12345678, PROTOCOL_ERROR",
        ":7:0:1:12345678, PROTOCOL_ERROR",
        ":9:4:1:x, PROTOCOL_ERROR",
        ":5:4:1:1234, PROTOCOL_ERROR",
        ":3:0:1:123, FRAME_SIZE_ERROR",
        ":4:0:0:12345, FRAME_SIZE_ERROR",
        ":4:1:0:123456, FRAME_SIZE_ERROR",
        ":6:0:0:1234567, FRAME_SIZE_ERROR",
        ":7:0:0:1234567, FRAME_SIZE_ERROR",
        ":8:0:1:12345, FRAME_SIZE_ERROR",
        ":0:8:1:, FRAME_SIZE_ERROR",
        ":0:8:1:a, PROTOCOL_ERROR",
        ":1:12:1:, FRAME_SIZE_ERROR",
        ":1:12:1:aaa, PROTOCOL_ERROR",
        ":1:36:1:1234, FRAME_SIZE_ERROR"
    })
    void endsTheConnectionFor(String frame, ErrorCode code) {
        assertThat(read(SETTINGS, frame, ":6:0:0:12345678")).containsExactly("settings", "error " + code);
    }

    @Test
    void wantsSettingsFirst() {
        assertThat(read(":6:0:0:12345678")).containsExactly("error PROTOCOL_ERROR");
        assertThat(read(":4:1:0:")).containsExactly("error PROTOCOL_ERROR");
    }

    @Test
    void letsNothingIntoAHeaderBlock() {
        assertThat(read(SETTINGS, ":1:0:1:a", ":6:0:0:12345678")).endsWith("more", "error PROTOCOL_ERROR");
        assertThat(read(SETTINGS, ":1:0:1:a", ":9:4:3:b")).endsWith("more", "error PROTOCOL_ERROR");
        assertThat(read(SETTINGS, ":1:0:1:a", ":77:4:1:b")).endsWith("more", "error PROTOCOL_ERROR");
    }

    @Test
    void boundsHeaderBlocks() {
        assertThat(read(SETTINGS, ":1:4:1:" + "x".repeat(1001))).endsWith("error ENHANCE_YOUR_CALM");
        assertThat(read(SETTINGS, ":1:0:1:" + "x".repeat(600), ":9:0:1:" + "y".repeat(401)))
                .endsWith("error ENHANCE_YOUR_CALM");
        String[] empty = new String[60];
        Arrays.fill(empty, ":9:0:1:");
        empty[0] = SETTINGS;
        empty[1] = ":1:0:1:x";
        assertThat(read(empty)).endsWith("error ENHANCE_YOUR_CALM");
    }

    @Test
    void tellsWhatIsWrongForOneStreamAlone() {
        assertThat(read(SETTINGS, ":2:0:3:1234", ":2:0:3:\0\0\0\3\0", ":1:36:5:\0\0\0\5\0x"))
                .containsExactly(
                        "settings",
                        "stream error 3 FRAME_SIZE_ERROR",
                        "stream error 3 PROTOCOL_ERROR",
                        "headers 5 x",
                        "stream error 5 PROTOCOL_ERROR");
    }
}
