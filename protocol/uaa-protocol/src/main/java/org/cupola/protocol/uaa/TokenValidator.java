package org.cupola.protocol.uaa;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.cupola.protocol.uaa.TokenException.Kind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks bearer tokens against the keys of a UAA.
 *
 * <p>The keys are kept. A token that none of them verifies makes them be fetched again, once, so that a rotation at the UAA
 * costs nobody a request; how often that may happen is bounded, so that forged tokens cannot turn into load on the UAA. Keys
 * are read without a lock from one volatile field; fetching is guarded by a lock and may block.
 */
public final class TokenValidator {
    private static final Logger log = LoggerFactory.getLogger(TokenValidator.class);
    private static final Duration MIN_REFETCH_INTERVAL = Duration.ofSeconds(1);

    private final UaaConnection uaa;
    private final TokenRules rules;
    private final InstantSource clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile Map<String, PublicKey> keys = Map.of();

    @GuardedBy("fetching")
    private Instant lastFetch = Instant.MIN;

    public TokenValidator(UaaConnection uaa, TokenRules rules, InstantSource clock) {
        this.uaa = uaa;
        this.rules = rules;
        this.clock = clock;
    }

    /** Fetches the keys, for components that do not start without them; the others fetch at the first token. */
    public void loadKeys() throws UaaException {
        fetching.lock();
        try {
            lastFetch = clock.instant();
            keys = uaa.tokenKeys();
        } finally {
            fetching.unlock();
        }
    }

    /**
     * Checks an {@code Authorization} header.
     *
     * @param header empty when the request had none
     */
    public AccessToken validateHeader(String header) throws TokenException {
        String[] words = header.split(" ", -1);
        if (words.length != 2) {
            throw new TokenException(Kind.INVALID_HEADER, "invalid token format");
        }
        if (!words[0].equalsIgnoreCase("bearer")) {
            throw new TokenException(Kind.INVALID_TYPE, "invalid token type: " + words[0]);
        }
        return validate(words[1]);
    }

    /** Checks a token without the word before it. */
    public AccessToken validate(String token) throws TokenException {
        SignedJWT jwt = parse(token);
        JWTClaimsSet claims = claims(jwt);
        String issuer = rules.issuer();
        if (issuer != null && !issuer.equals(claims.getIssuer())) {
            throw new TokenException(Kind.INVALID_ISSUER, "invalid issuer");
        }
        checkSignature(jwt);
        checkTimes(claims);
        List<String> audience =
                claims.getAudience().stream().filter(Objects::nonNull).toList(); // JSON has null
        if (!rules.audiences().isEmpty() && Collections.disjoint(audience, rules.audiences())) {
            throw new TokenException(Kind.INVALID_AUDIENCE, "invalid audience");
        }
        Date expiry = claims.getExpirationTime();
        return AccessToken.of(
                Collections.unmodifiableMap(claims.getClaims()), expiry == null ? null : expiry.toInstant(), audience);
    }

    private SignedJWT parse(String token) throws TokenException {
        SignedJWT jwt;
        try {
            jwt = SignedJWT.parse(token);
        } catch (ParseException e) {
            throw new TokenException(Kind.MALFORMED, "malformed token: " + e.getMessage(), e);
        }
        if (!rules.algorithms().contains(jwt.getHeader().getAlgorithm().getName())) {
            throw new TokenException(Kind.INVALID_ALGORITHM, "invalid signing method");
        }
        return jwt;
    }

    private static JWTClaimsSet claims(SignedJWT jwt) throws TokenException {
        try {
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            if (claims != null) {
                return claims;
            }
        } catch (ParseException e) {
            throw new TokenException(Kind.MALFORMED, "malformed token: " + e.getMessage(), e);
        }
        throw new TokenException(Kind.MALFORMED, "malformed token: no claims");
    }

    private void checkSignature(SignedJWT jwt) throws TokenException {
        Map<String, PublicKey> known = keys;
        if (verifies(jwt, candidates(known, jwt.getHeader().getKeyID()))) {
            return;
        }
        Map<String, PublicKey> fetched = keysAfter(known);
        if (fetched.equals(known)
                || !verifies(jwt, candidates(fetched, jwt.getHeader().getKeyID()))) {
            throw new TokenException(Kind.INVALID_SIGNATURE, "crypto/rsa: verification error");
        }
    }

    /** The key named by the token, else all: servers may know a key by another name than the token does. */
    private static Collection<PublicKey> candidates(Map<String, PublicKey> keys, @Nullable String keyId) {
        PublicKey named = keyId == null ? null : keys.get(keyId);
        return named == null ? keys.values() : List.of(named);
    }

    private static boolean verifies(SignedJWT jwt, Collection<PublicKey> candidates) {
        for (PublicKey key : candidates) {
            try {
                JWSVerifier verifier = switch (key) {
                    case RSAPublicKey rsa -> new RSASSAVerifier(rsa);
                    case ECPublicKey elliptic -> new ECDSAVerifier(elliptic);
                    default -> null;
                };
                if (verifier != null
                        && verifier.supportedJWSAlgorithms()
                                .contains(jwt.getHeader().getAlgorithm())
                        && jwt.verify(verifier)) {
                    return true;
                }
            } catch (JOSEException e) {
                log.atDebug().setCause(e).log("token key does not fit the token");
            }
        }
        return false;
    }

    /** Keys fetched after {@code known} were current; {@code known} itself when it is too early to ask again. */
    private Map<String, PublicKey> keysAfter(Map<String, PublicKey> known) throws TokenException {
        fetching.lock();
        try {
            if (!keys.equals(known)) {
                return keys; // another thread's fetch
            }
            Instant now = clock.instant();
            if (lastFetch.isAfter(now.minus(MIN_REFETCH_INTERVAL))) {
                if (known.isEmpty()) {
                    throw new TokenException(Kind.KEYS_UNAVAILABLE, "token keys: the last attempt failed just now");
                }
                return known;
            }
            lastFetch = now;
            keys = uaa.tokenKeys();
            log.atInfo().addKeyValue("keys", keys.keySet()).log("uaa-keys-fetched");
            return keys;
        } catch (UaaException e) {
            throw new TokenException(Kind.KEYS_UNAVAILABLE, "token keys: " + e.getMessage(), e);
        } finally {
            fetching.unlock();
        }
    }

    private void checkTimes(JWTClaimsSet claims) throws TokenException {
        Instant now = clock.instant();
        Date expiry = claims.getExpirationTime();
        if (expiry != null && !now.isBefore(expiry.toInstant().plus(rules.clockSkew()))) {
            throw new TokenException(Kind.EXPIRED, "token is expired");
        }
        Date notBefore = claims.getNotBeforeTime();
        if (notBefore != null && now.isBefore(notBefore.toInstant().minus(rules.clockSkew()))) {
            throw new TokenException(Kind.NOT_YET_VALID, "token is not valid yet");
        }
    }
}
