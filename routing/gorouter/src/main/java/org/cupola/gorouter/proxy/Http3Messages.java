package org.cupola.gorouter.proxy;

import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.Http3Headers;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * Turns heads of HTTP/3 into heads of HTTP/1.1 and back (see {@link Http2Messages}). The codec sees to it that
 * pseudo-headers come first, once each, and that no name has capitals.
 */
final class Http3Messages {
    private static final Set<String> NOT_IN_HTTP_3 =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");
    private static final String NAME_SYMBOLS = "!#$%&'*+-.^_`|~";

    private Http3Messages() {}

    /**
     * Writes the request as HTTP/1.1.
     *
     * @param bodyFollows whether the head is not all of it
     * @return false when it is malformed (RFC 9114, 4.2 and 4.3)
     */
    static boolean request(Http3Headers headers, boolean bodyFollows, ByteSink out) {
        CharSequence method = headers.method();
        CharSequence path = headers.path();
        CharSequence authority = headers.authority();
        CharSequence host = headers.get("host");
        if (isBroken(method)
                || isBroken(path)
                || isBroken(headers.scheme())
                || headers.contains(":protocol")
                || (path.charAt(0) != '/' && !path.toString().equals("*"))
                || (authority != null
                        && (isBroken(authority)
                                || (host != null && !authority.toString().equalsIgnoreCase(host.toString()))))) {
            return false;
        }
        out.add(method.toString()).add(" ").add(path.toString()).add(" HTTP/1.1\r\nhost: ");
        out.add(String.valueOf(authority == null ? host == null ? "" : host : authority))
                .add("\r\n");
        StringBuilder cookies = null;
        boolean length = false;
        for (Map.Entry<CharSequence, CharSequence> line : headers) {
            String name = line.getKey().toString();
            String value = line.getValue().toString();
            if (name.startsWith(":") || name.equals("host")) {
                continue;
            }
            if (isBrokenLine(name, value)) {
                return false;
            }
            if (name.equals("cookie")) {
                cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
                cookies.append(value);
                continue;
            }
            length |= name.equals("content-length");
            out.add(name).add(": ").add(value).add("\r\n");
        }
        if (cookies != null) {
            out.add("cookie: ").add(cookies.toString()).add("\r\n");
        }
        if (bodyFollows && !length) {
            out.add("transfer-encoding: chunked\r\n");
        }
        out.add("\r\n");
        return true;
    }

    /** Whether requests of its kind have no body as a rule. */
    static boolean isUsuallyAlone(Http3Headers headers) {
        return switch (String.valueOf(headers.method())) {
            case "GET", "HEAD", "OPTIONS", "DELETE", "TRACE" -> true;
            default -> false;
        };
    }

    /** Whether a pseudo-header is missing, or would not stay one word on a line. */
    private static boolean isBroken(@Nullable CharSequence value) {
        if (value == null || value.isEmpty()) {
            return true;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c == 127 || c > 255) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBrokenLine(String name, String value) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && NAME_SYMBOLS.indexOf(c) < 0) {
                return true;
            }
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 127 || c > 255) {
                return true;
            }
        }
        return NOT_IN_HTTP_3.contains(name) || (name.equals("te") && !value.equalsIgnoreCase("trailers"));
    }

    /**
     * Trailer lines as the end of a chunked body has them.
     *
     * @return {@code null} when they are malformed
     */
    static @Nullable String trailers(Http3Headers headers) {
        var text = new StringBuilder();
        for (Map.Entry<CharSequence, CharSequence> line : headers) {
            String name = line.getKey().toString();
            String value = line.getValue().toString();
            if (name.startsWith(":") || !ChunkScanner.mayTrail(name) || isBrokenLine(name, value)) {
                return null;
            }
            text.append(name).append(": ").append(value).append("\r\n");
        }
        return text.toString();
    }

    /** The head of a response that was written as HTTP/1.1. */
    static Http3Headers headers(ResponseHead response) {
        Http3Headers headers = new DefaultHttp3Headers(false).status(Integer.toString(response.status()));
        for (int line = 0; line < response.count(); line++) {
            switch (response.id(line)) {
                case Names.CONNECTION, Names.KEEP_ALIVE, Names.TRANSFER_ENCODING, Names.UPGRADE -> {}
                default -> headers.add(response.nameOfLine(line).toLowerCase(Locale.ROOT), response.valueOfLine(line));
            }
        }
        return headers;
    }

    /** Trailers from the lines at the end of a chunked body. */
    static Http3Headers trailerHeaders(String lines) {
        var headers = new DefaultHttp3Headers(false);
        for (String line : lines.split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.add(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return headers;
    }
}
