package org.cupola.gorouter.routes;

import java.util.Set;

/** Which endpoints this router serves. Immutable. */
public record Sharding(Mode mode, Set<String> segments) {
    public enum Mode {
        ALL("all"),
        SEGMENTS("segments"),
        SHARED_AND_SEGMENTS("shared-and-segments");

        private final String label;

        Mode(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    public static final Sharding EVERYTHING = new Sharding(Mode.ALL, Set.of());

    public Sharding {
        segments = Set.copyOf(segments);
    }

    public boolean accepts(String segment) {
        return switch (mode) {
            case ALL -> true;
            case SEGMENTS -> segments.contains(segment);
            case SHARED_AND_SEGMENTS -> segment.isEmpty() || segments.contains(segment);
        };
    }
}
