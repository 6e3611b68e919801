package org.cupola.uaa;

import java.time.Duration;
import java.util.Map;
import org.cupola.platform.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * How tokens are made.
 *
 * @param keys            key id → PEM private key, or a shared secret; empty means that one is made and kept in the database
 * @param activeKeyId     which of them signs; none means the only one
 * @param refreshOpaque   refresh tokens are ids of stored tokens, not signed documents
 * @param refreshRotate   each refresh answers a new refresh token, and an old one that comes back ends the session
 * @param refreshUnique   a new login ends the user's earlier refresh tokens of the same client
 * @param restrictRefresh refresh tokens only with scope {@code uaa.offline_token}
 * @param revocable       every token is kept in the database and can be revoked by itself
 * @param queryString     token requests may carry their parameters in the query, also by GET
 */
public record TokenPolicy(
        Duration accessValidity,
        Duration refreshValidity,
        Map<String, Secret> keys,
        @Nullable String activeKeyId,
        boolean refreshOpaque,
        boolean refreshRotate,
        boolean refreshUnique,
        boolean restrictRefresh,
        boolean revocable,
        boolean queryString) {
    public TokenPolicy {
        keys = Map.copyOf(keys);
    }
}
