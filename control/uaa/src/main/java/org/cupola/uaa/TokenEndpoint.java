package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cupola.platform.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** {@code /oauth/token}: all grants (RFC 6749 section 4 and 6, RFC 7636, RFC 7523). Any thread. */
final class TokenEndpoint {
    private static final Logger log = LoggerFactory.getLogger(TokenEndpoint.class);
    private static final Set<String> KNOWN = Set.of(
            Grant.PASSWORD,
            Grant.REFRESH,
            Grant.CLIENT_CREDENTIALS,
            Grant.AUTHORIZATION_CODE,
            Grant.USER_TOKEN,
            Grant.JWT_BEARER,
            Grant.SAML_BEARER);

    private final UaaConfig config;
    private final Stores stores;
    private final ClientAuthenticator clients;
    private final UserAuthenticator users;
    private final TokenIssuer issuer;
    private final TokenVerifier verifier;
    private final InstantSource clock;

    TokenEndpoint(
            UaaConfig config,
            Stores stores,
            ClientAuthenticator clients,
            UserAuthenticator users,
            TokenIssuer issuer,
            TokenVerifier verifier,
            InstantSource clock) {
        this.config = config;
        this.stores = stores;
        this.clients = clients;
        this.users = users;
        this.issuer = issuer;
        this.verifier = verifier;
        this.clock = clock;
    }

    HttpResponse token(Call call) {
        if (!config.tokens().queryString()
                && (call.method().equals("GET") || call.inQuery("grant_type") || call.inQuery("password"))) {
            throw UaaError.oauth(405, "method_not_allowed", "Parameters must be passed in the body of the request");
        }
        String grantType = call.filled("grant_type").orElse("");
        if (grantType.equals(Grant.USER_TOKEN) && call.bearer().isPresent()) {
            return Answers.json(200, userToken(call));
        }
        ClientAuthentication client = clients.authenticate(call);
        if (grantType.isEmpty()) {
            throw UaaError.invalidRequest("Missing grant type");
        }
        if (grantType.equals(Grant.IMPLICIT)) {
            throw UaaError.oauth(400, "invalid_grant", "Implicit grant type not supported from token endpoint");
        }
        if (!KNOWN.contains(grantType)) {
            throw UaaError.oauth(400, "unsupported_grant_type", "Unsupported grant type: " + grantType);
        }
        if (!client.client().grants(grantType)) {
            throw UaaError.badClient("Unauthorized grant type: " + grantType);
        }
        Map<String, Object> answer = switch (grantType) {
            case Grant.PASSWORD -> password(call, client);
            case Grant.CLIENT_CREDENTIALS -> clientCredentials(call, client);
            case Grant.REFRESH -> refresh(call, client);
            case Grant.AUTHORIZATION_CODE -> authorizationCode(call, client);
            case Grant.JWT_BEARER -> jwtBearer(call, client);
            default -> throw UaaError.oauth(400, "unsupported_grant_type", "Unsupported grant type: " + grantType);
        };
        log.atInfo()
                .addKeyValue("client", client.client().id())
                .addKeyValue("grant_type", grantType)
                .log("token-issued");
        return Answers.json(200, answer);
    }

    private Map<String, Object> clientCredentials(Call call, ClientAuthentication client) {
        List<String> scopes = Scopes.forClient(call.words("scope"), client.client());
        return issuer.answer(
                new Grant(client, Grant.CLIENT_CREDENTIALS, scopes, null, clock.instant(), "", opaque(call)));
    }

    private Map<String, Object> password(Call call, ClientAuthentication client) {
        Optional<String> passcode = call.filled("passcode");
        User user = passcode.isPresent()
                ? byPasscode(passcode.get())
                : users.authenticate(
                        call.filled("username").orElseThrow(UaaError::badCredentials),
                        call.param("password").orElse(""),
                        originHint(call));
        return issuer.answer(userGrant(call, client, Grant.PASSWORD, user, clock.instant()));
    }

    private User byPasscode(String passcode) {
        return stores.codes()
                .redeem(CodeStore.Kind.PASSCODE, plainPasscode(passcode), String.class)
                .flatMap(stores.users()::find)
                .filter(User::active)
                .orElseThrow(() -> UaaError.unauthorized("Invalid passcode"));
    }

