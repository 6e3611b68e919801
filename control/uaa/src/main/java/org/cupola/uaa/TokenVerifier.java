package org.cupola.uaa;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Checks tokens of this server all the way: signature, expiry, whether client and user are still what they were. Any thread. */
final class TokenVerifier {
    static final String GONE = "The token expired, was revoked, or the token ID is incorrect.";
    private static final Set<String> WITHOUT_APPROVAL =
            Set.of(Grant.PASSWORD, Grant.CLIENT_CREDENTIALS, Grant.JWT_BEARER, Grant.SAML_BEARER, Grant.USER_TOKEN);

    private final UaaConfig config;
    private final KeyRing keys;
    private final TokenStore tokens;
    private final ClientStore clients;
    private final UserStore users;
    private final ApprovalStore approvals;
    private final InstantSource clock;

    /** A token that was good when it was looked at. */
    record Verified(
            JsonNode claims, Client client, @Nullable User user) {
        List<String> scopes() {
            return Call.texts(claims.path(isRefresh() ? "granted_scopes" : "scope"));
        }

        String text(String claim) {
            return claims.path(claim).asString("");
        }

        boolean isRefresh() {
            return text("jti").endsWith("-r");
        }
    }

    TokenVerifier(UaaConfig config, KeyRing keys, Stores stores, InstantSource clock) {
        this.config = config;
        this.keys = keys;
        this.tokens = stores.tokens();
        this.clients = stores.clients();
        this.users = stores.users();
        this.approvals = stores.approvals();
        this.clock = clock;
    }

    /** @throws UaaError 401 {@code invalid_token} when it is not a good access token */
    Verified access(String token) {
        Verified verified = verify(token, "Invalid access token");
        if (verified.isRefresh()) {
            throw UaaError.invalidToken("Invalid access token: a refresh token");
        }
        return verified;
    }

    /** @throws UaaError 401 {@code invalid_token} when it is not a good refresh token */
    Verified refresh(String token) {
        Verified verified = verify(token, "Invalid refresh token");
        if (!verified.isRefresh()) {
            throw UaaError.invalidToken("Invalid refresh token: an access token");
        }
        return verified;
    }

    /** Either kind. */
    Verified any(String token) {
        return verify(token, "Invalid token");
    }

    private Verified verify(String token, String invalid) {
        String signed = token.indexOf('.') >= 0
                ? token
                : tokens.find(token).map(TokenStore.Stored::content).orElseThrow(() -> UaaError.invalidToken(GONE));
        Jwt jwt = Jwt.parse(signed).orElseThrow(() -> UaaError.invalidToken(invalid));
        if (!keys.signed(jwt) || !jwt.text("iss").equals(config.urls().tokenIssuer())) {
            throw UaaError.invalidToken(invalid);
        }
        long expires = jwt.claims().path("exp").asLong(0);
        if (expires <= clock.instant().getEpochSecond()) {
            throw UaaError.invalidToken(invalid + " expired at " + Instant.ofEpochSecond(expires));
        }
        Client client = clients.find(jwt.text("cid"))
                .orElseThrow(() -> UaaError.invalidToken(invalid + ": its client does not exist any more"));
        User user = user(jwt, invalid);
        if (!RevocationSignature.matches(jwt.text("rev_sig"), client, user)) {
            throw UaaError.invalidToken(invalid + ": revocable signature mismatch");
        }
        if (jwt.claims().path("revocable").asBoolean(false)
                && tokens.find(jwt.text("jti")).isEmpty()) {
            throw UaaError.invalidToken(GONE);
        }
        var verified = new Verified(jwt.claims(), client, user);
        requireApprovals(verified);
        return verified;
    }

    private @Nullable User user(Jwt jwt, String invalid) {
        String id = jwt.text("user_id");
        if (id.isEmpty()) {
            return null;
        }
        Optional<User> user = users.find(id).filter(User::active);
        return user.orElseThrow(() -> UaaError.invalidToken(invalid + ": its user does not exist any more"));
    }

    private void requireApprovals(Verified token) {
        User user = token.user();
        if (user == null || WITHOUT_APPROVAL.contains(token.text("grant_type"))) {
            return;
        }
        Set<String> missing = new TreeSet<>(token.scopes());
        missing.removeIf(token.client()::approvesByItself);
        if (!missing.isEmpty()) {
            missing.removeAll(approvals.approved(user.id(), token.client().id()));
        }
        if (!missing.isEmpty()) {
            throw UaaError.invalidToken(
                    "Invalid token (some requested scopes are not approved): [" + String.join(", ", missing) + "]");
        }
    }
}
