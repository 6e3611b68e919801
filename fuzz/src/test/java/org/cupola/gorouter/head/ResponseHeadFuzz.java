package org.cupola.gorouter.head;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** What is taken as a response frames its body in one way only, and whichever way the bytes arrive. */
class ResponseHeadFuzz {
    private static final int LIMIT = 4096;
    private static final int MAX_LINES = 8;
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.([01]) ([1-9][0-9]{2})(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?");

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void framesInOneWay(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                "HTTP/1.0 404\r\nConnection: keep-alive\r\nX: y\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(30_000, ResponseHeadFuzz::check, examples());
    }

    static void check(byte[] input) {
        var head = new ResponseHead();
        add(head, input, 0, input.length);
        Verdict whole = head.read(LIMIT, MAX_LINES);
        String text = new String(input, ISO_8859_1);
        if (whole == Verdict.COMPLETE) {
            assertThat(head.end()).isEqualTo(text.indexOf("\r\n\r\n") + 4);
            assertThat(head.count()).isLessThanOrEqualTo(MAX_LINES);
            String[] lines = text.substring(0, head.end() - 4).split("\r\n", -1);
            assertThat(lines[0]).matches(STATUS_LINE);
            assertThat(lines[0].substring(9, 12)).isEqualTo(Integer.toString(head.status()));
            List<String> lengths = values(lines, "content-length");
            List<String> codings = values(lines, "transfer-encoding");
            assertThat(lengths).allMatch(value -> value.matches("[0-9]{1,18}"));
            assertThat(lengths.stream().map(Long::parseLong).distinct()).hasSizeLessThan(2);
            assertThat(codings).hasSizeLessThan(2).allMatch("chunked"::equalsIgnoreCase);
            assertThat(head.isChunked()).isEqualTo(!codings.isEmpty());
            assertThat(head.contentLength())
                    .isEqualTo(head.isChunked() || lengths.isEmpty() ? -1 : Long.parseLong(lengths.getFirst()));
        }
        var trickled = new ResponseHead();
        Verdict verdict = Verdict.INCOMPLETE;
        for (int i = 0; i < input.length && verdict == Verdict.INCOMPLETE; i++) {
            add(trickled, input, i, 1);
            verdict = trickled.read(LIMIT, MAX_LINES);
        }
        assertThat(verdict == Verdict.COMPLETE).isEqualTo(whole == Verdict.COMPLETE);
    }

    private static List<String> values(String[] lines, String name) {
        return Stream.of(lines)
                .skip(1)
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).replaceAll("^[ \\t]+|[ \\t]+$", ""))
                .toList();
    }

    private static void add(HeaderLines head, byte[] input, int from, int amount) {
        System.arraycopy(input, from, head.room(amount), head.filled(), amount);
        head.added(amount);
    }
}
