package org.cupola.gorouter.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** The instance that a cookie asks for is the one that cutting the line at its semicolons finds. */
class StickyCookieFuzz {
    private static final HeaderRules RULES = new HeaderRules(
            HeaderRules.ClientCert.ALWAYS_FORWARD,
            Set.of("JSESSIONID"),
            false,
            false,
            List.of(),
            Set.of(),
            null,
            false,
            false,
            "");

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void findsWhatCuttingFinds(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "JSESSIONID=x; __VCAP_ID__=abc",
                "__VCAP_ID__=\"abc\";JSESSIONID=;; a=b",
                "a; __VCAP_ID__; __VCAP_ID__=; JSESSIONID",
                "__VCAP_ID__=a=b; __VCAP_ID__=c; JSESSIONID=d");
    }

    @Test
    void findsItInDamagedExamples() {
        Damage.each(30_000, StickyCookieFuzz::check, examples());
    }

    static void check(byte[] input) {
        var head = new RequestHead();
        byte[] raw = ("GET / HTTP/1.1\r\nHost: a\r\nCookie: " + new String(input, ISO_8859_1) + "\r\n\r\n")
                .getBytes(ISO_8859_1);
        Http2Messages.fill(head, raw, raw.length);
        if (head.read(Integer.MAX_VALUE) != Verdict.COMPLETE || head.count() != 2) {
            return;
        }
        String session = null;
        String instance = null;
        for (String pair : head.valueOfLine(1).split(";", -1)) {
            String trimmed = pair.replaceAll("^[ \\t]+", "");
            int equals = trimmed.indexOf('=');
            String name = equals < 0 ? "" : trimmed.substring(0, equals);
            if (name.equals("JSESSIONID") && session == null) {
                session = trimmed;
            } else if (name.equals(StickySession.COOKIE) && instance == null) {
                instance = trimmed.substring(equals + 1);
            }
        }
        String found = session == null || instance == null ? "" : instance;
        String expected = found.length() > 1 && found.startsWith("\"") && found.endsWith("\"")
                ? found.substring(1, found.length() - 1)
                : found;
        assertThat(StickySession.wanted(head, RULES)).isEqualTo(expected);
    }
}
