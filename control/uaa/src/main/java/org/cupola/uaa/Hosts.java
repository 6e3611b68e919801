package org.cupola.uaa;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** The host names this server answers to; others belong to identity zones that do not exist. Immutable. */
final class Hosts {
    private final Set<String> names = new HashSet<>();

    Hosts(UaaConfig.Urls urls) {
        names.add("localhost");
        add(urls.uaa().getHost());
        add(urls.login().getHost());
        urls.hostnames().forEach(this::add);
        if (urls.issuer().contains("://")) {
            add(java.net.URI.create(urls.issuer()).getHost());
        }
    }

    private void add(@org.jspecify.annotations.Nullable String name) {
        if (name != null) {
            names.add(name.toLowerCase(Locale.ROOT));
        }
    }

    /** @throws UaaError 404 for a name that is not ours; addresses as such are: monitors and health checks use them */
    void require(String authority) {
        String host = withoutPort(authority).toLowerCase(Locale.ROOT);
        if (!names.contains(host) && !host.matches("[0-9.]+|\\[.*]|")) {
            throw UaaError.oauth(404, "not_found", "Cannot find identity zone for subdomain " + printable(host));
        }
    }

    private static String withoutPort(String authority) {
        return authority.replaceFirst(":\\d*$", "");
    }

    private static String printable(String host) {
        return host.replaceAll("[^a-z0-9.-]", "?");
    }
}
