package org.cupola.protocol.uaa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.cupola.platform.http.HttpClients;
import org.cupola.protocol.uaa.TokenException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenValidatorTest {
    private final TickingClock clock = new TickingClock();
    private final HttpClients clients = HttpClients.create(null, List.of());
    private TestUaa uaa;

    @BeforeEach
    void start() throws Exception {
        uaa = new TestUaa(null);
    }

    @AfterEach
    void stop() {
        uaa.close();
        clients.close();
    }

    @Test
    void tellsWhatTheTokenSays() throws Exception {
        String jwt = uaa.sign(goodClaims().build());

        AccessToken token = validator(TokenRules.lenient()).validateHeader("bEaReR " + jwt);

        assertThat(token.subject()).isEqualTo("user-guid");
        assertThat(token.clientId()).isEqualTo("cf");
        assertThat(token.userName()).isEqualTo("admin");
        assertThat(token.scopes()).containsExactlyInAnyOrder("cloud_controller.admin", "openid");
        assertThat(token.audience()).containsExactly("cloud_controller", "cf");
        assertThat(token.issuer()).isEqualTo("https://uaa/oauth/token");
        assertThat(token.expiresAt()).isEqualTo(clock.instant().plusSeconds(60));
    }

    @Test
    void acceptsEllipticKeysWhereAllowed() throws Exception {
        uaa.rotateTo("ec", TestUaa.elliptic());
        String jwt = uaa.sign(goodClaims().build());

        assertThat(validator(TokenRules.lenient()).validate(jwt).clientId()).isEqualTo("cf");
        assertRefused(
                Kind.INVALID_ALGORITHM,
                () -> validator(TokenRules.lenient().onlyRsa()).validate(jwt));
    }

    @Test
    void refusesHeadersThatAreNotTwoWords() {
        TokenValidator validator = validator(TokenRules.lenient());

        for (String header : List.of("", "bearer", "bearer  x", "bearer x y")) {
            assertRefused(Kind.INVALID_HEADER, () -> validator.validateHeader(header));
        }
        assertRefused(Kind.INVALID_TYPE, () -> validator.validateHeader("basic x"));
        assertRefused(Kind.MALFORMED, () -> validator.validateHeader("bearer x"));
    }

    @Test
    void refusesAPublicKeyUsedAsAMacSecret() throws Exception {
        var jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), goodClaims().build());
        jwt.sign(new MACSigner(new byte[64]));

        assertRefused(
                Kind.INVALID_ALGORITHM, () -> validator(TokenRules.lenient()).validate(jwt.serialize()));
    }

    @Test
    void refusesUnsignedTokens() {
        assertRefused(
                Kind.MALFORMED,
                () -> validator(TokenRules.lenient())
                        .validate(new PlainJWT(goodClaims().build()).serialize()));
    }

    @Test
    void checksTimesWithTheGivenSkew() throws Exception {
        Instant now = clock.instant();
        String expired = uaa.sign(TestUaa.claims(now).build());
        String early = uaa.sign(
                goodClaims().notBeforeTime(Date.from(now.plusSeconds(10))).build());
        String issuedLater =
                uaa.sign(goodClaims().issueTime(Date.from(now.plusSeconds(30))).build());
        TokenValidator exact = validator(TokenRules.lenient());
        TokenValidator skewed = validator(TokenRules.lenient().withClockSkew(Duration.ofSeconds(10)));

        assertRefused(Kind.EXPIRED, () -> exact.validate(expired));
        assertRefused(Kind.NOT_YET_VALID, () -> exact.validate(early));
        assertThat(skewed.validate(expired)).isNotNull();
        assertThat(skewed.validate(early)).isNotNull();
        assertThat(exact.validate(issuedLater)).isNotNull();
    }

    @Test
    void checksIssuerAndAudience() throws Exception {
        String jwt = uaa.sign(goodClaims().build());

        assertRefused(
                Kind.INVALID_ISSUER,
                () -> validator(TokenRules.lenient().issuedBy("https://other")).validate(jwt));
        assertRefused(
                Kind.INVALID_AUDIENCE,
                () -> validator(TokenRules.lenient().forAudience("doppler")).validate(jwt));
        assertThat(validator(TokenRules.lenient()
                                .issuedBy("https://uaa/oauth/token")
                                .forAudience("doppler", "cf"))
                        .validate(jwt))
                .isNotNull();
    }

    @Test
    void followsAKeyRotationByOneFetch() throws Exception {
        TokenValidator validator = validator(TokenRules.lenient());
        validator.loadKeys();
        uaa.rotateTo("key-2", TestUaa.otherRsa());
        clock.advance(Duration.ofSeconds(5));

        String jwt = uaa.sign(goodClaims().build());
        validator.validate(jwt);
        validator.validate(jwt);

        assertThat(uaa.keyRequests).hasValue(2);
    }

    @Test
    void followsARotationUnderTheSameKeyId() throws Exception {
        TokenValidator validator = validator(TokenRules.lenient());
        validator.loadKeys();
        uaa.rotateTo("key-1", TestUaa.otherRsa());
        clock.advance(Duration.ofSeconds(5));

        assertThat(validator.validate(uaa.sign(goodClaims().build()))).isNotNull();
    }

    @Test
    void doesNotLetForgedTokensFloodTheUaa() throws Exception {
        TokenValidator validator = validator(TokenRules.lenient());
        KeyPair forger = TestUaa.otherRsa();

        for (int i = 0; i < 20; i++) {
            String forged = TestUaa.sign(goodClaims().build(), "key-" + i, forger);
            assertRefused(Kind.INVALID_SIGNATURE, () -> validator.validate(forged));
        }

        assertThat(uaa.keyRequests).hasValue(1);
    }

    @Test
    void saysWhenTheKeysCannotBeHad() throws Exception {
        String jwt = uaa.sign(goodClaims().build());
        TokenValidator validator = validator(TokenRules.lenient());
        uaa.close();

        assertRefused(Kind.KEYS_UNAVAILABLE, () -> validator.validate(jwt));
    }

    private JWTClaimsSet.Builder goodClaims() {
        return TestUaa.claims(clock.instant().plusSeconds(60));
    }

    private TokenValidator validator(TokenRules rules) {
        return new TokenValidator(new UaaConnection(uaa.url(), clients, Duration.ofSeconds(10)), rules, clock);
    }

    private static void assertRefused(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        TokenException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
