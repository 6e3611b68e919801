package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Locale;

/**
 * A process that shall run, with everything that decides how. Immutable.
 *
 * @param mappings the routes that lead to it, oldest destination first
 */
record RunnableProcess(ProcessRow process, App app, Space space, Droplet droplet, List<Mapping> mappings) {
    /** A route and how it leads to the process. */
    record Mapping(Route route, Destination destination) {}

    RunnableProcess {
        mappings = List.copyOf(mappings);
    }

    /** The ports the process shall listen on; the first one is {@code PORT}. */
    List<Integer> ports() {
        List<Integer> ports = mappings.stream()
                .map(mapping -> mapping.destination().effectivePort())
                .distinct()
                .toList();
        return ports.isEmpty() ? List.of(Destination.DEFAULT_PORT) : ports;
    }

    /** The explicit command, else what staging found; empty leaves it to the launcher. */
    String command() {
        String explicit = process.command();
        return explicit != null ? explicit : droplet.processTypes().getOrDefault(process.type(), "");
    }

    /** As {@code VCAP_APPLICATION} lists them. */
    List<String> uris() {
        return mappings.stream()
                .map(mapping -> mapping.route().url())
                .distinct()
                .toList();
    }

    /** What the BBS keeps to tell whether it has the newest version: seconds with microseconds. */
    String annotation() {
        long micros = process.stamp().updatedAt();
        return micros / 1_000_000 + "." + String.format(Locale.ROOT, "%06d", micros % 1_000_000);
    }
}
