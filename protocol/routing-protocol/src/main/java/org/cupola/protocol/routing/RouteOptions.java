package org.cupola.protocol.routing;

import java.nio.charset.StandardCharsets;

/**
 * Per-route options of a registration. Immutable.
 *
 * @param loadBalancing the algorithm, empty for the router's default; {@code lb_algo} is its name before December 2024
 * @param hashHeader    the request header that {@code hash} balancing looks at, or empty
 * @param hashBalance   how far above the average one instance may be loaded under {@code hash}; 0 means any
 * @param json          the options as they came or go over the wire, {@code ""} for none
 */
public record RouteOptions(String loadBalancing, String hashHeader, double hashBalance, String json) {
    public static final RouteOptions NONE = new RouteOptions("", "", 0, "");

    /**
     * From the JSON of a route's {@code options}; empty text and {@code null} mean none.
     *
     * @throws RegistryMessageException when it is not a JSON object with values of the right types
     */
    public static RouteOptions parse(String json) throws RegistryMessageException {
        if (json.isBlank()) {
            return NONE;
        }
        return RegistryMessageParser.options(new JsonScanner(json.getBytes(StandardCharsets.UTF_8)));
    }

    public boolean isEmpty() {
        return json.isEmpty();
    }
}
