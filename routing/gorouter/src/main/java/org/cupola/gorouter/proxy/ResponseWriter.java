package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.ResponseHead;

/** Writes response heads for a client of HTTP/1: those of backends, and the router's own. */
final class ResponseWriter {
    private static final byte[] HTTP_1_0 = ascii("HTTP/1.0");
    private static final byte[] HTTP_1_1 = ascii("HTTP/1.1");
    private static final byte[] CRLF = ascii("\r\n");
    private static final byte[] REQUEST_ID_NAME = ascii("X-Vcap-Request-Id");
    private static final byte[] REQUEST_ID = ascii("X-Vcap-Request-Id: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
    private static final byte[] UPGRADE = ascii("Connection: Upgrade\r\nUpgrade: ");

    /** What the client is told of the connection. */
    enum Connection {
        /** Nothing: the version's default. */
        DEFAULT,
        CLOSE,
        KEEP_ALIVE
    }

    private ResponseWriter() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** @param framing as the client will see it */
    static void write(
            Exchange exchange, ResponseHead response, BodyFraming framing, Connection connection, ByteSink out) {
        byte[] bytes = response.bytes();
        out.add(exchange.request().minorVersion() == 0 ? HTTP_1_0 : HTTP_1_1);
        HeaderRewriting rewriting = exchange.loop().rewriting();
        boolean rewrites = rewriting.isOn() && response.status() != 101;
        boolean sourceChunked = response.isChunked() && framing == BodyFraming.CHUNKED;
        int run = 8;
        List<String> forThisHop = ConnectionTokens.of(response, Set.of());
        int lines = response.count();
        for (int line = 0; line < lines; line++) {
            if (isDropped(response, line, sourceChunked)
                    || (rewrites && rewriting.removes(response, line))
                    || ConnectionTokens.has(forThisHop, response, line)) {
                out.add(bytes, run, response.nameStart(line));
                run = response.lineEnd(line);
            }
        }
        out.add(bytes, run, response.end() - 2);
        if (framing == BodyFraming.CHUNKED && !sourceChunked) {
            out.add(CHUNKED);
        }
        if (!response.has(Names.X_VCAP_REQUEST_ID) && !(rewrites && rewriting.removes(REQUEST_ID_NAME))) {
            out.add(REQUEST_ID).add(exchange.requestId()).add(CRLF);
        }
        if (!response.has(Names.DATE)) {
            out.add(exchange.loop().date());
        }
        trace(exchange, out);
        StickySession.write(exchange, response, out);
        AltSvc http3 = exchange.client().altSvc();
        if (http3 != null) {
            http3.write(response, exchange.loop().settings().headers(), out);
        }
        if (rewrites) {
            rewriting.append(response, out);
        }
        if (response.status() == 101) {
            out.add(UPGRADE).add(response.value(Names.UPGRADE)).add(CRLF);
        } else {
            connection(connection, out);
        }
        out.add(CRLF);
    }

    private static boolean isDropped(ResponseHead response, int line, boolean keepsCoding) {
        return switch (response.id(line)) {
            case Names.CONNECTION,
                    Names.KEEP_ALIVE,
                    Names.PROXY_CONNECTION,
                    Names.PROXY_AUTHENTICATE,
                    Names.PROXY_AUTHORIZATION,
                    Names.TE,
                    Names.TRAILER,
                    Names.UPGRADE,
                    Names.X_CF_PROXY_SIGNATURE -> true;
            case Names.TRANSFER_ENCODING -> !keepsCoding;
            case Names.CONTENT_LENGTH -> response.isChunked() || line != response.first(Names.CONTENT_LENGTH);
            default -> false;
        };
    }

    private static void connection(Connection connection, ByteSink out) {
        switch (connection) {
            case DEFAULT -> {}
            case CLOSE -> out.add(CLOSE);
            case KEEP_ALIVE -> out.add(KEEP_ALIVE);
        }
    }

    /** Tells those who know the key which router and backend answered. */
    private static void trace(Exchange exchange, ByteSink out) {
        ProxySettings settings = exchange.loop().settings();
        RequestHead request = exchange.request();
        if (settings.traceKey().isEmpty()
                || !request.has(Names.X_VCAP_TRACE)
                || !request.value(Names.X_VCAP_TRACE).equals(settings.traceKey())
                || exchange.endpoint() == null) {
            return;
        }
        String backend = exchange.endpoint().info().address();
        out.add("X-Vcap-Router: " + settings.routerAddress() + "\r\nX-Vcap-Backend: " + backend
                + "\r\nX-Cf-Routeendpoint: " + backend + "\r\n");
    }

    /** A 1xx as the backend sent it, less what is for one hop. */
    static void interim(ResponseHead response, ByteSink out) {
        byte[] bytes = response.bytes();
        out.add(HTTP_1_1);
        int run = 8;
        for (int line = 0; line < response.count(); line++) {
            if (isDropped(response, line, false)) {
                out.add(bytes, run, response.nameStart(line));
                run = response.lineEnd(line);
            }
        }
        out.add(bytes, run, response.end());
    }

    /** The router's own answer, body included unless the request was a HEAD. */
    static void answer(Exchange exchange, Answer answer, Connection connection, ByteSink out) {
        RequestHead request = exchange.request();
        out.add(request.minorVersion() == 0 ? HTTP_1_0 : HTTP_1_1)
                .add(" ")
                .number(answer.status())
                .add(" ")
                .add(Reasons.of(answer.status()))
                .add(CRLF);
        List<HeaderRules.Line> lines = OwnHeaders.of(exchange, answer);
        for (HeaderRules.Line line : lines) {
            out.add(line.name()).add(": ").add(line.value()).add(CRLF);
        }
        byte[] body = OwnHeaders.body(exchange, answer, lines);
        out.add(exchange.loop().date());
        out.add("Content-Length: ").number(body.length).add(CRLF);
        connection(connection, out);
        out.add(CRLF);
        if (!request.methodIs("HEAD")) {
            out.add(body);
        }
    }
}
