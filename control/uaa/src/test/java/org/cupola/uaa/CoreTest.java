package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decisions that need nobody else. */
class CoreTest {
    @Test
    void theAudienceIsWhatStandsBeforeTheLastDot() {
        assertThat(Scopes.audience(
                        "cf", List.of("cloud_controller.read", "openid", "uaa.none", "routing.router_groups.read")))
                .containsExactly("cloud_controller", "openid", "routing.router_groups", "cf");
    }

    @Test
    void scopesOfClientsMayHoldWildcards() {
        assertThat(Scopes.covers(List.of("zones.*.admin"), "zones.abc.admin")).isTrue();
        assertThat(Scopes.covers(List.of("zones.*.admin"), "zones..admin")).isFalse();
        assertThat(Scopes.covers(List.of("zones.*.admin"), "zonesXabc.admin")).isFalse();
        assertThat(Scopes.covers(List.of("openid"), "OPENID")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.com/x, https://a.com/x, true",
        "https://a.com/x/y, https://a.com/x, true",
        "https://a.com/xy, https://a.com/x, false",
        "https://sub.a.com/x, https://a.com/x, true",
        "https://evila.com/x, https://a.com/x, false",
        "http://a.com/x, https://a.com/x, false",
        "https://a.com:444/x, https://a.com/x, false",
        "https://a.com/x/../y, https://a.com/x, false",
        "https://a.com/x/%2e%2e/y, https://a.com/x, false",
        "https://a.com@evil.com/x, https://a.com/x, false",
        "https://foo.a.com/cb, https://*.a.com/**, true",
        "https://evil.com/.a.com/cb, https://*.a.com/**, false",
        "https://a.com/any/thing, https://a.com/**, true",
        "https://a.com/any/thing, https://a.com/*, false",
        "https://evil.com/a.com/x, https://a.com/**, false",
        "javascript:alert(1), https://a.com/**, false",
    })
    void redirectsStayWithinWhatIsRegistered(String requested, String registered, boolean allowed) {
        assertThat(RedirectUris.matches(requested, registered, true)).isEqualTo(allowed);
        assertThat(RedirectUris.matches(requested, registered, false)).isEqualTo(requested.equals(registered));
    }

    @Test
    void filtersBindAndTighterThanOr() {
        assertThat(ScimFilter.parse("A eq \"1\" OR b Sw 'x y' and (c pr or d co \"q\\\"\")"))
                .isEqualTo(new ScimFilter.Or(
                        new ScimFilter.Comparison("a", ScimFilter.Operator.EQ, "1"),
                        new ScimFilter.And(
                                new ScimFilter.Comparison("b", ScimFilter.Operator.SW, "x y"),
                                new ScimFilter.Or(
                                        new ScimFilter.Comparison("c", ScimFilter.Operator.PR, ""),
                                        new ScimFilter.Comparison("d", ScimFilter.Operator.CO, "q\"")))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "a eq", "a is \"b\"", "(a eq \"b\"", "a eq \"b\" and", "a eq \"b", "eq", ")", "a eq \"b\" c"
            })
    void whatIsNoFilterIsRefusedWithItsText(String text) {
        assertThatThrownBy(() -> ScimFilter.parse(text))
                .isInstanceOfSatisfying(
                        UaaError.class,
                        e -> assertThat(e.description()).isEqualTo("Invalid filter expression: [" + text + "]"));
    }

    @Test
    void aHostileFilterCannotOverflowTheStack() {
        assertThatThrownBy(() -> ScimFilter.parse("(".repeat(100_000))).isInstanceOf(UaaError.class);
        assertThatThrownBy(() -> ScimFilter.parse("a eq \"b\" or ".repeat(50_000) + "a eq \"b\""))
                .isInstanceOf(UaaError.class);
    }

    @Test
    void theLockCountsFromTheLastFailure() {
        var policy = new LockoutPolicy(3, Duration.ofSeconds(60), Duration.ofSeconds(30));

        assertThat(Lockouts.locked(List.of(10_000L, 9_000L), policy, 10_000)).isFalse();
        assertThat(Lockouts.locked(List.of(10_000L, 9_000L, 8_000L), policy, 39_999))
                .isTrue();
        assertThat(Lockouts.locked(List.of(10_000L, 9_000L, 8_000L), policy, 40_000))
                .isFalse();
        assertThat(Lockouts.locked(List.of(70_000L, 9_000L, 8_000L), policy, 70_001))
                .isFalse();
        assertThat(Lockouts.locked(
                        List.of(1L, 1L, 1L), new LockoutPolicy(0, Duration.ofSeconds(60), Duration.ofSeconds(30)), 1))
                .isFalse();
    }

    /** Values of the reference implementation. */
    @ParameterizedTest
    @CsvSource({"'', 0, 0", "'', 1, 514e28b7", "'test', 0, ba6bd213", "'Hello, world!', 0, c0363e43"})
    void murmurHashIsTheKnownOne(String text, String seed, String expected) {
        assertThat(Integer.toHexString(
                        RevocationSignature.murmur3(text.getBytes(StandardCharsets.UTF_8), Integer.parseInt(seed))))
                .isEqualTo(expected);
    }

    @Test
    void secretsOfMachinesAreHashedFastAndThoseOfPeopleSlowly() {
        var passwords = new Passwords(4);
        String machine = "3f1b9c27a04e5d68b1c2d3e4f5a60718";

        assertThat(passwords.hashSecret(machine)).startsWith("{hmac-sha256}");
        assertThat(passwords.hashSecret("")).startsWith("{hmac-sha256}");
        assertThat(passwords.hashSecret("letmein")).startsWith("$2a$04$");
        assertThat(passwords.hashSecret("aaaaaaaaaaaaaaaaaaaaaaaa")).startsWith("$2a$04$");
        for (String secret : List.of(machine, "", "letmein", "pässword", "x".repeat(200))) {
            String hash = passwords.hashSecret(secret);
            assertThat(passwords.matches(secret, hash)).isTrue();
            assertThat(passwords.matches(secret + "!", hash)).isEqualTo(secret.length() == 200);
            assertThat(passwords.matchingSecret("c", secret, List.of(passwords.hashSecret("other"), hash)))
                    .contains(hash);
        }
    }

    @Test
    @Timeout(10)
    void aHugePasswordCostsNoMoreThanAnother() {
        var passwords = new Passwords(4);

        assertThat(passwords.matches("x".repeat(1_000_000), passwords.hash("y")))
                .isFalse();
    }

    @Test
    void hashesOfTheOriginalAreUnderstoodAndUnknownOnesRefused() {
        var passwords = new Passwords(4);
        String hash = passwords.hash("secret");

        assertThat(passwords.matches("secret", "{bcrypt}" + hash)).isTrue();
        assertThat(passwords.matches("secret", "{noop}secret")).isFalse();
        assertThat(passwords.matches("", "")).isFalse();
        assertThat(passwords.matchingSecret("c", "", List.of())).isEmpty();
    }

    @Test
    void keysWithASharedSecretAreNotTakenForRsaOnes() {
        SigningKey rsa = SigningKey.of("rsa", RunningUaa.smallKey());
        SigningKey shared =
                SigningKey.of("rsa", String.valueOf(rsa.describe().get("value")).replace("-----BEGIN", ""));
        Jwt forged = Jwt.parse(Jwt.sign(Map.of("sub", "me"), shared, "")).orElseThrow();

        assertThat(forged.signedBy(shared)).isTrue();
        assertThat(forged.signedBy(rsa)).isFalse();
        assertThat(new KeyRing(List.of(rsa), "rsa").signed(forged)).isFalse();
    }
}
