package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.QueryParamsBuilder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.cupola.platform.json.Json;

/**
 * {@code /oauth/authorize}: codes and implicit tokens for a browser session, and for a bearer token as {@code cf ssh-code} asks
 * (RFC 6749 section 4.1 and 4.2, RFC 7636, OpenID Connect Core 3). Any thread.
 */
final class AuthorizeEndpoint {
    private static final Set<String> RESPONSE_TYPES =
            Set.of("code", "token", "id_token", "code id_token", "id_token code", "token id_token", "id_token token");
    private final UaaConfig config;
    private final Stores stores;
    private final Guard guard;
    private final Browser browser;
    private final TokenIssuer issuer;
    private final InstantSource clock;

    AuthorizeEndpoint(
            UaaConfig config, Stores stores, Guard guard, Browser browser, TokenIssuer issuer, InstantSource clock) {
        this.config = config;
        this.stores = stores;
        this.guard = guard;
        this.browser = browser;
        this.issuer = issuer;
        this.clock = clock;
    }

    /** A request whose client and redirect address are good. {@code askedUri} is empty when it named none. */
    record Wanted(
            String clientId,
            String responseType,
            String redirectUri,
            String askedUri,
            List<String> scopes,
            String state,
            String nonce,
            String challenge,
            String challengeMethod) {
        boolean implicit() {
            return !responseType.equals("code");
        }
    }

    /** A refusal that goes to the client's address. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String error;

        Refusal(String error, String description) {
            super(description, null, false, false);
            this.error = error;
        }
    }

    HttpResponse ask(Call call) {
        Client client = client(call);
        Wanted wanted = wanted(call, client);
        try {
            checkKnown(wanted, client);
            if (call.bearer().isPresent()) {
                return byToken(call, wanted, client);
            }
            Optional<Browser.Visitor> visitor = browser.visitor(call);
            boolean silent = call.param("prompt").filter("none"::equals).isPresent();
            if (visitor.isEmpty()) {
                if (silent) {
                    throw new Refusal("login_required", "The user is not logged in");
                }
                String here = call.path() + "?" + call.rawQuery();
                return Answers.redirect(
                        "/login?" + QueryParams.of("continue", here).toQueryString(), headers -> {});
            }
            return bySession(call, wanted, client, visitor.get(), silent);
        } catch (Refusal e) {
            return refused(wanted, e.error, String.valueOf(e.getMessage()));
        } catch (UaaError e) {
            if (e.status() == 401) {
                throw e;
            }
            return refused(wanted, e.error(), e.description());
        }
    }

    private Client client(Call call) {
        String id = call.filled("client_id").orElseThrow(() -> UaaError.invalidRequest("Missing parameter: client_id"));
        return stores.clients()
                .find(id)
                .orElseThrow(() -> UaaError.oauth(401, "invalid_client", "No client with requested id: " + id));
    }

    private Wanted wanted(Call call, Client client) {
        String asked = call.param("redirect_uri").orElse("");
        String redirect = RedirectUris.resolve(
                        asked, client.redirectUris(), config.urls().legacyRedirects())
                .orElseThrow(() -> UaaError.invalidRequest(
                        "Invalid redirect: " + asked + " (expected: an address registered for the client)"));
        return new Wanted(
                client.id(),
                String.join(" ", call.words("response_type")),
                redirect,
                asked,
                call.words("scope"),
                call.param("state").orElse(""),
                call.param("nonce").orElse(""),
                call.param("code_challenge").orElse(""),
                call.param("code_challenge_method").orElse("plain"));
    }

    private static void checkKnown(Wanted wanted, Client client) {
        if (!RESPONSE_TYPES.contains(wanted.responseType())) {
            throw new Refusal("unsupported_response_type", "Unsupported response types: " + wanted.responseType());
        }
        String grant = wanted.responseType().contains("code") ? Grant.AUTHORIZATION_CODE : Grant.IMPLICIT;
        if (!client.grants(grant)
                && !(wanted.responseType().equals("id_token") && client.grants(Grant.AUTHORIZATION_CODE))) {
            throw new Refusal("unauthorized_client", "The client may not use the grant type " + grant);
        }
        int length = wanted.challenge().length();
        boolean known = Set.of("S256", "plain").contains(wanted.challengeMethod());
        if (length > 0 && (!known || length < 43 || length > 128)) {
            throw new Refusal(
                    "invalid_request", "Code challenge length must between 43 and 128 and use method S256 or plain");
        }
    }

    private HttpResponse byToken(Call call, Wanted wanted, Client client) {
        TokenVerifier.Verified token = guard.require(call, "uaa.user");
        User user = token.user();
        if (user == null) {
            throw UaaError.insufficientScope("uaa.user");
        }
        List<String> scopes = scopes(wanted, client, user);
        if (!unapproved(scopes, client, user).isEmpty()) {
            throw new Refusal("interaction_required", "The user has not approved the requested scopes");
        }
        Instant authTime =
                Instant.ofEpochSecond(token.claims().path("auth_time").asLong(0));
        return granted(wanted, client, user, scopes, authTime);
    }

    private HttpResponse bySession(Call call, Wanted wanted, Client client, Browser.Visitor visitor, boolean silent) {
        List<String> scopes = scopes(wanted, client, visitor.user());
        Set<String> unapproved = unapproved(scopes, client, visitor.user());
        if (unapproved.isEmpty()) {
            return granted(
                    wanted, client, visitor.user(), scopes, visitor.session().authenticatedAt());
        }
        if (silent) {
            throw new Refusal("interaction_required", "The user has not approved the requested scopes");
        }
        stores.sessions().setPending(visitor.cookie(), Json.text(wanted));
        String csrf = browser.csrf(call);
        return Answers.html(
                200,
                Pages.approve(client, csrf, unapproved, visitor.user()),
                headers -> Browser.setCsrf(headers, call, csrf));
    }

    /** The consent form. */
    HttpResponse decide(Call call) {
        if (call.param("user_oauth_approval").isEmpty()) {
            return ask(call);
        }
        if (!Browser.csrfHolds(call)) {
            throw UaaError.oauth(403, "access_denied", "The form was not sent from our own page");
        }
        Browser.Visitor visitor = browser.visitor(call).orElseThrow(UaaError::notAuthenticated);
        String pending = stores.sessions().takePending(visitor.cookie());
        if (pending.isEmpty()) {
            throw UaaError.invalidRequest("There is no authorization request to approve");
        }
        Wanted wanted = Json.read(pending, Wanted.class);
        Client client = stores.clients()
                .find(wanted.clientId())
                .orElseThrow(() ->
                        UaaError.oauth(401, "invalid_client", "No client with requested id: " + wanted.clientId()));
        User user = visitor.user();
        try {
            List<String> scopes = scopes(wanted, client, user);
            boolean yes =
                    call.param("user_oauth_approval").filter("true"::equals).isPresent();
            List<String> chosen = yes
                    ? call.withPrefix("scope.").stream()
                            .map(value -> value.replaceFirst("^scope\\.", ""))
                            .toList()
                    : List.of();
            stores.approvals().decide(user.id(), client.id(), unapproved(scopes, client, user), chosen);
            List<String> approved = new ArrayList<>(scopes);
            approved.removeAll(unapproved(scopes, client, user));
            if (!yes || approved.isEmpty()) {
                return refused(wanted, "access_denied", "User denied access");
            }
            return granted(wanted, client, user, approved, visitor.session().authenticatedAt());
        } catch (UaaError e) {
            return refused(wanted, e.error(), e.description());
        }
    }