    /** The JSON form of the passcode, as the passcode page answers it to programs, is taken too. */
    private static String plainPasscode(String passcode) {
        if (!passcode.startsWith("{")) {
            return passcode;
        }
        try {
            return Json.tree(passcode).path("passcode").asString(passcode);
        } catch (JacksonException e) {
            return passcode;
        }
    }

    private static String originHint(Call call) {
        return call.filled("login_hint")
                .map(hint -> {
                    try {
                        return Json.tree(hint).path("origin").asString("");
                    } catch (JacksonException e) {
                        return hint; // an origin that nobody has
                    }
                })
                .orElse("");
    }

    private Grant userGrant(Call call, ClientAuthentication client, String type, User user, Instant authTime) {
        List<String> groups = allowedGroups(client.client(), user);
        List<String> scopes = Scopes.forUser(call.words("scope"), client.client(), groups);
        return new Grant(client, type, scopes, user, authTime, "", opaque(call));
    }

    private List<String> allowedGroups(Client client, User user) {
        if (!client.allowsOrigin(user.origin())) {
            throw UaaError.unauthorized("Client is not authorized for specified user's identity provider.");
        }
        List<String> groups = Group.Membership.names(stores.groups().of(user.id()));
        if (!groups.containsAll(client.requiredUserGroups())) {
            throw UaaError.invalidScope("User does not meet the client's required group criteria.");
        }
        return groups;
    }

    private Map<String, Object> refresh(Call call, ClientAuthentication client) {
        String value = call.filled(Grant.REFRESH)
                .orElseThrow(() -> UaaError.invalidRequest("Missing parameter: refresh_token"));
        TokenVerifier.Verified token = verifier.refresh(value);
        User user = token.user();
        if (user == null || !token.client().id().equals(client.client().id())) {
            throw UaaError.oauth(400, "invalid_grant", "Wrong client for this refresh token");
        }
        List<String> groups = allowedGroups(client.client(), user);
        List<String> granted = token.scopes();
        List<String> requested = call.words("scope");
        for (String scope : requested) {
            if (!granted.contains(scope)) {
                throw UaaError.invalidScope(
                        "Unable to narrow the scope of the client authentication to " + requested + ".");
            }
        }
        // What the user or the client has lost since does not come back by a refresh.
        List<String> scopes = Scopes.forUser(
                requested.isEmpty() ? stillKnown(granted, client.client()) : requested, client.client(), groups);
        Instant authTime =
                Instant.ofEpochSecond(token.claims().path("auth_time").asLong(0));
        Grant access =
                new Grant(client, token.text("grant_type"), scopes, user, authTime, token.text("nonce"), opaque(call));
        boolean rotates = !token.text("session").isEmpty() || issuer.rotates(client);
        if (!rotates) {
            return issuer.answer(access, value);
        }
        Grant whole =
                new Grant(client, token.text("grant_type"), granted, user, authTime, token.text("nonce"), opaque(call));
        return issuer.answer(access, rotated(whole, token, user));
    }

    private static List<String> stillKnown(List<String> granted, Client client) {
        return granted.stream()
                .filter(scope -> Scopes.covers(client.scope(), scope))
                .toList();
    }

    /** The next refresh token of a session; a token that is used twice ends it, for one of the two users stole it. */
    private String rotated(Grant grant, TokenVerifier.Verified used, User user) {
        String usedId = used.text("jti");
        String family = used.text("session");
        long now = clock.millis();
        Integer ofClient = grant.client().client().refreshValidity();
        long expires =
                now + (ofClient == null ? config.tokens().refreshValidity().toMillis() : ofClient * 1000L);
        if (family.isEmpty()) {
            family = usedId; // given out before rotation was on: its session begins here
            stores.tokens().beginFamily(family, user.id(), usedId, now, expires);
        }
        String session = family;
        TokenStore.Next next = stores.tokens()
                .rotate(session, usedId, Randoms.tokenId() + "-r", now, expires)
                .orElseThrow(() -> {
                    log.atWarn()
                            .addKeyValue("client", grant.client().client().id())
                            .addKeyValue("user", user.id())
                            .log("refresh-token-reused");
                    return UaaError.invalidToken(TokenVerifier.GONE);
                });
        return issuer.refreshToken(grant, next.id(), session, next.fresh());
    }

