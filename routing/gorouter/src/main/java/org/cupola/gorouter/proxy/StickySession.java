package org.cupola.gorouter.proxy;

import java.util.Locale;
import java.util.Set;
import org.cupola.gorouter.head.Ascii;
import org.cupola.gorouter.head.HeaderLines;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.Pool;

/** Ties clients to instances by the cookie {@code __VCAP_ID__}. */
final class StickySession {
    static final String COOKIE = "__VCAP_ID__";
    private static final Set<String> OWN = Set.of(COOKIE);
    private static final String NEGOTIATE = "negotiate";
    private static final int NEGOTIATE_SECONDS = 60;

    private StickySession() {}

    /** The instance that the request should go to; empty for any. */
    static String wanted(RequestHead request, HeaderRules rules) {
        if (!request.has(Names.COOKIE)) {
            return "";
        }
        String instance = cookie(request, COOKIE);
        if (instance.isEmpty()) {
            return "";
        }
        if (isNegotiated(request, rules)) {
            return instance;
        }
        for (String name : rules.stickyCookies()) {
            if (hasCookie(request, name)) {
                return instance;
            }
        }
        return "";
    }

    /** Whether no other instance will do. */
    static boolean isNegotiated(RequestHead request, HeaderRules rules) {
        int line = request.first(Names.AUTHORIZATION);
        return rules.stickyNegotiate()
                && line >= 0
                && Ascii.startsWithIgnoreCase(
                        request.bytes(), request.valueStart(line), request.valueEnd(line), NEGOTIATE);
    }

    /** Appends our cookie to a response if it is due. */
    static void write(Exchange exchange, ResponseHead response, ByteSink out) {
        Endpoint endpoint = exchange.endpoint();
        Pool pool = exchange.pool();
        if (endpoint == null
                || pool == null
                || endpoint.info().instanceId().isEmpty()
                || exchange.isToRouteService()
                || setsCookie(response, OWN) >= 0) {
            return;
        }
        HeaderRules rules = exchange.loop().settings().headers();
        String instance = endpoint.info().instanceId();
        String wanted = exchange.stickyInstance();
        boolean elsewhere = !wanted.isEmpty()
                && !wanted.equals(instance)
                && !endpoint.info().isAt(wanted);
        int session = setsCookie(response, rules.stickyCookies());
        int challenge = response.first(Names.WWW_AUTHENTICATE);
        boolean negotiates = rules.stickyNegotiate()
                && challenge >= 0
                && Ascii.startsWithIgnoreCase(
                        response.bytes(), response.valueStart(challenge), response.valueEnd(challenge), NEGOTIATE)
                && !wanted.equals(instance);
        if (session < 0 && !elsewhere && !negotiates) {
            return;
        }
        out.add("Set-Cookie: " + COOKIE + "=").add(instance).add("; Path=").add(pool.contextPath());
        if (negotiates) {
            out.add("; Max-Age=").number(NEGOTIATE_SECONDS).add("; HttpOnly");
            out.add(rules.secureCookies() ? "; Secure" : "").add("; SameSite=Strict");
        } else {
            attributes(session < 0 ? "" : response.valueOfLine(session), rules.secureCookies(), out);
        }
        out.add("\r\n");
    }

    /** Copies what the session cookie says of its life and reach. */
    private static void attributes(String sessionCookie, boolean secureAlways, ByteSink out) {
        String expires = "";
        String maxAge = "";
        String sameSite = "";
        boolean secure = secureAlways;
        boolean partitioned = false;
        String[] parts = sessionCookie.split(";", -1);
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i].strip();
            int equals = part.indexOf('=');
            String name =
                    (equals < 0 ? part : part.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "" : part.substring(equals + 1).strip();
            switch (name) {
                case "expires" -> expires = value;
                case "max-age" -> maxAge = value;
                case "samesite" -> sameSite = value;
                case "secure" -> secure = true;
                case "partitioned" -> partitioned = true;
                default -> {}
            }
        }
        out.add(expires.isEmpty() ? "" : "; Expires=" + expires);
        out.add(maxAge.equals("0") || maxAge.startsWith("-") ? "; Max-Age=0" : "");
        out.add("; HttpOnly").add(secure ? "; Secure" : "");
        out.add(sameSite.isEmpty() ? "" : "; SameSite=" + HeaderRules.canonical(sameSite));
        out.add(partitioned ? "; Partitioned" : "");
    }

    /** The first Set-Cookie line for one of the names, -1 for none. */
    private static int setsCookie(ResponseHead response, Set<String> names) {
        for (int line = response.first(Names.SET_COOKIE); line >= 0 && line < response.count(); line++) {
            if (response.id(line) == Names.SET_COOKIE) {
                for (String name : names) {
                    if (isNamed(response.bytes(), response.valueStart(line), response.valueEnd(line), name)) {
                        return line;
                    }
                }
            }
        }
        return -1;
    }

    private static boolean isNamed(byte[] bytes, int start, int end, String name) {
        int length = name.length();
        if (end - start <= length || bytes[start + length] != '=') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[start + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasCookie(HeaderLines request, String name) {
        return find(request, name) >= 0;
    }

    /** The value of the request's cookie, without quotes; empty for none. */
    private static String cookie(HeaderLines request, String name) {
        long found = find(request, name);
        if (found < 0) {
            return "";
        }
        String value = Ascii.text(request.bytes(), (int) (found >>> 32), (int) found);
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1)
                : value;
    }

    /** Where the cookie's value is: start in the upper half, end in the lower; -1 for none. */
    private static long find(HeaderLines request, String name) {
        byte[] bytes = request.bytes();
        for (int line = request.first(Names.COOKIE); line >= 0 && line < request.count(); line++) {
            if (request.id(line) != Names.COOKIE) {
                continue;
            }
            int at = request.valueStart(line);
            int end = request.valueEnd(line);
            while (at < end) {
                while (at < end && (Ascii.isBlank(bytes[at]) || bytes[at] == ';')) {
                    at++;
                }
                int pairEnd = at;
                while (pairEnd < end && bytes[pairEnd] != ';') {
                    pairEnd++;
                }
                if (isNamed(bytes, at, pairEnd, name)) {
                    return (long) (at + name.length() + 1) << 32 | pairEnd;
                }
                at = pairEnd;
            }
        }
        return -1;
    }
}
