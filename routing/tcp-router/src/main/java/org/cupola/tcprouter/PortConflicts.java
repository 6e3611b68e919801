package org.cupola.tcprouter;

import java.util.ArrayList;
import java.util.List;
import org.cupola.protocol.routing.RouterGroup;

/** Finds reserved ports of system components inside the ranges of router groups. Stateless. */
final class PortConflicts {
    private PortConflicts() {}

    /** One line per group and range that holds a reserved port; ranges that cannot be read are skipped. */
    static List<String> find(List<RouterGroup> groups, List<Integer> reserved) {
        List<String> conflicts = new ArrayList<>();
        for (RouterGroup group : groups) {
            for (String range : group.reservablePorts().split(",")) {
                List<Integer> inside = reserved.stream()
                        .filter(port -> contains(range.strip(), port))
                        .toList();
                if (!inside.isEmpty()) {
                    conflicts.add("The reserved ports for router group '" + group.name() + "' contain ports " + inside
                            + " of system components in range " + range.strip());
                }
            }
        }
        return conflicts;
    }

    private static boolean contains(String range, int port) {
        String[] ends = range.split("-", -1);
        boolean numbers = ends.length <= 2;
        for (String end : ends) {
            numbers &= end.matches("\\d{1,5}");
        }
        return numbers && port >= Integer.parseInt(ends[0]) && port <= Integer.parseInt(ends[ends.length - 1]);
    }
}
