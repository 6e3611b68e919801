package org.cupola.uaa;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A signed token in compact form, taken apart but not checked (RFC 7519, RFC 7515). Immutable. */
final class Jwt {
    private static final int MAX_LENGTH = 64 * 1024;
    private final JsonNode header;
    private final JsonNode claims;
    private final byte[] content;
    private final byte[] signature;

    private Jwt(JsonNode header, JsonNode claims, byte[] content, byte[] signature) {
        this.header = header;
        this.claims = claims;
        this.content = content;
        this.signature = signature;
    }

    /** Empty for anything that is not three parts with JSON objects in the first two. */
    static Optional<Jwt> parse(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3 || token.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            var decoder = Base64.getUrlDecoder();
            JsonNode header = Json.tree(decoder.decode(parts[0]));
            JsonNode claims = Json.tree(decoder.decode(parts[1]));
            byte[] content = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
            return header.isObject() && claims.isObject()
                    ? Optional.of(new Jwt(header, claims, content, decoder.decode(parts[2])))
                    : Optional.empty();
        } catch (IllegalArgumentException | JacksonException e) {
            return Optional.empty();
        }
    }

    static String sign(Map<String, ?> claims, SigningKey key, String keysUrl) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("alg", key.algorithm());
        header.put("jku", keysUrl);
        header.put("kid", key.id());
        header.put("typ", "JWT");
        String content = Randoms.base64Url(Json.bytes(header)) + "." + Randoms.base64Url(Json.bytes(claims));
        return content + "." + Randoms.base64Url(key.sign(content.getBytes(StandardCharsets.US_ASCII)));
    }

    /** The key decides the algorithm; a token that names another is not signed by it. */
    boolean signedBy(SigningKey key) {
        return header.path("alg").asString("").equals(key.algorithm()) && key.verify(content, signature);
    }

    boolean signedBy(PublicKey rsa) {
        return header.path("alg").asString("").equals("RS256") && SigningKey.verifyRsa(rsa, content, signature);
    }

    JsonNode claims() {
        return claims;
    }

    String text(String claim) {
        return claims.path(claim).asString("");
    }

    String keyId() {
        return header.path("kid").asString("");
    }
}
