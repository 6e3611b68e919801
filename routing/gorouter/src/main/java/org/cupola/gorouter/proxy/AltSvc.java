package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import org.cupola.gorouter.head.ResponseHead;

/**
 * Tells clients of the HTTPS port that they may come by HTTP/3 (RFC 7838, RFC 9114 3.1), unless the application or the
 * operator says something else about it. Immutable, any thread.
 */
final class AltSvc {
    static final String NAME = "Alt-Svc";
    private static final byte[] NAME_BYTES = NAME.getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_AGE_SECONDS = 24 * 60 * 60;

    private final int localPort;
    private final String value;
    private final byte[] line;

    /**
     * @param localPort      the port that the clients it is for have come to
     * @param advertisedPort the port that they reach HTTP/3 by
     */
    AltSvc(int localPort, int advertisedPort) {
        this.localPort = localPort;
        this.value = "h3=\":" + advertisedPort + "\"; ma=" + MAX_AGE_SECONDS;
        this.line = (NAME + ": " + value + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    int localPort() {
        return localPort;
    }

    String value() {
        return value;
    }

    /** Adds the line to a response of a backend's. */
    void write(ResponseHead response, HeaderRules rules, ByteSink out) {
        if (response.status() != 101 && response.find(NAME_BYTES) < 0 && !isRuled(rules)) {
            out.add(line);
        }
    }

    /** Whether the operator adds or removes it. */
    static boolean isRuled(HeaderRules rules) {
        return rules.rewritesResponses()
                && (rules.removes(NAME)
                        || rules.added().stream().anyMatch(line -> line.name().equalsIgnoreCase(NAME)));
    }
}
