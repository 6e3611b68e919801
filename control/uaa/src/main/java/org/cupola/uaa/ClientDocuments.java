package org.cupola.uaa;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cupola.platform.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Clients between their JSON form and ours, and the rules they must obey. Pure. */
final class ClientDocuments {
    private static final Set<String> GRANTS = Set.of(
            Grant.IMPLICIT,
            Grant.PASSWORD,
            Grant.CLIENT_CREDENTIALS,
            Grant.AUTHORIZATION_CODE,
            Grant.REFRESH,
            Grant.USER_TOKEN,
            Grant.SAML_BEARER,
            Grant.JWT_BEARER);
    private static final Set<String> KNOWN = Set.of(
            "client_id",
            "client_secret",
            "secondary_client_secret",
            "scope",
            "resource_ids",
            "authorized_grant_types",
            "redirect_uri",
            "autoapprove",
            "authorities",
            "access_token_validity",
            "refresh_token_validity",
            "allowedproviders",
            "lastModified",
            "required_user_groups",
            "token_salt",
            "allowpublic",
            "action",
            "approvals_deleted");

    private ClientDocuments() {}

    /**
     * @param before what an update starts from; its secrets stay
     * @throws UaaError 400 {@code invalid_client}
     */
    static Client read(JsonNode body, @Nullable Client before, long nowMillis) {
        String id = body.path("client_id").asString(before == null ? "" : before.id());
        List<String> grants = new java.util.ArrayList<>(Call.texts(body.path("authorized_grant_types")));
        boolean refreshes = grants.contains(Grant.PASSWORD) || grants.contains(Grant.AUTHORIZATION_CODE);
        if (refreshes && !grants.contains(Grant.REFRESH)) {
            grants.add(Grant.REFRESH);
        }
        Map<String, Object> others = new LinkedHashMap<>(before == null ? Map.of() : before.additional());
        body.properties().forEach(entry -> {
            if (!KNOWN.contains(entry.getKey()) && !entry.getValue().isNull()) {
                others.put(entry.getKey(), Json.MAPPER.treeToValue(entry.getValue(), Object.class));
            }
        });
        return new Client(
                id,
                before == null ? List.of() : before.secrets(),
                Call.texts(body.path("scope")),
                Call.texts(body.path("resource_ids")),
                grants,
                Call.texts(body.path("redirect_uri")),
                autoapprove(body.path("autoapprove")),
                Call.texts(body.path("authorities")),
                seconds(body.path("access_token_validity")),
                seconds(body.path("refresh_token_validity")),
                body.path("allowedproviders").isArray() ? Call.texts(body.path("allowedproviders")) : null,
                Call.texts(body.path("required_user_groups")),
                body.path("token_salt").asString(before == null ? Randoms.salt() : before.tokenSalt()),
                body.path("allowpublic").asBoolean(false),
                others,
                nowMillis);
    }

    private static List<String> autoapprove(JsonNode node) {
        if (node.isArray()) {
            return Call.texts(node);
        }
        return node.asString("").equals("true") ? List.of("true") : List.of();
    }

    private static @Nullable Integer seconds(JsonNode node) {
        return node.isIntegralNumber() && node.asInt(0) > 0 ? (Integer) node.asInt() : null;
    }

    /** @throws UaaError 400 {@code invalid_client} with what is wrong */
    static void check(Client client, boolean hasSecret, boolean byAdmin) {
        String id = client.id();
        if (id.isBlank() || id.contains("/") || id.contains("\\") || id.length() > 255) {
            throw invalid("The client_id must not be empty and must not contain / or \\: " + id);
        }
        if (Set.of(User.INTERNAL, "login").contains(id)) {
            throw invalid("The client_id " + id + " is reserved");
        }
        if (client.grantTypes().isEmpty()) {
            throw invalid("An authorized grant type must be provided. Must be one of: " + sorted(GRANTS));
        }
        for (String grant : client.grantTypes()) {
            if (!GRANTS.contains(grant)) {
                throw invalid(grant + " is not an allowed grant type. Must be one of: " + sorted(GRANTS));
            }
        }
        boolean redirects = client.grants(Grant.AUTHORIZATION_CODE) || client.grants(Grant.IMPLICIT);
        if (redirects && client.redirectUris().isEmpty()) {
            throw invalid("authorization_code and implicit grant types require at least one redirect URL.");
        }
        if (client.grants(Grant.IMPLICIT) && hasSecret) {
            throw invalid("Implicit grant should not have a client_secret");
        }
        if (client.grants(Grant.IMPLICIT) && client.grants(Grant.AUTHORIZATION_CODE) && !byAdmin) {
            throw invalid(
                    "Not allowed: implicit grant type is not allowed together with grant type authorization_code");
        }
        boolean needsSecret = client.grants(Grant.CLIENT_CREDENTIALS) || client.grants(Grant.JWT_BEARER);
        boolean hasKeys =
                client.additional().containsKey("jwks") || client.additional().containsKey("jwks_uri");
        if (needsSecret && !hasSecret && !hasKeys) {
            throw invalid("Client secret is required for client_credentials and jwt-bearer grant types");
        }
        if (client.grants(Grant.JWT_BEARER) && client.scope().equals(List.of(Client.NONE))) {
            throw invalid("Scope cannot be empty for grant_type " + Grant.JWT_BEARER);
        }
    }

    private static String sorted(Set<String> grants) {
        return grants.stream().sorted().toList().toString();
    }

    static UaaError invalid(String description) {
        return UaaError.oauth(400, "invalid_client", description);
    }

    /** The JSON form; secrets never leave. */
    static Map<String, Object> describe(Client client) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("scope", client.scope());
        document.put("client_id", client.id());
        document.put("resource_ids", client.resourceIds());
        document.put("authorized_grant_types", client.grantTypes());
        if (!client.redirectUris().isEmpty()) {
            document.put("redirect_uri", client.redirectUris());
        }
        document.put("autoapprove", client.autoapprove().contains("true") ? true : client.autoapprove());
        if (client.accessValidity() != null) {
            document.put("access_token_validity", client.accessValidity());
        }
        if (client.refreshValidity() != null) {
            document.put("refresh_token_validity", client.refreshValidity());
        }
        document.put("authorities", client.authorities());
        if (client.allowedProviders() != null) {
            document.put("allowedproviders", client.allowedProviders());
        }
        if (!client.tokenSalt().isEmpty()) {
            document.put("token_salt", client.tokenSalt());
        }
        if (client.allowPublic()) {
            document.put("allowpublic", true);
        }
        document.putAll(client.additional());
        document.putIfAbsent("name", client.id());
        document.put("required_user_groups", client.requiredUserGroups());
        document.put("lastModified", client.lastModifiedMillis());
        return document;
    }
}
