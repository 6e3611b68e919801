package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /oauth/token/revoke} and {@code /oauth/token/list}. Any thread. */
final class RevocationEndpoints {
    private static final Logger log = LoggerFactory.getLogger(RevocationEndpoints.class);
    private final Stores stores;
    private final Guard guard;
    private final TokenVerifier verifier;
    private final InstantSource clock;

    RevocationEndpoints(Stores stores, Guard guard, TokenVerifier verifier, InstantSource clock) {
        this.stores = stores;
        this.guard = guard;
        this.verifier = verifier;
        this.clock = clock;
    }

    /** The {@code cf} client calls it with the refresh token itself as bearer, then with the access token. */
    HttpResponse token(Call call) {
        TokenVerifier.Verified caller = verifier.any(call.bearer().orElseThrow(UaaError::notAuthenticated));
        String id = call.path("id");
        TokenStore.Stored token =
                stores.tokens().find(id).orElseThrow(() -> UaaError.oauth(404, "invalid_token", "Resource not found"));
        boolean own = caller.user() == null
                ? token.userId().isEmpty()
                        && token.clientId().equals(caller.client().id())
                : token.userId().equals(caller.user().id());
        if (!own && !mayRevoke(caller)) {
            throw UaaError.insufficientScope("tokens.revoke uaa.admin");
        }
        stores.tokens().revoke(id);
        log.atInfo().addKeyValue("client", token.clientId()).log("token-revoked");
        return Answers.empty(200);
    }

    HttpResponse ofUser(Call call) {
        String id = call.path("id");
        guard.requireOr(call, Guard.self(id), "tokens.revoke");
        requireUser(id);
        stores.users().setSalt(id, Randoms.salt());
        stores.tokens().revokeOfUser(id);
        log.atInfo().addKeyValue("user", id).log("tokens-revoked");
        return Answers.empty(200);
    }

    HttpResponse ofClient(Call call) {
        String id = call.path("id");
        guard.requireOr(
                call, token -> token.user() == null && token.client().id().equals(id), "tokens.revoke");
        Client client = stores.clients()
                .find(id)
                .orElseThrow(() -> UaaError.oauth(404, "invalid_client", "No client with requested id: " + id));
        stores.clients().change(changes -> {
            changes.put(client.withTokenSalt(Randoms.salt()).modifiedAt(clock.millis()));
            return client;
        });
        stores.tokens().revokeOfClient(id);
        log.atInfo().addKeyValue("client", id).log("tokens-revoked");
        return Answers.empty(200);
    }

    HttpResponse ofUserAndClient(Call call) {
        String id = call.path("id");
        guard.requireOr(call, Guard.self(id), "tokens.revoke");
        requireUser(id);
        stores.tokens().revokeOf(id, call.path("client"));
        return Answers.empty(200);
    }

    HttpResponse list(Call call) {
        TokenVerifier.Verified caller = guard.token(call);
        User user = caller.user();
        return Answers.json(
                200,
                describe(
                        user == null
                                ? stores.tokens().ofClient(caller.client().id())
                                : stores.tokens().ofUser(user.id())));
    }

    HttpResponse listOfUser(Call call) {
        String id = call.path("id");
        guard.requireOr(call, Guard.self(id), "tokens.list");
        return Answers.json(200, describe(stores.tokens().ofUser(id)));
    }

    HttpResponse listOfClient(Call call) {
        guard.require(call, "tokens.list");
        return Answers.json(200, describe(stores.tokens().ofClient(call.path("id"))));
    }

    private static List<Map<String, Object>> describe(List<TokenStore.Stored> tokens) {
        return tokens.stream().map(RevocationEndpoints::describe).toList();
    }

    private static Map<String, Object> describe(TokenStore.Stored token) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("tokenId", token.id());
        document.put("clientId", token.clientId());
        document.put("userId", token.userId());
        document.put("responseType", token.kind().toUpperCase(java.util.Locale.ROOT));
        document.put("issuedAt", token.createdMillis());
        document.put("expiresAt", token.expiresMillis());
        document.put("scope", "[" + String.join(", ", token.scope()) + "]");
        document.put("zoneId", "uaa");
        return document;
    }

    private static boolean mayRevoke(TokenVerifier.Verified caller) {
        return caller.scopes().contains("tokens.revoke") || caller.scopes().contains(Guard.ADMIN);
    }

    private void requireUser(String id) {
        if (stores.users().find(id).isEmpty()) {
            throw UaaError.oauth(404, "invalid_token", "Resource not found");
        }
    }
}
