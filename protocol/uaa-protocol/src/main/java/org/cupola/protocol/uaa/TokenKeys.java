package org.cupola.protocol.uaa;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import java.security.PublicKey;
import java.text.ParseException;
import java.util.Map;
import org.cupola.platform.tls.Pem;
import org.cupola.protocol.uaa.UaaException.Kind;
import tools.jackson.databind.JsonNode;

/** Reads one key as {@code /token_key} and {@code /token_keys} write it. */
final class TokenKeys {
    private TokenKeys() {}

    /** Adds an asymmetric key; a symmetric one (which nobody but the UAA should hold) is left out. */
    static void addTo(Map<String, PublicKey> keys, JsonNode key) throws UaaException {
        if (key.path("kty").asString("").equals("MAC")
                || key.path("kty").asString("").equals("oct")) {
            return;
        }
        // The PEM is what the platform's own components have always read; servers before key ids sent nothing else.
        String pem = key.path("value").asString("");
        keys.put(key.path("kid").asString(""), pem.isEmpty() ? fromJwk(key) : fromPem(pem));
    }

    private static PublicKey fromPem(String pem) throws UaaException {
        try {
            return Pem.publicKey(pem);
        } catch (IllegalArgumentException e) {
            throw new UaaException(Kind.UNUSABLE_ANSWER, "public uaa token must be PEM encoded: " + e.getMessage(), e);
        }
    }

    private static PublicKey fromJwk(JsonNode key) throws UaaException {
        try {
            if (JWK.parse(key.toString()) instanceof AsymmetricJWK jwk) {
                return jwk.toPublicKey();
            }
        } catch (ParseException | JOSEException e) {
            throw new UaaException(Kind.UNUSABLE_ANSWER, "token key is not a usable JWK: " + e.getMessage(), e);
        }
        throw new UaaException(
                Kind.UNUSABLE_ANSWER, "token key of type " + key.path("kty").asString("") + " (expected: RSA or EC)");
    }
}
