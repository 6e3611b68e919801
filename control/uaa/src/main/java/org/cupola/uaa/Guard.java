package org.cupola.uaa;

import java.util.List;
import java.util.function.Predicate;

/** Lets calls with the right token through. Any thread. */
final class Guard {
    static final String ADMIN = "uaa.admin";
    private final TokenVerifier verifier;

    Guard(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    /** @throws UaaError 401 without a good access token */
    TokenVerifier.Verified token(Call call) {
        return verifier.access(call.bearer().orElseThrow(UaaError::notAuthenticated));
    }

    /** @throws UaaError 403 when the token has none of the scopes; {@code uaa.admin} has all */
    TokenVerifier.Verified require(Call call, String... anyOf) {
        return requireOr(call, _ -> false, anyOf);
    }

    /** @param otherwise a reason to let a token through that has none of the scopes */
    TokenVerifier.Verified requireOr(Call call, Predicate<TokenVerifier.Verified> otherwise, String... anyOf) {
        TokenVerifier.Verified token = token(call);
        List<String> scopes = token.scopes();
        for (String scope : anyOf) {
            if (scopes.contains(scope)) {
                return token;
            }
        }
        if (!scopes.contains(ADMIN) && !otherwise.test(token)) {
            throw UaaError.insufficientScope(ADMIN + " " + String.join(" ", anyOf));
        }
        return token;
    }

    /** For a user's own things. */
    static Predicate<TokenVerifier.Verified> self(String userId) {
        return token -> token.user() != null && token.user().id().equals(userId);
    }
}
