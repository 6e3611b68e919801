package org.cupola.auctioneer;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Why something could not be placed, in the words that users see. The later kinds are closer to a placement. */
sealed interface PlacementError {
    String text();

    /** How far the search got; of several reasons the one that got farthest is told. */
    int reach();

    /** There is no cell, or none answered. */
    record NoCells() implements PlacementError {
        @Override
        public String text() {
            return "unable to communicate to compatible cells";
        }

        @Override
        public int reach() {
            return 0;
        }
    }

    /** No cell has the root file system. */
    record RootFs() implements PlacementError {
        @Override
        public String text() {
            return "found no compatible cell for required rootfs";
        }

        @Override
        public int reach() {
            return 1;
        }
    }

    /** Cells with the root file system lack a volume driver. */
    record VolumeDrivers() implements PlacementError {
        @Override
        public String text() {
            return "found no compatible cell with required volume drivers";
        }

        @Override
        public int reach() {
            return 2;
        }
    }

    /** Cells that would do are set aside for other tags. */
    record Tags(List<String> wanted) implements PlacementError {
        @Override
        public String text() {
            List<String> quoted = wanted.stream().map(tag -> '"' + tag + '"').toList();
            String prefix = "found no compatible cell with ";
            return switch (quoted.size()) {
                case 0 -> prefix + "no placement tags";
                case 1 -> prefix + "placement tag " + quoted.getFirst();
                default ->
                    prefix + "placement tags " + String.join(", ", quoted.subList(0, quoted.size() - 1)) + " and "
                            + quoted.getLast();
            };
        }

        @Override
        public int reach() {
            return 3;
        }
    }

    /** @param lacking what every cell that was tried has too little of */
    record Resources(Set<Resource> lacking) implements PlacementError {
        @Override
        public String text() {
            String list =
                    new TreeSet<>(lacking).stream().map(Resource::text).sorted().collect(Collectors.joining(", "));
            return list.isEmpty() ? "insufficient resources" : "insufficient resources: " + list;
        }

        @Override
        public int reach() {
            return 4;
        }
    }

    /** Too much is being started already. */
    record InFlight() implements PlacementError {
        @Override
        public String text() {
            return "waiting to start instance: reached in-flight start limit";
        }

        @Override
        public int reach() {
            return 5;
        }
    }

    /** The chosen cell did not take it after all. */
    record Refused(String cellId) implements PlacementError {
        @Override
        public String text() {
            return "cell " + cellId + " did not accept the work";
        }

        @Override
        public int reach() {
            return 6;
        }
    }

    /** What a cell hands out. */
    enum Resource {
        CONTAINERS("containers"),
        DISK("disk"),
        MEMORY("memory");

        private final String text;

        Resource(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }
}
