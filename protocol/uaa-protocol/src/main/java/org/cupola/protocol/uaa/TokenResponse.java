package org.cupola.protocol.uaa;

import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * What {@code POST /oauth/token} answered. Immutable.
 *
 * @param expiresIn    how long the access token lives from now on
 * @param refreshToken absent for client credentials
 */
public record TokenResponse(
        Secret accessToken,
        String tokenType,
        Duration expiresIn,
        List<String> scopes,
        @Nullable Secret refreshToken) {
    public TokenResponse {
        scopes = List.copyOf(scopes);
    }
}
