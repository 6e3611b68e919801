package org.cupola.gorouter.proxy;

import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.util.AsciiString;
import java.util.Locale;
import java.util.Map;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.ResponseHead;

/**
 * Turns the codec's heads of HTTP/3 into fields, and heads of HTTP/1.1 into those of HTTP/3 (see {@link Http2Messages}).
 */
final class Http3Messages {
    private Http3Messages() {}

    /** Reads what came as fields, in their order. */
    static void read(Http3Headers headers, FieldSection into) {
        for (Map.Entry<CharSequence, CharSequence> line : headers) {
            AsciiString name = AsciiString.of(line.getKey());
            AsciiString value = AsciiString.of(line.getValue());
            into.field(
                    name.array(),
                    name.arrayOffset(),
                    name.arrayOffset() + name.length(),
                    value.array(),
                    value.arrayOffset(),
                    value.arrayOffset() + value.length());
        }
    }

    /** Whether requests of its kind have no body as a rule. */
    static boolean isUsuallyAlone(Http3Headers headers) {
        return switch (String.valueOf(headers.method())) {
            case "GET", "HEAD", "OPTIONS", "DELETE", "TRACE" -> true;
            default -> false;
        };
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
