package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.cupola.gorouter.Http3Peer.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP/3 forbids (RFC 9114) is refused. */
@Timeout(120)
class Http3StrictnessTest extends Http3Fixture {
    private static final int H3_MESSAGE_ERROR = 0x10e;
    private static final int H3_REQUEST_INCOMPLETE = 0x10d;
    private static final int H3_EXCESSIVE_LOAD = 0x107;

    private static byte[] requestFrame(String... extra) {
        List<String[]> lines = new ArrayList<>();
        for (String line : List.of(":method=POST", ":scheme=https", ":authority=strict.test", ":path=/")) {
            lines.add(line.split("=", 2));
        }
        for (String change : extra) {
            String[] parts = change.split("=", 2);
            if (change.startsWith("-")) {
                lines.removeIf(line -> line[0].equals(change.substring(1)));
            } else if (change.startsWith("!")) {
                lines.removeIf(line -> line[0].equals(parts[0].substring(1)));
                lines.add(0, new String[] {parts[0].substring(1), parts[1]});
            } else {
                lines.add(parts);
            }
        }
        return Http3Peer.headersFrame(lines);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-:method",
                "-:path",
                "-:scheme",
                "-:authority",
                "!:path=",
                "!:path=relative",
                "!:path=https://strict.test/",
                "!:path=/ HTTP/1.1\r\nX-Smuggled: 1\r\n\r\nGET /",
                "!:path=/\u0000",
                "!:method=POST /x HTTP/1.1\r\nX-Smuggled: 1\r\n",
                "!:method=CONNECT",
                "!:authority=strict.test\r\nX-Smuggled: 1",
                "!:authority=user@strict.test",
                ":protocol=websocket",
                ":unknown=1",
                ":path=/twice",
                ":status=200",
                "host=other.test",
                "X-Upper=1",
                "x-name:x=1",
                "x name=1",
                "x-name\r\nx=1",
                "=1",
                "x-value=1\r\nX-Smuggled: 1",
                "x-value=1\n",
                "x-value=\u0000",
                "connection=close",
                "keep-alive=1",
                "proxy-connection=close",
                "transfer-encoding=chunked",
                "upgrade=websocket",
                "te=gzip",
                "content-length=x",
                "content-length=-1"
            })
    void refusesMalformedHeads(String change) throws Exception {
        try (var backend = RawBackend.answering(RawBackend.ok("taken"))) {
            router.register(backend.port(), "strict.test");
            Request request = peer.openRaw();

            request.sendRaw(requestFrame(change), true);

            assertThat(request.resetCode()).isEqualTo(H3_MESSAGE_ERROR);
            assertThat(backend.connections()).isZero();
            assertThat(peer.isOpen()).as("the connection goes on").isTrue();
            router.unregister(backend.port(), "strict.test");
        }
    }

    @Test
    void refusesBodiesOfAnotherLengthThanSaid() throws Exception {
        try (var backend = new RawBackend(connection -> connection.readTo("never"))) {
            router.register(backend.port(), "length.test");
            Request more = peer.open();
            more.send(Http3Peer.head("POST", "length.test", "/").add("content-length", "3"), false);
            more.send("1234", false);
            Request less = peer.open();
            less.send(Http3Peer.head("POST", "length.test", "/").add("content-length", "3"), false);
            less.send("12", true);
            Request none = peer.openRaw();
            none.sendRaw(new byte[0], true);

            assertThat(more.resetCode()).isEqualTo(H3_MESSAGE_ERROR);
            assertThat(less.resetCode()).isEqualTo(H3_MESSAGE_ERROR);
            assertThat(none.resetCode()).isEqualTo(H3_REQUEST_INCOMPLETE);
        }
    }

    @ParameterizedTest
    @CsvSource({"connection, 1", ":path, /", "content-length, 1", "X-Upper, 1", "host, x"})
    void refusesMalformedTrailers(String name, String value) throws Exception {
        try (var backend = new RawBackend(connection -> connection.readTo("never"))) {
            router.register(backend.port(), "trailers.test");
            Request request = peer.openRaw();
            request.sendRaw(
                    Http3Peer.headersFrame(List.of(
                            new String[] {":method", "POST"},
                            new String[] {":scheme", "https"},
                            new String[] {":authority", "trailers.test"},
                            new String[] {":path", "/"})),
                    false);
            request.sendRaw(Http3Peer.headersFrame(List.<String[]>of(new String[] {name, value})), true);

            assertThat(request.resetCode()).isEqualTo(H3_MESSAGE_ERROR);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "04 00, 261",
        "02 00, 261",
        "00 01 61, 261",
        "01 02 05 00, 512",
        "00 05 61, 261",
        "01 40, 262",
        "01, 262"
    })
    void closesTheConnectionForBrokenFraming(String bytes, int code) throws Exception {
        try (Http3Peer broken = connect("first.test")) {
            Request request = broken.openRaw();

            request.sendRaw(HexFormat.ofDelimiter(" ").parseHex(bytes), true);

            assertThat(broken.closeCode()).isEqualTo(code);
        }
    }

    @Test
    void holdsNoMoreOfUnfinishedHeadsThanOneConnectionMay() throws Exception {
        try (Http3Peer greedy = connect("first.test")) {
            byte[] most = new byte[5 + 30_000];
            ByteBuffer.wrap(most).put((byte) 1).putInt(0x80000000 | 32_000); // HEADERS, 32,000 bytes

            for (int i = 0; i < 8; i++) {
                greedy.openRaw().sendRaw(most, false);
            }

            assertThat(greedy.closeCode()).isEqualTo(H3_EXCESSIVE_LOAD);
        }
    }
}
