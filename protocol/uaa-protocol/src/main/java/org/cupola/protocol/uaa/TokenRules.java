package org.cupola.protocol.uaa;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a component asks of a token besides a good signature. Immutable.
 *
 * @param algorithms asymmetric JWS algorithms it accepts, such as RS256
 * @param issuer     what {@code iss} must equal; absent means anything
 * @param audiences  one of these must be in {@code aud}; empty means anything
 * @param clockSkew  how far {@code exp} may be past and {@code nbf} ahead
 */
public record TokenRules(Set<String> algorithms, @Nullable String issuer, Set<String> audiences, Duration clockSkew) {
    /** RS256, RS384, RS512. */
    public static final Set<String> RSA = Set.of("RS256", "RS384", "RS512");

    /** {@link #RSA} and ES256, ES384, ES512. */
    public static final Set<String> RSA_OR_ELLIPTIC = Set.of("RS256", "RS384", "RS512", "ES256", "ES384", "ES512");

    public TokenRules {
        algorithms = Set.copyOf(algorithms);
        audiences = Set.copyOf(audiences);
    }

    /** Any good signature of the UAA, no skew. */
    public static TokenRules lenient() {
        return new TokenRules(RSA_OR_ELLIPTIC, null, Set.of(), Duration.ZERO);
    }

    public TokenRules onlyRsa() {
        return new TokenRules(RSA, issuer, audiences, clockSkew);
    }

    public TokenRules issuedBy(String expected) {
        return new TokenRules(algorithms, expected, audiences, clockSkew);
    }

    public TokenRules forAudience(String... accepted) {
        return new TokenRules(algorithms, issuer, Set.of(accepted), clockSkew);
    }

    public TokenRules withClockSkew(Duration skew) {
        return new TokenRules(algorithms, issuer, audiences, skew);
    }
}
