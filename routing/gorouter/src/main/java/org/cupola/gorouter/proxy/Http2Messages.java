package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.cupola.gorouter.head.ChunkScanner;
import org.cupola.gorouter.head.HeaderLines;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * Turns heads of HTTP/2 into heads of HTTP/1.1 and back. Inside the router a message has the form of HTTP/1.1, a body of
 * unknown length that of chunks; so everything is read, looked up, rewritten and recorded in one way.
 */
final class Http2Messages {
    private static final Set<String> NOT_IN_HTTP_2 =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");
    private static final byte[] CRLF = {'\r', '\n'};

    private Http2Messages() {}

    /**
     * The request as HTTP/1.1.
     *
     * @param bodyFollows whether the head is not all of it
     * @return {@code null} when it is malformed (RFC 9113, 8.2 and 8.3)
     */
    static @Nullable String request(Http2Headers headers, boolean bodyFollows) {
        CharSequence method = headers.method();
        CharSequence path = headers.path();
        CharSequence authority = headers.authority();
        if (method == null || path == null || headers.scheme() == null || path.isEmpty()) {
            return null;
        }
        var text = new StringBuilder(512);
        text.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        CharSequence host = headers.get("host");
        if (authority != null && host != null && !authority.toString().equalsIgnoreCase(host.toString())) {
            return null;
        }
        text.append("host: ")
                .append(authority == null ? host == null ? "" : host : authority)
                .append("\r\n");
        var cookies = new StringBuilder();
        boolean length = false;
        for (Map.Entry<CharSequence, CharSequence> line : headers) {
            String name = line.getKey().toString();
            String value = line.getValue().toString();
            if (name.startsWith(":") || name.equals("host")) {
                continue;
            }
            if (NOT_IN_HTTP_2.contains(name)
                    || isBroken(value)
                    || (name.equals("te") && !value.equalsIgnoreCase("trailers"))) {
                return null;
            }
            if (name.equals("cookie")) {
                cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
                continue;
            }
            length |= name.equals("content-length");
            text.append(name).append(": ").append(value).append("\r\n");
        }
        if (!cookies.isEmpty()) {
            text.append("cookie: ").append(cookies).append("\r\n");
        }
        if (bodyFollows && !length) {
            text.append("transfer-encoding: chunked\r\n");
        }
        return text.append("\r\n").toString();
    }

    /** A line's end in a value would make two lines of one. */
    private static boolean isBroken(String value) {
        return value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0;
    }

    /** The response as HTTP/1.1; {@code null} when it is malformed. */
    static @Nullable String response(Http2Headers headers, boolean bodyFollows, boolean needsLength) {
        CharSequence status = headers.status();
        if (status == null || status.length() != 3) {
            return null;
        }
        var text = new StringBuilder(256);
        text.append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(Reasons.ofAny(status.toString()))
                .append("\r\n");
        boolean length = false;
        for (Map.Entry<CharSequence, CharSequence> line : headers) {
            String name = line.getKey().toString();
            String value = line.getValue().toString();
            if (name.startsWith(":")) {
                continue;
            }
            if (NOT_IN_HTTP_2.contains(name) || isBroken(value)) {
                return null;
            }
            length |= name.equals("content-length");
            text.append(name).append(": ").append(value).append("\r\n");
        }
        boolean final_ = status.charAt(0) != '1';
        if (final_ && !length && bodyFollows) {
            text.append("transfer-encoding: chunked\r\n");
        } else if (final_ && !length && needsLength) {
            text.append("content-length: 0\r\n");
        }
        return text.append("\r\n").toString();
    }

    /**
     * Trailer lines as the end of a chunked body has them.
     *
     * @return {@code null} when they are malformed (RFC 9113, 8.1 and 8.2.2)
     */
    static @Nullable String trailers(Http2Headers headers) {
        var text = new StringBuilder();
        for (Map.Entry<CharSequence, CharSequence> line : headers) {
            String name = line.getKey().toString();
            String value = line.getValue().toString();
            if (name.startsWith(":") || !ChunkScanner.mayTrail(name) || isBroken(value)) {
                return null;
            }
            text.append(name).append(": ").append(value).append("\r\n");
        }
        return text.toString();
    }

    /** The head of a request that was written as HTTP/1.1. */
    static Http2Headers headers(RequestHead request, boolean tls) {
        var headers = new DefaultHttp2Headers(false)
                .method(request.method())
                .path(request.isAbsolute() ? pathOf(request) : request.target())
                .scheme(tls ? "https" : "http")
                .authority(request.host());
        lines(request, headers);
        return headers;
    }

    private static String pathOf(RequestHead request) {
        String path = new String(
                request.bytes(),
                request.pathStart(),
                request.targetEnd() - request.pathStart(),
                StandardCharsets.ISO_8859_1);
        return path.startsWith("/") ? path : "/" + path;
    }

    /** The head of a response that was written as HTTP/1.1. */
    static Http2Headers headers(ResponseHead response) {
        Http2Headers headers = new DefaultHttp2Headers(false).status(Integer.toString(response.status()));
        lines(response, headers);
        return headers;
    }

    private static void lines(HeaderLines head, Http2Headers headers) {
        for (int line = 0; line < head.count(); line++) {
            switch (head.id(line)) {
                case Names.HOST, Names.CONNECTION, Names.KEEP_ALIVE, Names.TRANSFER_ENCODING, Names.UPGRADE -> {}
                default -> headers.add(head.nameOfLine(line).toLowerCase(Locale.ROOT), head.valueOfLine(line));
            }
        }
    }

    /** Trailers from the lines at the end of a chunked body. */
    static Http2Headers trailerHeaders(String lines) {
        var headers = new DefaultHttp2Headers(false);
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

    /** The data as one chunk; takes over the data. */
    static ByteBuf chunk(ByteBufAllocator allocator, ByteBuf data) {
        if (!data.isReadable()) {
            return data;
        }
        ByteBuf size = allocator.buffer(12);
        size.writeCharSequence(Integer.toHexString(data.readableBytes()), StandardCharsets.US_ASCII);
        size.writeBytes(CRLF);
        return allocator
                .compositeBuffer(3)
                .addComponents(true, size, data, allocator.buffer(2).writeBytes(CRLF));
    }

    /** The end of a chunked body. */
    static ByteBuf lastChunk(ByteBufAllocator allocator, String trailers) {
        ByteBuf end = allocator.buffer(5 + trailers.length());
        end.writeCharSequence("0\r\n" + trailers + "\r\n", StandardCharsets.ISO_8859_1);
        return end;
    }

    /** Puts a head that is complete into a reader of heads. */
    static void fill(HeaderLines head, byte[] bytes, int length) {
        System.arraycopy(bytes, 0, head.room(length), head.filled(), length);
        head.added(length);
    }
}
