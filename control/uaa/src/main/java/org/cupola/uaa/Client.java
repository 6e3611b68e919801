package org.cupola.uaa;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An application that may ask for tokens. Immutable.
 *
 * @param secrets      hashes of at most two secrets, any of which is good
 * @param autoapprove  scopes that need no consent; {@code "true"} stands for all
 * @param accessValidity seconds; none means the server's default
 * @param tokenSalt    changing it ends all tokens of the client
 * @param additional   what else was given at creation, kept as it is
 */
record Client(
        String id,
        List<String> secrets,
        List<String> scope,
        List<String> resourceIds,
        List<String> grantTypes,
        List<String> redirectUris,
        List<String> autoapprove,
        List<String> authorities,
        @Nullable Integer accessValidity,
        @Nullable Integer refreshValidity,
        @Nullable List<String> allowedProviders,
        List<String> requiredUserGroups,
        String tokenSalt,
        boolean allowPublic,
        Map<String, Object> additional,
        long lastModifiedMillis) {

    static final String NONE = "uaa.none";

    Client {
        secrets = List.copyOf(secrets);
        scope = scope.isEmpty() ? List.of(NONE) : List.copyOf(scope);
        resourceIds = resourceIds.isEmpty() ? List.of("none") : List.copyOf(resourceIds);
        grantTypes = List.copyOf(grantTypes);
        redirectUris = List.copyOf(redirectUris);
        autoapprove = List.copyOf(autoapprove);
        authorities = authorities.isEmpty() ? List.of(NONE) : List.copyOf(authorities);
        allowedProviders = allowedProviders == null ? null : List.copyOf(allowedProviders);
        requiredUserGroups = List.copyOf(requiredUserGroups);
        additional = Map.copyOf(additional);
    }

    boolean grants(String grantType) {
        return grantTypes.contains(grantType);
    }

    boolean approvesByItself(String scope) {
        return autoapprove.contains("true") || Scopes.covers(autoapprove, scope);
    }

    boolean allowsOrigin(String origin) {
        return allowedProviders == null || allowedProviders.isEmpty() || allowedProviders.contains(origin);
    }

    String name() {
        return additional.get("name") instanceof String name ? name : id;
    }

    Client withSecrets(List<String> hashes) {
        return with(hashes, tokenSalt, additional, lastModifiedMillis);
    }

    Client withTokenSalt(String salt) {
        return with(secrets, salt, additional, lastModifiedMillis);
    }

    Client withAdditional(Map<String, Object> others) {
        return with(secrets, tokenSalt, others, lastModifiedMillis);
    }

    Client modifiedAt(long millis) {
        return with(secrets, tokenSalt, additional, millis);
    }

    private Client with(List<String> hashes, String salt, Map<String, Object> others, long millis) {
        return new Client(
                id,
                hashes,
                scope,
                resourceIds,
                grantTypes,
                redirectUris,
                autoapprove,
                authorities,
                accessValidity,
                refreshValidity,
                allowedProviders,
                requiredUserGroups,
                salt,
                allowPublic,
                others,
                millis);
    }
}
