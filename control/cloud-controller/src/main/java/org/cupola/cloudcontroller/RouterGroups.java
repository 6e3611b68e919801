package org.cupola.cloudcontroller;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The router groups of the Routing API. Blocking; any thread. */
interface RouterGroups {
    /**
     * One group of routers.
     *
     * @param reservablePorts such as {@code 1024-1123,2000}; empty for HTTP
     */
    record RouterGroup(String guid, String name, String type, String reservablePorts) {
        private static final int MAX_PORT = 65_535;

        boolean tcp() {
            return type.equals("tcp");
        }

        boolean reserves(int port) {
            return ranges().stream().anyMatch(range -> range[0] <= port && port <= range[1]);
        }

        /** The lowest port that nobody has. */
        Optional<Integer> freePort(Set<Integer> taken) {
            for (int[] range : ranges()) {
                for (int port = range[0]; port <= range[1]; port++) {
                    if (!taken.contains(port)) {
                        return Optional.of(port);
                    }
                }
            }
            return Optional.empty();
        }

        private List<int[]> ranges() {
            List<int[]> ranges = new ArrayList<>();
            for (String part : reservablePorts.split(",")) {
                String[] ends = part.trim().split("-");
                if (ends.length >= 1 && ends[0].matches("\\d{1,5}")) {
                    int from = Integer.parseInt(ends[0]);
                    int to = ends.length == 2 && ends[1].matches("\\d{1,5}") ? Integer.parseInt(ends[1]) : from;
                    ranges.add(new int[] {from, Math.min(to, MAX_PORT)});
                }
            }
            return ranges;
        }
    }

    /** @throws ApiException when the Routing API is not configured or does not answer */
    List<RouterGroup> list();

    default Optional<RouterGroup> find(String guid) {
        return list().stream().filter(group -> group.guid().equals(guid)).findFirst();
    }

    /** For installations without TCP routing. */
    RouterGroups NONE = () -> {
        throw ApiException.routingApiDisabled();
    };
}
