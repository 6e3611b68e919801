package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** {@code /check_token}, {@code /introspect}, {@code /userinfo}: what a token says, for those who cannot or will not look. Any thread. */
final class TokenInfoEndpoints {
    private static final String NEEDED = "uaa.resource";
    private final ClientAuthenticator clients;
    private final TokenVerifier verifier;
    private final Guard guard;

    TokenInfoEndpoints(ClientAuthenticator clients, TokenVerifier verifier, Guard guard) {
        this.clients = clients;
        this.verifier = verifier;
        this.guard = guard;
    }

    HttpResponse check(Call call) {
        requireResourceServer(call);
        String token = call.param("token").orElse("");
        if (token.isBlank()) {
            throw UaaError.oauth(400, "invalid_token", "Token parameter must be set");
        }
        JsonNode claims;
        try {
            claims = verifier.any(token).claims();
        } catch (UaaError e) {
            throw UaaError.oauth(400, "invalid_token", e.description());
        }
        Set<String> missing = new TreeSet<>(call.words("scopes"));
        Call.texts(claims.path("scope")).forEach(missing::remove);
        if (!missing.isEmpty()) {
            throw UaaError.invalidScope("Some requested scopes are missing: " + String.join(",", missing));
        }
        return Answers.json(200, described(claims));
    }

    HttpResponse introspect(Call call) {
        requireResourceServer(call);
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            answer.putAll(described(verifier.any(call.param("token").orElse("")).claims()));
            answer.put("active", true);
        } catch (UaaError e) {
            answer.put("active", false);
        }
        return Answers.json(200, answer);
    }

    /** Clients insist on being told whether the token can be revoked; in the token itself only the yes is written. */
    private static Map<String, Object> described(JsonNode claims) {
        Map<String, Object> document = new LinkedHashMap<>();
        claims.properties().forEach(entry -> document.put(entry.getKey(), entry.getValue()));
        document.putIfAbsent("revocable", false);
        return document;
    }

    private void requireResourceServer(Call call) {
        List<String> authorities = call.bearer().isPresent()
                ? guard.token(call).scopes()
                : clients.authenticate(call).client().authorities();
        if (!authorities.contains(NEEDED)) {
            throw UaaError.oauth(403, "access_denied", "Access is denied");
        }
    }

    HttpResponse userInfo(Call call) {
        TokenVerifier.Verified token = guard.requireOr(call, _ -> false, "openid");
        User user = token.user();
        if (user == null) {
            throw UaaError.insufficientScope("openid");
        }
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("user_id", user.id());
        info.put("sub", user.id());
        info.put("user_name", user.userName());
        info.put("given_name", user.givenName());
        info.put("family_name", user.familyName());
        info.put("name", user.fullName());
        info.put("email", user.email());
        info.put("email_verified", user.verified());
        if (!user.phone().isEmpty()) {
            info.put("phone_number", user.phone());
        }
        if (user.previousLogonMillis() != null) {
            info.put("previous_logon_time", user.previousLogonMillis());
        }
        if (token.scopes().contains("user_attributes")) {
            info.put("user_attributes", Map.of());
        }
        if (token.scopes().contains("roles")) {
            info.put("roles", List.of());
        }
        return Answers.json(200, info);
    }
}
