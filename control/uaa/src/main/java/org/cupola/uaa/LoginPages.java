package org.cupola.uaa;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /login}, {@code /info}, {@code /login.do}, {@code /logout.do}, {@code /passcode}, {@code /home}. Any thread. */
final class LoginPages {
    /** Clients compare it: the {@code cf} client wants at least 4.26.0 for {@code --origin}. */
    static final String VERSION = "77.18.0";

    private final UaaConfig config;
    private final Stores stores;
    private final UserAuthenticator users;
    private final Browser browser;

    LoginPages(UaaConfig config, Stores stores, UserAuthenticator users, Browser browser) {
        this.config = config;
        this.stores = stores;
        this.users = users;
        this.browser = browser;
    }

    HttpResponse login(Call call) {
        if (call.wantsJson()) {
            return info(call);
        }
        if (browser.visitor(call).isPresent()) {
            return Answers.redirect("/home", headers -> {});
        }
        String problem = switch (call.param("error").orElse("")) {
            case "" -> "";
            case "account_locked" -> UaaError.LOCKED;
            case "invalid_login_request" -> "The form was too old. Please try again.";
            default -> "Unable to verify email or password. Please try again.";
        };
        String csrf = browser.csrf(call);
        String page =
                Pages.login(config.login(), csrf, safe(call.param("continue").orElse("")), problem);
        return Answers.html(200, page, headers -> Browser.setCsrf(headers, call, csrf));
    }

    HttpResponse info(Call call) {
        Map<String, Object> links = new LinkedHashMap<>();
        links.put("uaa", config.urls().uaa().toString());
        links.put("login", config.urls().login().toString());
        if (config.login().selfServiceLinks()) {
            links.put("passwd", "/forgot_password");
            links.put("register", "/create_account");
        }
        Map<String, Object> prompts = new LinkedHashMap<>();
        prompts.put("username", List.of("text", config.login().usernamePrompt()));
        prompts.put("password", List.of("password", config.login().passwordPrompt()));
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("app", Map.of("version", VERSION));
        info.put("links", links);
        info.put("zone_name", "uaa");
        info.put("entityID", config.urls().entityId());
        info.put("commit_id", "cupola");
        info.put("timestamp", "2026-01-01T00:00:00Z");
        info.put("idpDefinitions", Map.of());
        info.put("showLoginLinks", true);
        info.put("prompts", prompts);
        return Answers.json(200, info);
    }

    HttpResponse submit(Call call) {
        String next = safe(call.param("continue").orElse(""));
        if (!Browser.csrfHolds(call)) {
            return backToLogin("invalid_login_request", next);
        }
        try {
            User user = users.authenticate(
                    call.param("username").orElse(""), call.param("password").orElse(""), "");
            call.cookie(Browser.SESSION).ifPresent(stores.sessions()::end); // a session planted before the login dies
            String cookie = stores.sessions().begin(user.id());
            return Answers.redirect(
                    next.isEmpty() ? "/home" : next, headers -> Browser.setSession(headers, call, cookie));
        } catch (UaaError e) {
            return backToLogin(e.description().equals(UaaError.LOCKED) ? "account_locked" : "login_failure", next);
        }
    }

    HttpResponse logout(Call call) {
        call.cookie(Browser.SESSION).ifPresent(stores.sessions()::end);
        String target = call.filled("redirect")
                .filter(wanted -> mayLeaveTo(wanted, call.filled("client_id")))
                .orElse(config.login().logoutUrl());
        return Answers.redirect(target, headers -> Browser.endSession(headers, call));
    }

    private boolean mayLeaveTo(String target, Optional<String> clientId) {
        boolean listed = config.login().logoutWhitelist().stream()
                .anyMatch(allowed -> RedirectUris.matches(target, allowed, true));
        return listed
                || clientId.flatMap(stores.clients()::find)
                        .filter(client -> client.redirectUris().stream()
                                .anyMatch(allowed -> RedirectUris.matches(
                                        target, allowed, config.urls().legacyRedirects())))
                        .isPresent();
    }

    HttpResponse passcode(Call call) {
        Optional<Browser.Visitor> visitor = browser.visitor(call);
        if (visitor.isEmpty()) {
            return Answers.redirect("/login?continue=%2Fpasscode", headers -> {});
        }
        String userId = visitor.get().user().id();
        String code = stores.codes().issue(CodeStore.Kind.PASSCODE, userId, userId);
        return call.wantsJson() ? Answers.json(200, code) : Answers.html(200, Pages.passcode(code), headers -> {});
    }

    HttpResponse home(Call call) {
        return browser.visitor(call)
                .map(visitor -> Answers.html(200, Pages.home(visitor.user()), headers -> {}))
                .orElseGet(() -> Answers.redirect("/login", headers -> {}));
    }

    private static HttpResponse backToLogin(String error, String next) {
        QueryParams query =
                next.isEmpty() ? QueryParams.of("error", error) : QueryParams.of("error", error, "continue", next);
        return Answers.redirect("/login?" + query.toQueryString(), headers -> {});
    }

    /** Only our own pages; anything else would send a fresh login anywhere. */
    private static String safe(String target) {
        boolean own = target.equals("/passcode") || target.equals("/home") || target.startsWith("/oauth/authorize?");
        if (!own) {
            return "";
        }
        try {
            return URI.create(target).toString();
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
