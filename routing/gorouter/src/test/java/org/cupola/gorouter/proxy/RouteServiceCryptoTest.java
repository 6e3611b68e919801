package org.cupola.gorouter.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.cupola.gorouter.proxy.RouteServiceCrypto.Checked;
import org.junit.jupiter.api.Test;

class RouteServiceCryptoTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    private final RouteServiceCrypto crypto = new RouteServiceCrypto(List.of("secret"), Duration.ofSeconds(60));

    @Test
    void believesItsOwnSignatureUntilItExpires() {
        var signed = crypto.sign("http://a.b/c?d=<&>", NOW);

        assertThat(crypto.check(signed.signature(), signed.metadata(), NOW.plusSeconds(60)))
                .isEqualTo(new Checked.Valid("http://a.b/c?d=<&>"));
        assertThat(crypto.check(signed.signature(), signed.metadata(), NOW.plusSeconds(61)))
                .isEqualTo(new Checked.Expired());
    }

    @Test
    void takesThePreviousSecretButDoesNotSignWithIt() {
        var old = new RouteServiceCrypto(List.of("old"), Duration.ofSeconds(60));
        var both = new RouteServiceCrypto(List.of("new", "old"), Duration.ofSeconds(60));
        var signed = old.sign("u", NOW);

        assertThat(both.check(signed.signature(), signed.metadata(), NOW)).isEqualTo(new Checked.Valid("u"));
        var fresh = both.sign("u", NOW);
        assertThat(old.check(fresh.signature(), fresh.metadata(), NOW))
                .isEqualTo(new Checked.Invalid("cipher: message authentication failed"));
    }

    @Test
    void refusesWhatIsIncomplete() {
        var signed = crypto.sign("u", NOW);

        assertThat(crypto.check(signed.signature(), "", NOW)).isEqualTo(new Checked.Invalid("No metadata found"));
        assertThat(crypto.check(signed.signature(), "e30=", NOW))
                .isEqualTo(new Checked.Invalid("incorrect nonce length"));
        assertThat(crypto.check("%%%", signed.metadata(), NOW)).isInstanceOf(Checked.Invalid.class);
    }

    @Test
    void neitherBelievesNorBreaksOnDamagedHeaders() {
        var random = new Random(3);
        var signed = crypto.sign("http://a/", NOW);
        for (int i = 0; i < 5000; i++) {
            var signature = new StringBuilder(signed.signature());
            int at = random.nextInt(16);
            char damaged = (char) (33 + random.nextInt(94));
            signature.setCharAt(at, damaged);
            boolean same = signature.toString().equals(signed.signature());

            Checked checked = crypto.check(signature.toString(), signed.metadata(), NOW);

            assertThat(checked instanceof Checked.Valid)
                    .as(signature.toString())
                    .isEqualTo(same);
        }
    }
}
