package org.cupola.gorouter.head;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** What is taken as a request reads the same to a parser made of patterns, and whichever way the bytes arrive. */
class RequestHeadFuzz {
    private static final int LIMIT = 4096;
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE =
            Pattern.compile("(" + TOKEN + ") ([\\x21-\\x7e\\x80-\\xff]+) HTTP/1\\.([01])");
    private static final Pattern HEADER_LINE =
            Pattern.compile("(" + TOKEN + "):[ \\t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[\\t\\x20-\\x7e\\x80-\\xff]*"
                    + "[\\x21-\\x7e\\x80-\\xff])?)?)[ \\t]*");
    private static final Pattern HARMLESS = Pattern.compile(
            "GET /[a-z?=&]* HTTP/1\\.1\r\nHost: [a-z.]+\r\n" + "(?:X-[A-Za-z]+: [a-z]*\r\n)*\r\n(?s:.*)");

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void readsWhatPatternsRead(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "GET /a?b=c HTTP/1.1\r\nHost: a.b\r\nX-One: two\r\n\r\nrest",
                "POST http://a:80/x HTTP/1.1\r\nhost: b\r\nContent-Length: 12\r\nConnection: close, x\r\n\r\n",
                "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
                "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\nX: \t y \t\r\n\r\n");
    }

    @Test
    void readsDamagedExamples() {
        Damage.each(30_000, RequestHeadFuzz::check, examples());
    }

    static void check(byte[] input) {
        var head = new RequestHead();
        add(head, input, 0, input.length);
        Verdict whole = head.read(LIMIT);
        String text = new String(input, ISO_8859_1);
        if (whole == Verdict.COMPLETE) {
            assertThat(head.end()).isEqualTo(text.indexOf("\r\n\r\n") + 4).isLessThanOrEqualTo(LIMIT);
            compare(head, text.substring(0, head.end() - 4).split("\r\n", -1));
        } else {
            assertThat(HARMLESS.matcher(text).matches() && text.indexOf("\r\n\r\n") < LIMIT - 4)
                    .isFalse();
        }
        var trickled = new RequestHead();
        Verdict verdict = Verdict.INCOMPLETE;
        for (int i = 0; i < input.length && verdict == Verdict.INCOMPLETE; i++) {
            add(trickled, input, i, 1);
            verdict = trickled.read(LIMIT);
            assertThat(trickled.bytes().length).isLessThanOrEqualTo(2 * LIMIT + 2);
        }
        assertThat(verdict == Verdict.COMPLETE).isEqualTo(whole == Verdict.COMPLETE);
        if (verdict == Verdict.COMPLETE) {
            assertThat(trickled.end()).isEqualTo(head.end());
            assertThat(trickled.count()).isEqualTo(head.count());
            assertThat(trickled.host()).isEqualTo(head.host());
            assertThat(trickled.contentLength()).isEqualTo(head.contentLength());
            assertThat(trickled.isChunked()).isEqualTo(head.isChunked());
        }
    }

    private static void compare(RequestHead head, String[] lines) {
        Matcher first = REQUEST_LINE.matcher(lines[0]);
        assertThat(first.matches()).as(lines[0]).isTrue();
        assertThat(head.method()).isEqualTo(first.group(1));
        assertThat(head.target()).isEqualTo(first.group(2));
        assertThat(head.minorVersion()).isEqualTo(Integer.parseInt(first.group(3)));
        assertThat(head.count()).isEqualTo(lines.length - 1);
        int hosts = 0;
        String length = "";
        boolean chunked = false;
        for (int i = 1; i < lines.length; i++) {
            Matcher line = HEADER_LINE.matcher(lines[i]);
            assertThat(line.matches()).as(lines[i]).isTrue();
            String value = line.group(2);
            assertThat(head.nameOfLine(i - 1)).isEqualToIgnoringCase(line.group(1));
            assertThat(head.valueOfLine(i - 1)).isEqualTo(value);
            switch (line.group(1).toLowerCase(Locale.ROOT)) {
                case "host" -> hosts++;
                case "content-length" -> {
                    assertThat(length).isEmpty();
                    assertThat(value).matches("[0-9]{1,18}");
                    length = value;
                }
                case "transfer-encoding" -> {
                    assertThat(chunked).isFalse();
                    assertThat(value).isEqualToIgnoringCase("chunked");
                    chunked = true;
                }
                default -> {}
            }
        }
        assertThat(hosts).isBetween(head.minorVersion(), 1);
        assertThat(chunked && !length.isEmpty()).isFalse();
        assertThat(chunked && head.minorVersion() == 0).isFalse();
        assertThat(head.isChunked()).isEqualTo(chunked);
        assertThat(head.contentLength()).isEqualTo(length.isEmpty() ? -1 : Long.parseLong(length));
    }

    private static void add(HeaderLines head, byte[] input, int from, int amount) {
        System.arraycopy(input, from, head.room(amount), head.filled(), amount);
        head.added(amount);
    }
}