    private List<String> scopes(Wanted wanted, Client client, User user) {
        if (!client.allowsOrigin(user.origin())) {
            throw UaaError.oauth(
                    403, "access_denied", "Client is not authorized for specified user's identity provider.");
        }
        List<String> groups = Group.Membership.names(stores.groups().of(user.id()));
        if (!groups.containsAll(client.requiredUserGroups())) {
            throw UaaError.invalidScope("User does not meet the client's required group criteria.");
        }
        return Scopes.forUser(wanted.scopes(), client, groups);
    }

    private Set<String> unapproved(List<String> scopes, Client client, User user) {
        Set<String> missing = new TreeSet<>(scopes);
        missing.removeIf(client::approvesByItself);
        if (!missing.isEmpty()) {
            missing.removeAll(stores.approvals().approved(user.id(), client.id()));
        }
        return missing;
    }

    private HttpResponse granted(Wanted wanted, Client client, User user, List<String> scopes, Instant authTime) {
        QueryParamsBuilder answer = QueryParams.builder();
        List<String> types = Scopes.split(wanted.responseType());
        if (types.contains("code")) {
            var code = new TokenEndpoint.Code(
                    client.id(),
                    wanted.askedUri(),
                    scopes,
                    user.id(),
                    wanted.nonce(),
                    wanted.challenge(),
                    wanted.challengeMethod(),
                    authTime.getEpochSecond());
            answer.add("code", stores.codes().issue(CodeStore.Kind.AUTHORIZATION, user.id(), code));
        }
        var grant = new Grant(
                new ClientAuthentication(client, "", ""),
                Grant.IMPLICIT,
                scopes,
                user,
                authTime,
                wanted.nonce(),
                false);
        if (types.contains("token")) {
            TokenIssuer.Access access = issuer.access(grant);
            answer.add("token_type", "bearer");
            answer.add("access_token", access.value());
            answer.add("expires_in", "" + access.remainingSeconds(clock.instant()));
            answer.add("scope", String.join(" ", scopes));
            answer.add("jti", access.id());
        }
        if (types.contains("id_token") && scopes.contains("openid")) {
            answer.add("id_token", issuer.idToken(grant, user));
        }
        return redirect(wanted, answer);
    }

    private static HttpResponse refused(Wanted wanted, String error, String description) {
        return redirect(wanted, QueryParams.builder().add("error", error).add("error_description", description));
    }

    private static HttpResponse redirect(Wanted wanted, QueryParamsBuilder answer) {
        if (!wanted.state().isEmpty()) {
            answer.add("state", wanted.state());
        }
        String target = wanted.redirectUri();
        String separator = wanted.implicit() ? "#" : target.contains("?") ? "&" : "?";
        return Answers.redirect(target + separator + answer.toQueryString(), headers -> {});
    }
}
