package org.cupola.tcprouter;

/** How a backend is chosen for a new connection. */
enum Balancing {
    ROUND_ROBIN("round-robin"),
    /** The one with the fewest open connections. */
    LEAST_CONNECTION("least-connection"),
    /** The same one for the same client address, as long as the backends stay. */
    SOURCE_HASH("source-hash");

    private final String configName;

    Balancing(String configName) {
        this.configName = configName;
    }

    String configName() {
        return configName;
    }
}