    /** What an authorization code stands for. {@code redirectUri} is empty when the request named none. */
    record Code(
            String clientId,
            String redirectUri,
            List<String> scopes,
            String userId,
            String nonce,
            String challenge,
            String challengeMethod,
            long authTimeSeconds) {}

    private Map<String, Object> authorizationCode(Call call, ClientAuthentication client) {
        String value = call.filled("code")
                .orElseThrow(() -> UaaError.invalidRequest("An authorization code must be supplied."));
        Code code = stores.codes()
                .redeem(CodeStore.Kind.AUTHORIZATION, value, Code.class)
                .orElseThrow(() -> invalidGrant("Invalid authorization code: " + printable(value)));
        if (!code.clientId().equals(client.client().id())) {
            throw invalidGrant("Client ID mismatch");
        }
        if (!code.redirectUri().isEmpty()
                && !code.redirectUri().equals(call.param("redirect_uri").orElse(""))) {
            throw invalidGrant("Redirect URI mismatch.");
        }
        requireVerifier(code, call.param("code_verifier").orElse(""), client);
        User user = stores.users()
                .find(code.userId())
                .filter(User::active)
                .orElseThrow(() -> invalidGrant("The user of the authorization code does not exist any more"));
        allowedGroups(client.client(), user);
        return issuer.answer(new Grant(
                client,
                Grant.AUTHORIZATION_CODE,
                code.scopes(),
                user,
                Instant.ofEpochSecond(code.authTimeSeconds()),
                code.nonce(),
                opaque(call)));
    }

    private static String printable(String code) {
        return code.replaceAll("[^A-Za-z0-9_-]", "?").substring(0, Math.min(64, code.length()));
    }

    private static void requireVerifier(Code code, String verifier, ClientAuthentication client) {
        if (code.challenge().isEmpty()) {
            if (client.isPublic()) {
                throw invalidGrant("PKCE is required for a client without a secret");
            }
            return;
        }
        String computed = code.challengeMethod().equals("S256")
                ? Randoms.base64Url(Randoms.sha256(verifier.getBytes(StandardCharsets.US_ASCII)))
                : verifier;
        if (!MessageDigest.isEqual(
                computed.getBytes(StandardCharsets.UTF_8), code.challenge().getBytes(StandardCharsets.UTF_8))) {
            throw invalidGrant("Invalid code verifier");
        }
    }

    /** A token of this server, with which a user of one client becomes a user of another (RFC 7523). */
    private Map<String, Object> jwtBearer(Call call, ClientAuthentication client) {
        TokenVerifier.Verified assertion = verifier.access(
                call.filled("assertion").orElseThrow(() -> UaaError.invalidRequest("Missing parameter: assertion")));
        User user = assertion.user();
        if (user == null) {
            throw UaaError.unauthorized("The assertion does not speak of a user");
        }
        return issuer.answer(userGrant(call, client, Grant.JWT_BEARER, user, clock.instant()));
    }

    private Map<String, Object> userToken(Call call) {
        TokenVerifier.Verified token = verifier.access(call.bearer().orElseThrow(UaaError::notAuthenticated));
        User user = token.user();
        if (user == null || !token.scopes().contains("uaa.user")) {
            throw UaaError.insufficientScope("uaa.user");
        }
        Client client = stores.clients().find(call.required("client_id")).orElseThrow(UaaError::badCredentials);
        if (!token.client().grants(Grant.USER_TOKEN) || !client.grants(Grant.REFRESH)) {
            throw UaaError.badClient("Unauthorized grant type: " + Grant.USER_TOKEN);
        }
        List<String> groups = allowedGroups(client, user);
        List<String> scopes = new ArrayList<>(Scopes.forUser(call.words("scope"), client, groups));
        String hash = client.secrets().isEmpty() ? "" : client.secrets().getFirst();
        Map<String, Object> answer = issuer.answer(new Grant(
                new ClientAuthentication(client, hash, ""),
                Grant.USER_TOKEN,
                scopes,
                user,
                clock.instant(),
                "",
                opaque(call)));
        answer.remove("access_token"); // it would be good for the other client at once; only a refresh token is given
        answer.remove("id_token");
        return answer;
    }

    private static UaaError invalidGrant(String description) {
        return UaaError.oauth(400, "invalid_grant", description);
    }

    private static boolean opaque(Call call) {
        return call.param("token_format").filter("opaque"::equalsIgnoreCase).isPresent();
    }
}
