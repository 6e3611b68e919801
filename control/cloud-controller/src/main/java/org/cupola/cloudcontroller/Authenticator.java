package org.cupola.cloudcontroller;

import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.cupola.protocol.uaa.AccessToken;
import org.cupola.protocol.uaa.TokenException;
import org.cupola.protocol.uaa.TokenRules;
import org.cupola.protocol.uaa.TokenValidator;
import org.cupola.protocol.uaa.UaaConnection;
import org.cupola.protocol.uaa.UaaException;
import org.jspecify.annotations.Nullable;

/**
 * Turns an Authorization header into a caller, by the UAA's keys and issuer, and remembers each user at first sight. Blocking;
 * any thread.
 */
final class Authenticator {
    private final UaaConnection uaa;
    private final Set<String> audiences;
    private final InstantSource clock;
    private final Store store;
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();
    private volatile @Nullable Trust trust;

    /** The validator for one issuer. */
    private record Trust(String issuer, TokenValidator validator) {}

    /** @param audiences one of these resource ids must be in a token's audience */
    Authenticator(UaaConnection uaa, Set<String> audiences, InstantSource clock, Store store) {
        this.uaa = uaa;
        this.audiences = Set.copyOf(audiences);
        this.clock = clock;
        this.store = store;
    }

    /** @param header empty when the request had none */
    Caller authenticate(String header) {
        if (!header.regionMatches(true, 0, "bearer ", 0, 7)) {
            throw ApiException.notAuthenticated();
        }
        AccessToken token = validate(header.substring(7).trim());
        if (token.id().isEmpty() || token.id().endsWith("-r")) {
            throw ApiException.invalidAuthToken();
        }
        String userId = token.userId();
        String guid = userId == null ? token.clientId() : userId;
        if (guid.isEmpty()) {
            throw ApiException.invalidAuthToken();
        }
        String userName = token.userName();
        Caller caller = new Caller(
                guid,
                userName == null ? token.clientId() : userName,
                token.claims().get("email") instanceof String email ? email : "",
                token.scopes());
        remember(caller, token);
        return caller;
    }

    /** A user that was deleted here shall be created again at the next request. */
    void forget(String userGuid) {
        known.remove(userGuid);
    }

    private AccessToken validate(String token) {
        try {
            Trust current = trust;
            if (current == null) {
                current = trustNow();
            }
            try {
                return current.validator().validate(token);
            } catch (TokenException e) {
                if (e.kind() != TokenException.Kind.INVALID_ISSUER) {
                    throw e;
                }
                return trustNow().validator().validate(token); // the UAA may have been given another name
            }
        } catch (TokenException e) {
            ApiException refused = e.kind() == TokenException.Kind.KEYS_UNAVAILABLE
                    ? ApiException.uaaKeysUnavailable()
                    : ApiException.invalidAuthToken();
            refused.initCause(e);
            throw refused;
        } catch (UaaException e) {
            ApiException refused = ApiException.uaaKeysUnavailable();
            refused.initCause(e);
            throw refused;
        }
    }

    private Trust trustNow() throws UaaException {
        String issuer = uaa.issuer();
        Trust current = trust;
        if (current == null || !current.issuer().equals(issuer)) {
            TokenRules rules =
                    TokenRules.lenient().onlyRsa().issuedBy(issuer).forAudience(audiences.toArray(String[]::new));
            current = new Trust(issuer, new TokenValidator(uaa, rules, clock));
            trust = current;
        }
        return current;
    }

    private void remember(Caller caller, AccessToken token) {
        if (known.containsKey(caller.guid())) {
            return;
        }
        String origin = token.claims().get("origin") instanceof String text ? text : null;
        store.database.writeVoid(dsl -> {
            if (store.users.table.find(dsl, caller.guid()).isEmpty()) {
                String name = token.userName();
                store.users.insert(
                        dsl, new User(store.stamps.create(caller.guid()), name, name == null ? null : origin));
            }
        });
        known.put(caller.guid(), true);
    }
}
