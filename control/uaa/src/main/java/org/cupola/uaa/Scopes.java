package org.cupola.uaa;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Which scopes a token gets, and for whom it is meant. Pure. */
final class Scopes {
    private Scopes() {}

    /** Whether one of the patterns is the scope or matches it; {@code *} stands for one or more characters. */
    static boolean covers(Collection<String> patterns, String scope) {
        for (String pattern : patterns) {
            if (pattern.equals(scope) || (pattern.indexOf('*') >= 0 && wildcard(pattern, scope))) {
                return true;
            }
        }
        return false;
    }

    private static boolean wildcard(String pattern, String scope) {
        String[] parts = pattern.split("\\*", -1);
        var expression = new StringBuilder(Pattern.quote(parts[0]));
        for (int i = 1; i < parts.length; i++) {
            expression.append("[^\\s]+").append(Pattern.quote(parts[i]));
        }
        return scope.matches(expression.toString());
    }

    /**
     * Scopes of a user's token: what was asked for, or everything the client may have, as far as the user is in the group.
     *
     * @throws UaaError {@code invalid_scope} for a scope the client does not have, or when nothing remains
     */
    static List<String> forUser(Collection<String> requested, Client client, Collection<String> groups) {
        requireKnown(requested, client.scope());
        Set<String> granted = new LinkedHashSet<>();
        for (String group : groups) {
            if (covers(client.scope(), group) && (requested.isEmpty() || requested.contains(group))) {
                granted.add(group);
            }
        }
        if (granted.isEmpty()) {
            Collection<String> wanted = requested.isEmpty() ? client.scope() : requested;
            throw UaaError.invalidScope("[" + String.join(", ", wanted)
                    + "] is invalid. This user is not allowed any of the requested scopes");
        }
        return granted.stream().sorted().toList();
    }

    /** Scopes of a client's own token. */
    static List<String> forClient(Collection<String> requested, Client client) {
        requireKnown(requested, client.authorities());
        return requested.isEmpty() ? client.authorities() : List.copyOf(new LinkedHashSet<>(requested));
    }

    private static void requireKnown(Collection<String> requested, Collection<String> allowed) {
        for (String scope : requested) {
            if (!covers(allowed, scope)) {
                throw UaaError.invalidScope(scope + " is invalid. Please use a valid scope name in the request");
            }
        }
    }

    /** The client, and each scope's part before its last dot. */
    static List<String> audience(String clientId, Collection<String> scopes) {
        Set<String> audience = new LinkedHashSet<>();
        for (String scope : scopes) {
            if (!scope.equals(Client.NONE)) {
                int dot = scope.lastIndexOf('.');
                audience.add(dot < 0 ? scope : scope.substring(0, dot));
            }
        }
        audience.add(clientId);
        return List.copyOf(audience);
    }

    static List<String> split(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("[\\s]+"));
    }
}
