package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A route as manifests write it: {@code [scheme://]name[:port][/path]}. */
record ManifestRoute(String name, int port, String path) {
    private static final Pattern FORMAT = Pattern.compile(
            "(?:(https?|tcp)://)?(\\*\\.)?([A-Za-z0-9_](?:[-A-Za-z0-9_.]*[A-Za-z0-9_])?)(?::(\\d{1,5}))?(/[^?#\\s]*)?");

    /** A way to read the name. */
    record Candidate(String host, String domain) {}

    static Optional<ManifestRoute> parse(String text) {
        Matcher route = FORMAT.matcher(text.trim());
        if (!route.matches() || (!route.group(3).contains(".") && route.group(4) == null)) {
            return Optional.empty();
        }
        String wildcard = route.group(2) == null ? "" : route.group(2);
        String port = route.group(4);
        String path = route.group(5);
        return Optional.of(new ManifestRoute(
                (wildcard + route.group(3)).toLowerCase(Locale.ROOT),
                port == null ? 0 : Integer.parseInt(port),
                path == null || path.equals("/") ? "" : path));
    }

    /** The whole name as domain first, then its first label as host. */
    List<Candidate> candidates() {
        List<Candidate> candidates = new ArrayList<>();
        if (!name.startsWith("*")) {
            candidates.add(new Candidate("", name));
        }
        int dot = name.indexOf('.');
        if (dot > 0) {
            candidates.add(new Candidate(name.substring(0, dot), name.substring(dot + 1)));
        }
        return candidates;
    }
}
