package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.cupola.gorouter.head.HeaderLines;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.routes.Endpoint;
import org.cupola.gorouter.routes.EndpointInfo;

/**
 * Writes a request's head for its backend. Lines that go on as they are, are copied in runs; what the router adds is
 * appended, most of it ready-made.
 */
final class RequestWriter {
    private static final byte[] HTTP_1_1 = ascii(" HTTP/1.1\r\n");
    private static final byte[] HOST = ascii("Host: ");
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] FORWARDED_FOR = ascii("X-Forwarded-For: ");
    private static final byte[] PROTO_HTTP = ascii("X-Forwarded-Proto: http\r\n");
    private static final byte[] PROTO_HTTPS = ascii("X-Forwarded-Proto: https\r\n");
    private static final byte[] REQUEST_START = ascii("X-Request-Start: ");
    private static final byte[] REQUEST_ID = ascii("X-Vcap-Request-Id: ");
    private static final byte[] TE_TRAILERS = ascii("Te: trailers\r\n");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] UPGRADE = ascii("Connection: Upgrade\r\nUpgrade: ");
    private static final byte[] COMMA = ascii(", ");

    private RequestWriter() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static void write(Exchange exchange, Endpoint endpoint, ByteSink out) {
        RequestHead request = exchange.request();
        ProxySettings settings = exchange.loop().settings();
        byte[] bytes = request.bytes();
        int run = requestLine(exchange, out);
        List<String> forThisHop = ConnectionTokens.of(request, settings.hopByHopFilter());
        boolean ownProto = ownProto(exchange, settings);
        int lines = request.count();
        for (int line = 0; line < lines; line++) {
            if (isDropped(request, line, ownProto)
                    || isReplaced(exchange, request.id(line))
                    || ConnectionTokens.has(forThisHop, request, line)) {
                out.add(bytes, run, request.nameStart(line));
                run = request.lineEnd(line);
            }
        }
        out.add(bytes, run, request.end() - 2);
        append(exchange, endpoint, ownProto, out);
        out.add(CRLF);
    }

    /** Writes the request line unless it can be part of the first run; returns where that run starts. */
    private static int requestLine(Exchange exchange, ByteSink out) {
        RequestHead request = exchange.request();
        byte[] bytes = request.bytes();
        boolean doubleSlash = request.targetEnd() - request.targetStart() > 1
                && bytes[request.targetStart()] == '/'
                && bytes[request.targetStart() + 1] == '/';
        RouteServices.Call service = exchange.routeService();
        if (service != null) {
            out.add(bytes, 0, request.targetStart())
                    .add(service.target().path())
                    .add(HTTP_1_1);
            out.add(HOST).add(service.target().host()).add(CRLF);
            return request.requestLineEnd();
        }
        if (request.minorVersion() == 1 && !doubleSlash && !request.isAbsolute()) {
            return 0;
        }
        out.add(bytes, 0, request.targetStart());
        if (doubleSlash) {
            // A target that begins with two slashes would be read as one with an authority.
            out.add(exchange.client().isTls() ? "https://" : "http://");
            out.add(bytes, request.hostStart(), request.hostEnd());
        }
        out.add(bytes, request.targetStart(), request.targetEnd());
        out.add(HTTP_1_1);
        if (request.isAbsolute()) {
            out.add(HOST).add(bytes, request.hostStart(), request.hostEnd()).add(CRLF);
        }
        return request.requestLineEnd();
    }

    /** Whether what the client says of its trace or certificate is dropped, or makes place for what we know. */
    private static boolean isReplaced(Exchange exchange, int header) {
        boolean back = exchange.isFromRouteService();
        if (header == Names.X_CF_PROXY_SIGNATURE
                || header == Names.X_CF_PROXY_METADATA
                || header == Names.X_CF_FORWARDED_URL) {
            return back || exchange.isToRouteService();
        }
        if (header == Names.HOST) {
            return exchange.isToRouteService();
        }
        if (header == Names.X_FORWARDED_CLIENT_CERT) {
            return switch (exchange.loop().settings().headers().clientCert()) {
                case ALWAYS_FORWARD -> false;
                case FORWARD -> back || exchange.client().certificate().isEmpty();
                case SANITIZE_SET -> !(back && exchange.client().isTls());
            };
        }
        return exchange.trace().drops(header);
    }

    private static boolean isDropped(RequestHead request, int line, boolean ownProto) {
        return switch (request.id(line)) {
            case Names.CONNECTION,
                    Names.KEEP_ALIVE,
                    Names.PROXY_CONNECTION,
                    Names.PROXY_AUTHENTICATE,
                    Names.PROXY_AUTHORIZATION,
                    Names.TE,
                    Names.TRAILER,
                    Names.UPGRADE,
                    Names.X_CF_APP_INSTANCE,
                    Names.X_CF_APPLICATIONID,
                    Names.X_CF_INSTANCEID,
                    Names.X_CF_INSTANCEINDEX,
                    Names.X_VCAP_REQUEST_ID,
                    Names.X_FORWARDED_FOR -> true;
            case Names.X_FORWARDED_PROTO -> ownProto;
            case Names.HOST -> request.isAbsolute();
            default -> false;
        };
    }

    private static void append(Exchange exchange, Endpoint endpoint, boolean ownProto, ByteSink out) {
        RequestHead request = exchange.request();
        Loop loop = exchange.loop();
        out.add(FORWARDED_FOR);
        forwardedFor(exchange, out);
        out.add(CRLF);
        if (ownProto) {
            out.add(isHttps(exchange) ? PROTO_HTTPS : PROTO_HTTP);
        }
        if (!request.has(Names.X_REQUEST_START)) {
            out.add(REQUEST_START)
                    .number(loop.wallNanos(exchange.times().begun()) / 1_000_000)
                    .add(CRLF);
        }
        out.add(REQUEST_ID).add(exchange.requestId()).add(CRLF);
        ByteSink trace = exchange.trace().lines();
        out.add(trace.bytes(), 0, trace.length());
        if (loop.settings().headers().clientCert() == HeaderRules.ClientCert.SANITIZE_SET
                && !(exchange.isFromRouteService() && exchange.client().isTls())) {
            String certificate = exchange.client().certificate();
            if (!certificate.isEmpty()) {
                out.add("X-Forwarded-Client-Cert: ").add(certificate).add(CRLF);
            }
        }
        RouteServices.Call service = exchange.routeService();
        if (service == null) {
            out.add(headers(endpoint));
        } else {
            out.add("X-Cf-Proxy-Signature: ").add(service.signed().signature()).add(CRLF);
            out.add("X-Cf-Proxy-Metadata: ").add(service.signed().metadata()).add(CRLF);
            out.add("X-Cf-Forwarded-Url: ").add(service.forwardedUrl()).add(CRLF);
        }
        if (request.has(Names.TE) && request.listHas(Names.TE, "trailers")) {
            out.add(TE_TRAILERS);
        }
        if (request.isUpgrade()) {
            int line = request.first(Names.UPGRADE);
            out.add(UPGRADE)
                    .add(request.bytes(), request.valueStart(line), request.valueEnd(line))
                    .add(CRLF);
        } else if (!keepsAlive(exchange)) {
            out.add(CLOSE);
        }
    }

    /** Whether the backend's connection may be used again after this request. */
    static boolean keepsAlive(Exchange exchange) {
        ProxySettings settings = exchange.loop().settings();
        return settings.keepBackendsAlive()
                && (settings.keepAliveAfterContinue() || !exchange.request().has(Names.EXPECT));
    }

    /** The client's chain of addresses with the peer's at its end. */
    static void forwardedFor(Exchange exchange, ByteSink out) {
        HeaderLines request = exchange.request();
        for (int line = request.first(Names.X_FORWARDED_FOR); line >= 0 && line < request.count(); line++) {
            if (request.id(line) == Names.X_FORWARDED_FOR) {
                out.add(request.bytes(), request.valueStart(line), request.valueEnd(line))
                        .add(COMMA);
            }
        }
        out.add(exchange.client().remoteIp());
    }

    private static boolean ownProto(Exchange exchange, ProxySettings settings) {
        RequestHead request = exchange.request();
        if (exchange.isFromRouteService() && request.has(Names.X_FORWARDED_PROTO)) {
            return false; // it was decided on the way there
        }
        int line = request.first(Names.X_FORWARDED_PROTO);
        return settings.forwardedProto() != ProxySettings.ForwardedProto.KEEP
                || line < 0
                || request.valueStart(line) == request.valueEnd(line);
    }

    private static boolean isHttps(Exchange exchange) {
        return exchange.client().isTls()
                || exchange.loop().settings().forwardedProto() == ProxySettings.ForwardedProto.FORCE_HTTPS;
    }

    /** The X-Forwarded-Proto that the backend gets, for the record. */
    static void forwardedProto(Exchange exchange, ByteSink out) {
        RequestHead request = exchange.request();
        if (ownProto(exchange, exchange.loop().settings())) {
            out.add(isHttps(exchange) ? "https" : "http");
        } else {
            int line = request.first(Names.X_FORWARDED_PROTO);
            out.add(request.bytes(), request.valueStart(line), request.valueEnd(line));
        }
    }

    /** Which app and instance it is. Made once per endpoint. */
    private static byte[] headers(Endpoint endpoint) {
        byte[] ready = endpoint.headers();
        if (ready == null) {
            EndpointInfo info = endpoint.info();
            String instance = info.instanceId().isEmpty() ? info.address() : info.instanceId();
            ready = ("X-Cf-Applicationid: " + oneLine(info.app()) + "\r\nX-Cf-Instanceid: " + oneLine(instance)
                            + "\r\nX-Cf-Instanceindex: " + oneLine(info.instanceIndex()) + "\r\n")
                    .getBytes(StandardCharsets.UTF_8);
            endpoint.headers(ready);
        }
        return ready;
    }

    private static String oneLine(String value) {
        return value.replaceAll("[\\x00-\\x1f\\x7f]", " ");
    }
}
