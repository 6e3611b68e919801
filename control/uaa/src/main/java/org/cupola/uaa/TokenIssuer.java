package org.cupola.uaa;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes access, id and refresh tokens. Any thread. */
final class TokenIssuer {
    private final UaaConfig config;
    private final KeyRing keys;
    private final TokenStore tokens;
    private final InstantSource clock;

    TokenIssuer(UaaConfig config, KeyRing keys, TokenStore tokens, InstantSource clock) {
        this.config = config;
        this.keys = keys;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** The answer of the token endpoint, with a refresh token where the client may have one. */
    Map<String, Object> answer(Grant grant) {
        boolean refreshable = grant.user() != null
                && grant.client().client().grants(Grant.REFRESH)
                && (!config.tokens().restrictRefresh() || grant.scopes().contains("uaa.offline_token"));
        return answer(grant, refreshable ? newRefreshToken(grant) : null);
    }

    Map<String, Object> answer(Grant grant, @Nullable String refreshToken) {
        Access access = access(grant);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("access_token", access.value());
        answer.put("token_type", "bearer");
        if (grant.user() != null && grant.scopes().contains("openid")) {
            answer.put("id_token", idToken(grant, grant.user()));
        }
        if (refreshToken != null) {
            answer.put("refresh_token", refreshToken);
        }
        answer.put("expires_in", access.remainingSeconds(clock.instant()));
        answer.put("scope", String.join(" ", grant.scopes()));
        answer.put("jti", access.id());
        return answer;
    }

    /** An access token as the client sees it. */
    record Access(String value, String id, long expiresSeconds) {
        long remainingSeconds(Instant now) {
            return Math.floorDiv(expiresSeconds * 1000 - now.toEpochMilli(), 1000L);
        }
    }

    Access access(Grant grant) {
        Client client = grant.client().client();
        Duration validity = validity(client.accessValidity(), config.tokens().accessValidity());
        long now = clock.instant().getEpochSecond();
        String id = Randoms.tokenId();
        boolean revocable = grant.opaque() || config.tokens().revocable();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("jti", id);
        if (grant.user() == null) {
            claims.put("sub", client.id());
            claims.put("authorities", grant.scopes());
        } else {
            claims.put("sub", grant.user().id());
        }
        claims.put("scope", grant.scopes());
        claims.put("client_id", client.id());
        claims.put("cid", client.id());
        claims.put("azp", client.id());
        claims.put("grant_type", grant.type());
        User user = grant.user();
        if (user != null) {
            claims.put("user_id", user.id());
            claims.put("origin", user.origin());
            claims.put("user_name", user.userName());
            claims.put("email", user.email());
            claims.put("auth_time", grant.authTime().getEpochSecond());
        }
        if (revocable) {
            claims.put("revocable", true);
        }
        if (!grant.client().method().isEmpty()) {
            claims.put("client_auth_method", grant.client().method());
        }
        if (!grant.nonce().isEmpty()) {
            claims.put("nonce", grant.nonce());
        }
        finish(claims, grant, now, now + validity.toSeconds());
        claims.put("aud", Scopes.audience(client.id(), grant.scopes()));
        String signed = sign(claims);
        if (revocable) {
            store(id, grant, "access_token", signed, now, validity, false);
        }
        return new Access(grant.opaque() ? id : signed, id, now + validity.toSeconds());
    }

    /** Whether each refresh answers a new refresh token; always so without a secret, where a stolen one is worth most. */
    boolean rotates(ClientAuthentication client) {
        return config.tokens().refreshRotate() || client.isPublic();
    }

    private String newRefreshToken(Grant grant) {
        String id = Randoms.tokenId() + "-r";
        if (!rotates(grant.client())) {
            return refreshToken(grant, id, "", true);
        }
        User user = grant.user();
        String family = Randoms.tokenId();
        long now = clock.millis();
        Duration validity = validity(
                grant.client().client().refreshValidity(), config.tokens().refreshValidity());
        tokens.beginFamily(family, user == null ? "" : user.id(), id, now, now + validity.toMillis());
        return refreshToken(grant, id, family, true);
    }

    /**
     * A refresh token with a given id.
     *
     * @param family session of a rotating token, or empty
     * @param fresh  false when the token with this id exists already
     */
    String refreshToken(Grant grant, String id, String family, boolean fresh) {
        User user = grant.user();
        if (user == null) {
            throw new IllegalArgumentException("a client's own token is not refreshed");
        }
        Client client = grant.client().client();
        Duration validity = validity(client.refreshValidity(), config.tokens().refreshValidity());
        boolean opaque = config.tokens().refreshOpaque() || grant.opaque();
        boolean revocable = opaque || config.tokens().revocable();
        long now = clock.instant().getEpochSecond();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("jti", id);
        claims.put("sub", user.id());
        claims.put("cid", client.id());
        claims.put("client_id", client.id());
        claims.put("granted_scopes", grant.scopes());
        claims.put("amr", List.of("pwd"));
        claims.put("auth_time", grant.authTime().getEpochSecond());
        claims.put("grant_type", grant.type());
        claims.put("user_name", user.userName());
        claims.put("origin", user.origin());
        claims.put("user_id", user.id());
        if (revocable) {
            claims.put("revocable", true);
        }
        if (!family.isEmpty()) {
            claims.put("session", family);
        }
        if (!grant.client().method().isEmpty()) {
            claims.put("client_auth_method", grant.client().method());
        }
        if (!grant.nonce().isEmpty()) {
            claims.put("nonce", grant.nonce());
        }
        finish(claims, grant, now, now + validity.toSeconds());
        claims.put("aud", Scopes.audience(client.id(), grant.scopes()));
        String signed = sign(claims);
        if (revocable && fresh) {
            store(
                    id,
                    grant,
                    "refresh_token",
                    signed,
                    now,
                    validity,
                    config.tokens().refreshUnique());
        }
        return opaque ? id : signed;
    }

    String idToken(Grant grant, User user) {
        Client client = grant.client().client();
        long now = clock.instant().getEpochSecond();
        Duration validity = validity(client.accessValidity(), config.tokens().accessValidity());
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", user.id());
        claims.put("aud", List.of(client.id()));
        claims.put("auth_time", grant.authTime().getEpochSecond());
        claims.put("amr", List.of("pwd"));
        claims.put("azp", client.id());
        claims.put("scope", List.of("openid"));
        if (grant.scopes().contains("profile")) {
            claims.put("given_name", user.givenName());
            claims.put("family_name", user.familyName());
        }
        if (user.lastLogonMillis() != null) {
            claims.put("previous_logon_time", user.lastLogonMillis());
        }
        if (!user.phone().isEmpty()) {
            claims.put("phone_number", user.phone());
        }
        claims.put("email_verified", user.verified());
        claims.put("email", user.email());
        claims.put("client_id", client.id());
        claims.put("cid", client.id());
        claims.put("grant_type", grant.type());
        claims.put("user_name", user.userName());
        claims.put("user_id", user.id());
        claims.put("origin", user.origin());
        claims.put("jti", Randoms.tokenId());
        if (!grant.nonce().isEmpty()) {
            claims.put("nonce", grant.nonce());
        }
        finish(claims, grant, now, now + validity.toSeconds());
        return sign(claims);
    }

    private void finish(Map<String, Object> claims, Grant grant, long now, long expires) {
        claims.put(
                "rev_sig",
                RevocationSignature.of(grant.client().client(), grant.client().secretHash(), grant.user()));
        claims.put("iat", now);
        claims.put("exp", expires);
        claims.put("iss", config.urls().tokenIssuer());
        claims.put("zid", "uaa");
    }

    private void store(
            String id, Grant grant, String kind, String signed, long now, Duration validity, boolean onlyOne) {
        User user = grant.user();
        tokens.add(
                new TokenStore.Stored(
                        id,
                        user == null ? "" : user.id(),
                        grant.client().client().id(),
                        kind,
                        grant.scopes(),
                        signed,
                        now * 1000,
                        (now + validity.toSeconds()) * 1000),
                onlyOne);
    }

    private String sign(Map<String, Object> claims) {
        return Jwt.sign(claims, keys.active(), config.urls().keysUrl());
    }

    private static Duration validity(@Nullable Integer ofClient, Duration otherwise) {
        return ofClient == null ? otherwise : Duration.ofSeconds(ofClient);
    }
}
