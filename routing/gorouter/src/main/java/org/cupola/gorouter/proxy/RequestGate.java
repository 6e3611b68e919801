package org.cupola.gorouter.proxy;

import java.util.Arrays;
import org.cupola.gorouter.head.Ascii;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.jspecify.annotations.Nullable;

/** What is answered, or refused, before routes are looked at. */
final class RequestGate {
    private RequestGate() {}

    /** {@code null} for a request that may go on. */
    static @Nullable Answer check(Exchange exchange) {
        RequestHead request = exchange.request();
        ProxySettings settings = exchange.loop().settings();
        if (request.isAsterisk()) {
            return Answer.ASTERISK;
        }
        int agent = request.first(Names.USER_AGENT);
        if (agent >= 0 && isHealthCheck(request, agent, settings.healthCheckUserAgent())) {
            return exchange.loop().shared().health().isHealthy() ? Answer.HEALTHY : Answer.UNHEALTHY;
        }
        if (request.hostStart() == request.hostEnd() || namesThePeer(exchange)) {
            exchange.loop().metrics().add(Counter.BAD_REQUESTS);
            return Answer.error(400, "empty_host", Answer.SHORTLY, "Request had empty Host header");
        }
        return null;
    }

    private static boolean isHealthCheck(RequestHead request, int line, String agent) {
        int start = request.valueStart(line);
        if (agent.isEmpty() || request.valueEnd(line) - start != agent.length()) {
            return false;
        }
        byte[] bytes = request.bytes();
        for (int i = 0; i < agent.length(); i++) {
            if (bytes[start + i] != agent.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean namesThePeer(Exchange exchange) {
        RequestHead request = exchange.request();
        byte[] peer = exchange.client().remoteIp();
        return Arrays.equals(request.bytes(), request.hostStart(), request.hostNameEnd(), peer, 0, peer.length);
    }

    /** Whether the head is larger than allowed, counted as the original counts. */
    static boolean tooLarge(RequestHead request, ProxySettings settings) {
        if (settings.maxRequestHeaders() > 0 && request.count() > settings.maxRequestHeaders()) {
            return true;
        }
        long size = (long) request.methodEnd() + request.targetEnd() - request.targetStart() + 8 + 4;
        for (int line = 0; line < request.count(); line++) {
            size += request.nameEnd(line)
                    - request.nameStart(line)
                    + request.valueEnd(line)
                    - request.valueStart(line)
                    + 4;
        }
        return size >= settings.maxRequestHeaderBytes();
    }

    /** The host as the client gave it, for messages. */
    static String host(RequestHead request) {
        return Ascii.text(request.bytes(), request.hostStart(), request.hostEnd());
    }
}
