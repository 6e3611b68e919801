package org.cupola.uaa;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a token is to be made of.
 *
 * @param user     none for a client's own token
 * @param authTime when the user proved who it is
 * @param nonce    of the authorization request, or empty
 * @param opaque   the answer is the id of a stored token
 */
record Grant(
        ClientAuthentication client,
        String type,
        List<String> scopes,
        @Nullable User user,
        Instant authTime,
        String nonce,
        boolean opaque) {
    static final String PASSWORD = "password";
    static final String REFRESH = "refresh_token";
    static final String CLIENT_CREDENTIALS = "client_credentials";
    static final String AUTHORIZATION_CODE = "authorization_code";
    static final String IMPLICIT = "implicit";
    static final String USER_TOKEN = "user_token";
    static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    static final String SAML_BEARER = "urn:ietf:params:oauth:grant-type:saml2-bearer";

    Grant {
        scopes = List.copyOf(scopes);
    }
}
