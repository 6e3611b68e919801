package org.cupola.uaa;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cupola.platform.json.Json;

/** {@code /token_key(s)} and {@code /.well-known/openid-configuration}. Any thread. */
final class KeyEndpoints {
    private final UaaConfig config;
    private final KeyRing keys;
    private final ClientAuthenticator clients;

    KeyEndpoints(UaaConfig config, KeyRing keys, ClientAuthenticator clients) {
        this.config = config;
        this.keys = keys;
        this.clients = clients;
    }

    HttpResponse key(Call call) {
        if (keys.active() instanceof SigningKey.Shared && !mayRead(call)) {
            throw call.header("authorization").isPresent()
                    ? UaaError.oauth(403, "access_denied", "Access is denied")
                    : UaaError.notAuthenticated();
        }
        return tagged(call, keys.active().describe());
    }

    HttpResponse keys(Call call) {
        boolean all = keys.all().stream().anyMatch(SigningKey.Shared.class::isInstance) && mayRead(call);
        List<Map<String, Object>> shown = keys.all().stream()
                .filter(key -> all || key instanceof SigningKey.Rsa)
                .map(SigningKey::describe)
                .toList();
        return tagged(call, Map.of("keys", shown));
    }

    /** Shared secrets are for clients with {@code uaa.resource} only. */
    private boolean mayRead(Call call) {
        return call.basic().isPresent()
                && clients.authenticate(call).client().authorities().contains("uaa.resource");
    }

    private static HttpResponse tagged(Call call, Object body) {
        String tag = "\"" + Randoms.digest(Json.text(body)).substring(0, 32) + "\"";
        Optional<String> known = call.header("if-none-match");
        if (known.filter(tag::equals).isPresent()) {
            return HttpResponse.of(com.linecorp.armeria.common.ResponseHeaders.of(
                    com.linecorp.armeria.common.HttpStatus.NOT_MODIFIED, HttpHeaderNames.ETAG, tag));
        }
        return Answers.json(200, body, headers -> headers.set(HttpHeaderNames.ETAG, tag));
    }

    HttpResponse discovery(Call call) {
        String base = base(call);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("issuer", config.urls().tokenIssuer());
        document.put("authorization_endpoint", base + "/oauth/authorize");
        document.put("token_endpoint", base + "/oauth/token");
        document.put(
                "token_endpoint_auth_methods_supported",
                List.of("client_secret_basic", "client_secret_post", "private_key_jwt"));
        document.put("token_endpoint_auth_signing_alg_values_supported", List.of("RS256", "HS256"));
        document.put("userinfo_endpoint", base + "/userinfo");
        document.put("jwks_uri", base + "/token_keys");
        document.put("end_session_endpoint", base + "/logout.do");
        document.put("scopes_supported", List.of("openid", "profile", "email", "phone", "roles", "user_attributes"));
        document.put("response_types_supported", List.of("code", "code id_token", "id_token", "token id_token"));
        document.put("subject_types_supported", List.of("public"));
        document.put("id_token_signing_alg_values_supported", List.of("RS256", "HS256"));
        document.put("id_token_encryption_alg_values_supported", List.of("none"));
        document.put("claim_types_supported", List.of("normal"));
        document.put(
                "claims_supported",
                List.of(
                        "sub",
                        "user_name",
                        "origin",
                        "iss",
                        "auth_time",
                        "amr",
                        "acr",
                        "client_id",
                        "aud",
                        "zid",
                        "grant_type",
                        "user_id",
                        "azp",
                        "scope",
                        "exp",
                        "iat",
                        "jti",
                        "rev_sig",
                        "cid",
                        "given_name",
                        "family_name",
                        "phone_number",
                        "email"));
        document.put("claims_parameter_supported", false);
        document.put("service_documentation", "http://docs.cloudfoundry.org/api/uaa/");
        document.put("ui_locales_supported", List.of("en-US"));
        document.put("code_challenge_methods_supported", List.of("S256", "plain"));
        return Answers.json(200, document);
    }

    /** The address the caller used; a configured one with its own scheme and port where the host is the same. */
    private String base(Call call) {
        String host = call.host();
        for (URI known : List.of(config.urls().login(), config.urls().uaa())) {
            if (host.equalsIgnoreCase(known.getAuthority()) || host.equalsIgnoreCase(known.getHost())) {
                return known.toString();
            }
        }
        return (call.secure() ? "https://" : "http://") + host;
    }
}
