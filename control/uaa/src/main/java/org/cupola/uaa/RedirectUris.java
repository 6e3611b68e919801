package org.cupola.uaa;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether an authorization answer may go to an address. Pure. */
final class RedirectUris {
    private RedirectUris() {}

    /**
     * The address to answer to.
     *
     * @param legacy registered addresses may hold {@code *} and cover everything below their path
     * @return empty when the request's is not registered, or the request names none and several are registered
     */
    static Optional<String> resolve(String requested, List<String> registered, boolean legacy) {
        if (requested.isEmpty()) {
            return registered.size() == 1 && !registered.getFirst().contains("*")
                    ? Optional.of(registered.getFirst())
                    : Optional.empty();
        }
        return registered.stream().anyMatch(each -> matches(requested, each, legacy))
                ? Optional.of(requested)
                : Optional.empty();
    }

    static boolean matches(String requested, String registered, boolean legacy) {
        if (requested.equals(registered)) {
            return true;
        }
        URI uri = parse(requested);
        if (!legacy || uri == null || uri.getHost() == null || uri.getRawUserInfo() != null || climbs(uri)) {
            return false;
        }
        if (registered.contains("*")) {
            return wildcard(requested, registered);
        }
        URI base = parse(registered);
        return base != null
                && base.getHost() != null
                && uri.getScheme().equalsIgnoreCase(base.getScheme())
                && sameHost(uri.getHost(), base.getHost())
                && uri.getPort() == base.getPort()
                && covers(base.getPath(), uri.getPath());
    }

    private static boolean sameHost(String requested, String registered) {
        String host = requested.toLowerCase(Locale.ROOT);
        String base = registered.toLowerCase(Locale.ROOT);
        return host.equals(base) || host.endsWith("." + base);
    }

    private static boolean covers(String base, String path) {
        String folder = base.endsWith("/") ? base : base + "/";
        return base.isEmpty() || path.equals(base) || path.startsWith(folder);
    }

    /** {@code **} covers anything; {@code *} stays within one part of the address. */
    private static boolean wildcard(String requested, String registered) {
        String address = requested.replaceFirst("[?#].*", "");
        var expression = new StringBuilder();
        int i = 0;
        while (i < registered.length()) {
            if (registered.startsWith("**", i)) {
                expression.append(".*");
                i += 2;
            } else if (registered.charAt(i) == '*') {
                expression.append("[^/?#@:]*");
                i++;
            } else {
                expression.append(Pattern.quote(String.valueOf(registered.charAt(i))));
                i++;
            }
        }
        return address.matches(expression.toString()) && hostIsNotOpen(requested, registered);
    }

    /** A wildcard in the path must not let another host in. */
    private static boolean hostIsNotOpen(String requested, String registered) {
        String registeredHost = authority(registered);
        return registeredHost.contains("*") || authority(requested).equalsIgnoreCase(registeredHost);
    }

    private static String authority(String address) {
        return address.replaceFirst("^[^:]*://", "").replaceFirst("[/?#].*", "");
    }

    private static boolean climbs(URI uri) {
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().toLowerCase(Locale.ROOT);
        return path.contains("..") || path.contains("%2e") || path.contains("\\") || path.contains("%5c");
    }

    private static @Nullable URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
