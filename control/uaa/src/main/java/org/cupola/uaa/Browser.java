package org.cupola.uaa;

import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/** Cookies of a browser: its session, and the double-submit value that guards forms. Any thread. */
final class Browser {
    static final String SESSION = "JSESSIONID";
    private static final long CSRF_SECONDS = 86_400;
    private final Stores stores;

    /** A person at a browser. */
    record Visitor(String cookie, User user, SessionStore.Session session) {}

    Browser(Stores stores) {
        this.stores = stores;
    }

    Optional<Visitor> visitor(Call call) {
        return call.cookie(SESSION)
                .filter(cookie -> !cookie.isEmpty())
                .flatMap(cookie -> stores.sessions()
                        .find(cookie)
                        .flatMap(session -> stores.users()
                                .find(session.userId())
                                .filter(User::active)
                                .map(user -> new Visitor(cookie, user, session))));
    }

    /** The value for a form; the browser's own where it has one, so that two open forms both work. */
    String csrf(Call call) {
        return call.cookie(Pages.CSRF)
                .filter(value -> value.matches("[\\w-]{5,64}"))
                .orElseGet(Randoms::code);
    }

    static boolean csrfHolds(Call call) {
        String cookie = call.cookie(Pages.CSRF).orElse("");
        String sent = call.param(Pages.CSRF).orElse("");
        return !cookie.isEmpty()
                && MessageDigest.isEqual(
                        cookie.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8));
    }

    static void setCsrf(ResponseHeadersBuilder headers, Call call, String value) {
        add(headers, call, Cookie.secureBuilder(Pages.CSRF, value).maxAge(CSRF_SECONDS));
    }

    static void setSession(ResponseHeadersBuilder headers, Call call, String value) {
        add(headers, call, Cookie.secureBuilder(SESSION, value));
    }

    static void endSession(ResponseHeadersBuilder headers, Call call) {
        add(headers, call, Cookie.secureBuilder(SESSION, "").maxAge(0));
    }

    private static void add(
            ResponseHeadersBuilder headers, Call call, com.linecorp.armeria.common.CookieBuilder cookie) {
        headers.add(
                HttpHeaderNames.SET_COOKIE,
                cookie.path("/")
                        .httpOnly(true)
                        .sameSite("Lax")
                        .secure(call.secure())
                        .build()
                        .toSetCookieHeader());
    }
}
