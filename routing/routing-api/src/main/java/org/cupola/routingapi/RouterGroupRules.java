package org.cupola.routingapi;

import java.util.List;
import java.util.stream.Collectors;
import org.cupola.protocol.routing.RouterGroup;

/**
 * What a router group must be. Immutable.
 *
 * @param systemPorts         ports that daemons of the platform's machines use
 * @param failOnPortConflicts whether a group may reserve none of those
 */
record RouterGroupRules(List<Integer> systemPorts, boolean failOnPortConflicts) {
    static final String TCP = "tcp";
    private static final String HTTP = "http";

    RouterGroupRules {
        systemPorts = List.copyOf(systemPorts);
    }

    /** @throws IllegalArgumentException in the original's words */
    void check(RouterGroup group) {
        if (group.name().isEmpty()) {
            throw new IllegalArgumentException("missing name in router group");
        }
        if (group.type().isEmpty()) {
            throw new IllegalArgumentException("missing type in router group");
        }
        if (group.type().equals(TCP) && group.reservablePorts().isEmpty()) {
            throw new IllegalArgumentException("missing reservable_ports in router group: " + group.name());
        }
        if (group.type().equals(HTTP) && !group.reservablePorts().isEmpty()) {
            throw new IllegalArgumentException("reservable ports are not supported for router groups of type http");
        }
        if (!group.reservablePorts().isEmpty()) {
            checkConflicts(ReservablePorts.parse(group.reservablePorts()));
        }
    }

    private void checkConflicts(ReservablePorts ports) {
        if (failOnPortConflicts && systemPorts.stream().anyMatch(ports::contains)) {
            throw new IllegalArgumentException(systemPorts.stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(
                            " ", "reservable ports must not include the reserved system component ports: [", "]")));
        }
    }
}
