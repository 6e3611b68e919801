package org.cupola.gorouter.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.cupola.fuzz.Damage;
import org.cupola.gorouter.proxy.RouteServiceCrypto.Checked;
import org.cupola.gorouter.proxy.RouteServiceCrypto.Signed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing but what we have signed is believed, and that is read as it was signed. The input is two headers, one a line. */
class RouteServiceSignatureFuzz {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final RouteServiceCrypto CRYPTO =
            new RouteServiceCrypto(List.of("secret", "older secret"), Duration.ofMinutes(1));

    @MethodSource("examples")
    @FuzzTest(maxDuration = "5m")
    void believesNobodyElse(byte[] input) {
        check(input);
    }

    static Stream<byte[]> examples() {
        return Damage.latin1(
                "https://a.b/c?d=e&f=<g>\nx",
                "AAAA\neyJub25jZSI6IkFBQUFBQUFBQUFBQUFBQUEifQ==",
                "\n{}",
                "x\neyJub25jZSI6MX0=");
    }

    @Test
    void believesNoDamagedExamples() {
        Damage.each(20_000, RouteServiceSignatureFuzz::check, examples());
    }

    static void check(byte[] input) {
        String text = new String(input, ISO_8859_1);
        int end = text.indexOf('\n');
        String first = end < 0 ? text : text.substring(0, end);
        String second = text.substring(end + 1);

        assertThat(CRYPTO.check(first, second, NOW)).isInstanceOf(Checked.Invalid.class);

        String url = new String(new String(input, UTF_8).getBytes(UTF_8), UTF_8);
        Signed signed = CRYPTO.sign(url, NOW);
        assertThat(CRYPTO.check(signed.signature(), signed.metadata(), NOW)).isEqualTo(new Checked.Valid(url));
        assertThat(CRYPTO.check(signed.signature(), signed.metadata(), NOW.plusSeconds(61)))
                .isEqualTo(new Checked.Expired());
        assertThat(CRYPTO.check(first, signed.metadata(), NOW)).isInstanceOf(Checked.Invalid.class);
        assertThat(CRYPTO.check(signed.signature(), second, NOW)).isInstanceOf(Checked.Invalid.class);
    }
}
