package org.cupola.uaa;

import java.math.BigInteger;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import org.cupola.platform.json.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Finds out which client calls: by Basic header, by form, by a signed assertion, or by its mere name where it is public. Any thread. */
final class ClientAuthenticator {
    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private final ClientStore clients;
    private final Passwords passwords;
    private final UaaConfig config;
    private final InstantSource clock;

    ClientAuthenticator(ClientStore clients, Passwords passwords, UaaConfig config, InstantSource clock) {
        this.clients = clients;
        this.passwords = passwords;
        this.config = config;
        this.clock = clock;
    }

    /** @throws UaaError 401 when the caller is no client */
    ClientAuthentication authenticate(Call call) {
        Optional<String> named = call.filled("client_id");
        Optional<Call.Credentials> basic = call.basic();
        if (basic.isPresent()) {
            String id = decoded(call, basic.get().name());
            if (named.isPresent() && !named.get().equals(id)) {
                throw UaaError.badClient("Given client ID does not match authenticated client");
            }
            return bySecret(id, decoded(call, basic.get().secret()));
        }
        if (call.param("client_assertion_type").filter(ASSERTION_TYPE::equals).isPresent()) {
            return byAssertion(call.required("client_assertion"), named);
        }
        if (named.isEmpty()) {
            throw UaaError.noClientAuthentication();
        }
        Optional<String> secret = call.param("client_secret");
        return secret.isEmpty() && maybePublic(call) ? byName(named.get()) : bySecret(named.get(), secret.orElse(""));
    }

    private static boolean maybePublic(Call call) {
        String grant = call.param("grant_type").orElse("");
        return grant.equals("refresh_token")
                || (grant.equals("authorization_code")
                        && call.filled("code_verifier").isPresent());
    }

    private ClientAuthentication bySecret(String id, String secret) {
        Client client = clients.find(id).orElseThrow(UaaError::badCredentials);
        String hash = passwords.matchingSecret(id, secret, client.secrets()).orElseThrow(UaaError::badCredentials);
        return new ClientAuthentication(client, hash, secret.isEmpty() ? ClientAuthentication.NONE : "");
    }

    private ClientAuthentication byName(String id) {
        Client client = clients.find(id).orElseThrow(UaaError::badCredentials);
        return client.allowPublic()
                ? new ClientAuthentication(client, "", ClientAuthentication.NONE)
                : bySecret(id, "");
    }

    private ClientAuthentication byAssertion(String assertion, Optional<String> named) {
        Jwt jwt = Jwt.parse(assertion).orElseThrow(UaaError::badCredentials);
        String id = jwt.text("sub");
        boolean meant = jwt.text("iss").equals(id) && named.map(id::equals).orElse(true);
        boolean forUs =
                Call.texts(jwt.claims().path("aud")).contains(config.urls().tokenIssuer());
        long now = clock.instant().getEpochSecond();
        boolean current = jwt.claims().path("exp").asLong(0) > now
                && jwt.claims().path("nbf").asLong(0) <= now + 60
                && !jwt.text("jti").isEmpty();
        if (!meant || !forUs || !current) {
            throw UaaError.badCredentials();
        }
        Client client = clients.find(id).orElseThrow(UaaError::badCredentials);
        if (!signedByKeyOf(client, jwt)) {
            throw UaaError.badCredentials();
        }
        return new ClientAuthentication(client, "", ClientAuthentication.PRIVATE_KEY_JWT);
    }

    private static boolean signedByKeyOf(Client client, Jwt jwt) {
        Object keys = client.additional().getOrDefault("jwks", "{}");
        try {
            for (JsonNode key : Json.tree(keys instanceof String text ? text : Json.text(keys))
                    .path("keys")) {
                boolean named =
                        jwt.keyId().isEmpty() || key.path("kid").asString("").equals(jwt.keyId());
                if (named && key.path("kty").asString("").equals("RSA")) {
                    var publicKey = SigningKey.publicKey(number(key.path("n")), number(key.path("e")));
                    if (jwt.signedBy(publicKey)) {
                        return true;
                    }
                }
            }
            return false;
        } catch (JacksonException | IllegalArgumentException e) {
            return false; // keys that cannot be read check nothing
        }
    }

    private static BigInteger number(JsonNode base64) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(base64.asString("")));
    }

    private String decoded(Call call, String text) {
        boolean encoded = !config.rawCredentials()
                || call.header("x-cf-encoded-credentials")
                        .filter("true"::equals)
                        .isPresent();
        if (!encoded) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a lone percent sign: it was not encoded
        }
    }
}
