package org.cupola.gorouter.proxy;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is changed about heads on their way. Immutable.
 *
 * @param stickyCookies     session cookies that tie a client to an instance
 * @param stickyNegotiate   whether HTTP Negotiate ties too
 * @param secureCookies     whether our cookie is always for TLS only
 * @param added             header lines for responses that lack them, as name and value
 * @param removed           lower-case names removed from responses
 * @param errorTemplate     for our own error pages, {@code null} for plain text
 * @param zipkin            whether B3 headers are read and made
 * @param w3c               whether W3C trace headers are
 * @param w3cTenant         prefix of our entry in {@code tracestate}, empty for none
 */
public record HeaderRules(
        ClientCert clientCert,
        Set<String> stickyCookies,
        boolean stickyNegotiate,
        boolean secureCookies,
        List<Line> added,
        Set<String> removed,
        @Nullable ErrorTemplate errorTemplate,
        boolean zipkin,
        boolean w3c,
        String w3cTenant) {

    /** What becomes of a client's X-Forwarded-Client-Cert. */
    public enum ClientCert {
        ALWAYS_FORWARD,
        /** Kept for clients with a certificate of their own. */
        FORWARD,
        /** Ours: the certificate the client has shown, or nothing. */
        SANITIZE_SET
    }

    /** A header line; {@code name} in canonical form. */
    public record Line(String name, String value) {
        /** @param name in any case */
        public static Line of(String name, String value) {
            return new Line(canonical(name), value);
        }
    }

    public HeaderRules {
        stickyCookies = Set.copyOf(stickyCookies);
        added = List.copyOf(added);
        removed = Set.copyOf(removed);
    }

    /** {@code x-own-header} as {@code X-Own-Header}. */
    static String canonical(String name) {
        var text = new StringBuilder(name.length());
        boolean first = true;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            text.append(first ? Character.toUpperCase(c) : Character.toLowerCase(c));
            first = c == '-';
        }
        return text.toString();
    }

    boolean rewritesResponses() {
        return !added.isEmpty() || !removed.isEmpty();
    }

    boolean removes(String name) {
        return removed.contains(name.toLowerCase(Locale.ROOT));
    }
}
