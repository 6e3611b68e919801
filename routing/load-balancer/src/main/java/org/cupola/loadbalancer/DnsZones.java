package org.cupola.loadbalancer;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.cupola.loadbalancer.LoadBalancerConfig.Zone;

/**
 * What the DNS server knows: whole zones, in which the apex and every name below have the same addresses. Immutable.
 *
 * <p>As RFC 1034 and 2308 want it: a name of ours without records of the wanted type is an answer without records and
 * with the zone's SOA; a name that is not ours is refused.
 */
final class DnsZones {
    private final List<Zone> zones;

    /** The kinds of question. */
    enum Wanted {
        A,
        AAAA,
        NS,
        SOA,
        ANY,
        OTHER
    }

    /** What to answer. */
    sealed interface Answer {
        /** Not one of our zones. */
        record Refused() implements Answer {}

        /** Addresses of the name; both lists empty when it has none of the wanted kind. */
        record Addresses(String zone, List<InetAddress> addresses) implements Answer {}

        /** The zone's own name server, asked for at its apex. */
        record NameServer(String zone) implements Answer {}

        /** The zone's start of authority, asked for at its apex. */
        record Authority(String zone) implements Answer {}
    }

    DnsZones(List<Zone> zones) {
        // The longest name first, so that a zone within another is found before it.
        this.zones = zones.stream()
                .sorted(Comparator.comparingInt((Zone zone) -> zone.domain().length())
                        .reversed())
                .toList();
    }

    /** @param name with or without a dot at its end, in any case */
    Answer answer(String name, Wanted wanted) {
        String plain = name.toLowerCase(Locale.ROOT);
        String asked = plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain;
        Optional<Zone> found =
                zones.stream().filter(zone -> contains(zone, asked)).findFirst();
        if (found.isEmpty()) {
            return new Answer.Refused();
        }
        Zone zone = found.get();
        boolean apex = asked.equals(zone.domain());
        return switch (wanted) {
            case NS -> apex ? new Answer.NameServer(zone.domain()) : none(zone);
            case SOA -> apex ? new Answer.Authority(zone.domain()) : none(zone);
            case A -> addresses(zone, true, false);
            case AAAA -> addresses(zone, false, true);
            case ANY -> addresses(zone, true, true);
            case OTHER -> none(zone);
        };
    }

    private static boolean contains(Zone zone, String name) {
        String domain = zone.domain();
        return name.equals(domain) || domain.isEmpty() || name.endsWith("." + domain);
    }

    private static Answer none(Zone zone) {
        return new Answer.Addresses(zone.domain(), List.of());
    }

    private static Answer addresses(Zone zone, boolean version4, boolean version6) {
        return new Answer.Addresses(
                zone.domain(),
                zone.addresses().stream()
                        .filter(address -> address instanceof Inet4Address ? version4 : version6)
                        .toList());
    }
}
