package org.cupola.protocol.uaa;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checked access token. Immutable.
 *
 * @param id        claim {@code jti}; empty when absent
 * @param subject   user id, or client id for client credentials
 * @param clientId  claim {@code client_id}, else {@code cid}; empty when absent
 * @param userId    absent for client credentials
 * @param userName  absent for client credentials
 * @param expiresAt absent means never
 * @param claims    everything the token says, as JSON types
 */
public record AccessToken(
        String id,
        String subject,
        String clientId,
        @Nullable String userId,
        @Nullable String userName,
        Set<String> scopes,
        List<String> audience,
        String issuer,
        @Nullable Instant expiresAt,
        Map<String, Object> claims) {

    public AccessToken {
        scopes = Set.copyOf(scopes);
        audience = List.copyOf(audience);
    }

    static AccessToken of(Map<String, Object> claims, @Nullable Instant expiresAt, List<String> audience) {
        return new AccessToken(
                text(claims, "jti"),
                text(claims, "sub"),
                text(claims, claims.containsKey("client_id") ? "client_id" : "cid"),
                claims.get("user_id") instanceof String id ? id : null,
                claims.get("user_name") instanceof String name ? name : null,
                scopes(claims.get("scope")),
                audience,
                text(claims, "iss"),
                expiresAt,
                claims);
    }

    public boolean hasScope(String scope) {
        return scopes.contains(scope);
    }

    private static String text(Map<String, Object> claims, String name) {
        return claims.get(name) instanceof String text ? text : "";
    }

    private static Set<String> scopes(@Nullable Object claim) {
        Set<String> scopes = new LinkedHashSet<>();
        if (claim instanceof List<?> list) {
            list.forEach(scope -> scopes.add(String.valueOf(scope)));
        }
        return scopes;
    }
}
