package org.cupola.gorouter.routes;

import java.util.Optional;

/** How a pool picks among its endpoints. */
public enum Balancing {
    ROUND_ROBIN("round-robin"),
    LEAST_CONNECTION("least-connection"),
    HASH("hash");

    private final String label;

    Balancing(String label) {
        this.label = label;
    }

    /** Its name in messages and configuration. */
    public String label() {
        return label;
    }

    public static Optional<Balancing> of(String label) {
        if (label.isEmpty()) {
            return Optional.empty(); // so for almost all routes
        }
        for (Balancing balancing : values()) {
            if (balancing.label.equals(label)) {
                return Optional.of(balancing);
            }
        }
        return Optional.empty();
    }
}
