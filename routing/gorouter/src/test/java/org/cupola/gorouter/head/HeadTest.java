package org.cupola.gorouter.head;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadTest {
    private static final int LIMIT = 4096;

    private static RequestHead request(String text) {
        var head = new RequestHead();
        add(head, text);
        return head;
    }

    private static void add(HeaderLines head, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        System.arraycopy(bytes, 0, head.room(bytes.length), head.filled(), bytes.length);
        head.added(bytes.length);
    }

    /** Raw requests that must be refused: what one server reads differently from the next is how requests are smuggled. */
    static Stream<Arguments> smuggling() {
        String h = "Host: a\r\n";
        return Stream.of(
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                        Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                        Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length: 1, 1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length: +1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length: -1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length: 0x1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length:\r\n\r\n", Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Content-Length: 9999999999999999999\r\n\r\n", Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                        Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: xchunked\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: identity\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: \"chunked\"\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of("GET / HTTP/1.0\r\n" + h + "Transfer-Encoding: chunked\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Transfer-Encoding : chunked\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Transfer-Encoding\t: chunked\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + " Transfer-Encoding: chunked\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Transfer-Encoding:\u000bchunked\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\r\n folded\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\nY: b\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\rY: b\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\u0000b\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X Y: a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + ": a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X\u00e9: a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "novalue\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET  / HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET /  HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / a HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET /\u0001 HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / http/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1 \r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("G\u00e9T / HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET a HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET ftp://a/ HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET http:///x HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET http://u@h/x HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("CONNECT a:80 HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.5\r\n" + h + "\r\n", Verdict.UNSUPPORTED_VERSION),
                Arguments.of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Verdict.UNSUPPORTED_VERSION),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Content-Length: 1\r\ncontent-LENGTH: 0\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length: 1 1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length: 1;a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length: 1.0\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length : 1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Content-Length\u0000: 1\r\n\r\n", Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Content_Length: 1\nContent-Length: 2\r\n\r\n", Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked, identity\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked, chunked\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked;a=b\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Transfer-Encoding:\r\n\r\n", Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
                        Verdict.MALFORMED),
                Arguments.of(
                        "GET / HTTP/1.1\r\n" + h + "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                        Verdict.UNKNOWN_TRANSFER_CODING),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Transfer-Encoding:\r\n chunked\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\r\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\r\n\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\r\n\rY", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\u007fb\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\u001bb\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X\u0000: a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X(y): a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "\"X\": a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\n X: a\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("\r\nGET / HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of(" GET / HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET\t/ HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET /\tHTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET /\u0000 HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET /\u007f HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.11\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/11\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/+1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET * HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET http://a\\b/ HTTP/1.1\r\n" + h + "\r\n", Verdict.MALFORMED),
                Arguments.of("GET http://a HTTP/1.1\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET http://a/ HTTP/1.1\r\n" + h + "Host: b\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "hOST: b\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\nHost : a\r\n\r\n", Verdict.MALFORMED),
                Arguments.of("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\nHost: a?b\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\nHost: a#b\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\nHost: \u00e9\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET /" + "a".repeat(LIMIT) + " HTTP/1.1\r\n" + h + "\r\n", Verdict.TOO_LARGE),
                Arguments.of("G".repeat(LIMIT + 1) + " / HTTP/1.1\r\n" + h + "\r\n", Verdict.TOO_LARGE),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: a\r\n".repeat(LIMIT / 6) + "\r\n", Verdict.TOO_LARGE),
                Arguments.of("GET / HTTP/1.1\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\n" + h + h + "\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Verdict.MALFORMED_HOST),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "Expect: 200-ok\r\n\r\n", Verdict.UNKNOWN_EXPECTATION),
                Arguments.of("GET / HTTP/1.1\r\n" + h + "X: " + "a".repeat(LIMIT) + "\r\n\r\n", Verdict.TOO_LARGE));
    }

    @ParameterizedTest
    @MethodSource("smuggling")
    void refusesWhatIsMalformed(String raw, Verdict expected) {
        assertThat(request(raw).read(LIMIT)).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("smuggling")
    void refusesItByteByByteToo(String raw, Verdict expected) {
        var head = new RequestHead();
        Verdict verdict = Verdict.INCOMPLETE;
        for (int i = 0; i < raw.length() && verdict == Verdict.INCOMPLETE; i++) {
            add(head, raw.substring(i, i + 1));
            verdict = head.read(LIMIT);
        }

        assertThat(verdict).isEqualTo(expected);
    }

    @Test
    void readsAHeadWhereverItIsCut() {
        String raw = "POST /a?b HTTP/1.1\r\n"
                + "host: A.b:80\r\n"
                + "X-LONG-name: v w \r\n"
                + "content-length: 12\r\n"
                + "Connection: close\r\n\r\n";
        for (int cut = 1; cut < raw.length(); cut++) {
            var head = new RequestHead();
            add(head, raw.substring(0, cut));
            assertThat(head.read(LIMIT)).isEqualTo(Verdict.INCOMPLETE);
            add(head, raw.substring(cut) + "body");
            assertThat(head.read(LIMIT)).isEqualTo(Verdict.COMPLETE);
            assertThat(head.end()).isEqualTo(raw.length());
            assertThat(head.method()).isEqualTo("POST");
            assertThat(head.host()).isEqualTo("A.b:80");
            assertThat(head.nameOfLine(1)).isEqualTo("X-Long-Name");
            assertThat(head.valueOfLine(1)).isEqualTo("v w");
            assertThat(head.contentLength()).isEqualTo(12);
            assertThat(head.isKeepAlive()).isFalse();
            assertThat(Ascii.text(head.bytes(), head.pathStart(), head.pathEnd()))
                    .isEqualTo("/a");
        }
    }

    @Test
    void forgetsOneRequestBeforeTheNext() {
        var head = request("POST / HTTP/1.1\r\n"
                + "Host: a\r\n"
                + "Transfer-Encoding: chunked\r\n"
                + "Upgrade: x\r\n"
                + "Connection: upgrade\r\n\r\n");
        assertThat(head.read(LIMIT)).isEqualTo(Verdict.COMPLETE);
        assertThat(head.isUpgrade()).isTrue();

        head.clear();
        add(head, "GET / HTTP/1.1\r\nHost: b\r\n\r\n");

        assertThat(head.read(LIMIT)).isEqualTo(Verdict.COMPLETE);
        assertThat(head.isChunked()).isFalse();
        assertThat(head.isUpgrade()).isFalse();
        assertThat(head.has(Names.TRANSFER_ENCODING)).isFalse();
        assertThat(head.host()).isEqualTo("b");
    }

    @Test
    void takesTheHostFromAnAbsoluteTarget() {
        var head = request("GET http://real.com:8080/p?q HTTP/1.1\r\nHost: other.com\r\n\r\n");

        assertThat(head.read(LIMIT)).isEqualTo(Verdict.COMPLETE);
        assertThat(head.host()).isEqualTo("real.com:8080");
        assertThat(Ascii.text(head.bytes(), head.hostStart(), head.hostNameEnd()))
                .isEqualTo("real.com");
        assertThat(Ascii.text(head.bytes(), head.pathStart(), head.pathEnd())).isEqualTo("/p");
    }

    @Test
    void knowsEveryListedNameInAnyCase() {
        for (int id = 1; id < Names.COUNT; id++) {
            var head =
                    request("GET / HTTP/1.0\r\n" + Names.text(id).toUpperCase(java.util.Locale.ROOT) + ": 0\r\n\r\n");
            head.read(LIMIT);
            assertThat(head.first(id)).as(Names.text(id)).isZero();
        }
    }

    @Test
    void readsResponses() {
        var head = new ResponseHead();
        add(head, "HTTP/1.1 404\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc");
        assertThat(head.read(LIMIT, 10)).isEqualTo(Verdict.COMPLETE);
        assertThat(head.status()).isEqualTo(404);
        assertThat(head.contentLength()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/2 200 OK\r\n\r\n  ",
                "HTTP/1.1 20 OK\r\n\r\n  ",
                "HTTP/1.1 200OK\r\n\r\n  ",
                "HTTP/1.1 200 OK\nX: y\r\n\r\n",
                "garbage garbage garbage",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\u0000\r\n\r\n",
                "HTTP/1.1 200 OK\rX: a\r\n\r\n",
                "HTTP/1.1 200 O\u0000K\r\n\r\n",
                "HTTP/1.1  200 OK\r\n\r\n",
                "HTTP/1.1 099 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX y\r\n\r\n"
            })
    void refusesMalformedResponses(String raw) {
        var head = new ResponseHead();
        add(head, raw);
        assertThat(head.read(LIMIT, 10)).isEqualTo(Verdict.MALFORMED);
    }

    @Test
    void followsChunksWhereverTheyAreCut() {
        String body = "4;a=\"b\"\r\nWiki\r\n00A\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n";
        for (int cut = 0; cut <= body.length(); cut++) {
            var scanner = new ChunkScanner();
            ByteBuf first = Unpooled.copiedBuffer(body.substring(0, cut), ISO_8859_1);
            ByteBuf second = Unpooled.copiedBuffer(body.substring(cut) + "NEXT", ISO_8859_1);
            assertThat(scanner.scan(first)).isEqualTo(cut);
            assertThat(scanner.scan(second)).isEqualTo(body.length() - cut);
            assertThat(scanner.isDone()).isTrue();
            assertThat(scanner.dataBytes()).isEqualTo(14);
        }
    }

    @Test
    void takesTheDataOutOfChunks() {
        var scanner = new ChunkScanner();
        ByteBuf in = Unpooled.copiedBuffer("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", ISO_8859_1);
        var out = new StringBuilder();
        for (int n = scanner.nextData(in); n > 0; n = scanner.nextData(in)) {
            out.append(in.readCharSequence(n, ISO_8859_1));
            scanner.consumed(n);
        }
        assertThat(out.toString()).isEqualTo("abcde");
        assertThat(scanner.isDone()).isTrue();
    }

    @Test
    void refusesMalformedChunks() {
        for (String body : List.of(
                "\r\n",
                "g\r\n",
                "-1\r\n",
                "+1\r\na",
                "0x1\r\n",
                "1\na\r\n",
                "1\r\nab\r\n",
                "1\r\na\n0\r\n\r\n",
                "1\r\r\n",
                "1;\u0000\r\na",
                "fffffffffffffffff\r\n",
                "1;" + "x".repeat(5000) + "\r\n",
                "1000000000000000\r\n",
                "fffffffffffffff0\r\n",
                "0000000000000000001\r\na",
                " 1\r\na",
                "1;\na",
                "1;a\nb\r\na",
                "1 \n\r\na",
                "1;a=\"\r\"\r\na",
                "1\r\na\r\r\n",
                "1\r\na\n\r\n",
                "\u0661\r\na",
                ("1;" + "x".repeat(4000) + "\r\na\r\n").repeat(20),
                "0\r\nTransfer-Encoding: chunked\r\n\r\n",
                "0\r\ncontent-length: 1\r\n\r\n",
                "0\r\nX: 1\r\nHOST: a\r\n\r\n",
                "0\r\nX : 1\r\n\r\n",
                "0\r\nX: 1\r\n folded\r\n\r\n",
                "0\r\nX: a\u0000\r\n\r\n",
                "0\r\n\n",
                "0\r\n bad: x\r\n\r\n",
                "0\r\nX\r\n\r\n",
                "0\r\nX: a\n\r\n",
                "0\r\nX: " + "a".repeat(70_000) + "\r\n\r\n")) {
            var scanner = new ChunkScanner();
            scanner.scan(Unpooled.copiedBuffer(body, ISO_8859_1));
            assertThat(scanner.isBroken()).as(body).isTrue();
        }
    }

    @Test
    void neitherLoopsNorBreaksOnDamagedHeads() {
        String whole = "POST /a?b HTTP/1.1\r\n"
                + "Host: a\r\n"
                + "X: y\r\n"
                + "Content-Length: 12\r\n"
                + "Connection: close, x\r\n"
                + "Te: trailers\r\n\r\n";
        var random = new Random(7);
        var head = new RequestHead();
        for (int i = 0; i < 50_000; i++) {
            byte[] damaged = whole.getBytes(ISO_8859_1);
            for (int n = random.nextInt(5); n > 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            head.clear();
            add(head, new String(damaged, ISO_8859_1));
            if (head.read(LIMIT) == Verdict.COMPLETE) {
                assertThat(head.end()).isLessThanOrEqualTo(damaged.length);
            }
        }
    }
}
