package org.cupola.protocol.uaa;

import java.util.LinkedHashMap;
import java.util.Map;
import org.cupola.platform.config.Secret;

/** What is sent to {@code POST /oauth/token} to get a token. Immutable. */
public sealed interface TokenGrant {
    /** As a client itself; the scopes of the token are the client's authorities. */
    record ClientCredentials() implements TokenGrant {}

    record Password(String userName, Secret password) implements TokenGrant {}

    record RefreshToken(Secret refreshToken) implements TokenGrant {}

    record AuthorizationCode(String code, String redirectUri) implements TokenGrant {}

    record JwtBearer(Secret assertion) implements TokenGrant {}

    /** Form fields in the order they are sent. */
    default Map<String, String> form() {
        Map<String, String> form = new LinkedHashMap<>();
        switch (this) {
            case ClientCredentials() -> form.put("grant_type", "client_credentials");
            case Password(String userName, Secret password) -> {
                form.put("grant_type", "password");
                form.put("username", userName);
                form.put("password", password.value());
            }
            case RefreshToken(Secret refreshToken) -> {
                form.put("grant_type", "refresh_token");
                form.put("refresh_token", refreshToken.value());
            }
            case AuthorizationCode(String code, String redirectUri) -> {
                form.put("grant_type", "authorization_code");
                form.put("code", code);
                if (!redirectUri.isEmpty()) {
                    form.put("redirect_uri", redirectUri);
                }
            }
            case JwtBearer(Secret assertion) -> {
                form.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                form.put("assertion", assertion.value());
            }
        }
        form.put("token_format", "jwt");
        return form;
    }
}
