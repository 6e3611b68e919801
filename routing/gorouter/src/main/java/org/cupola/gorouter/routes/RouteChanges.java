package org.cupola.gorouter.routes;

import java.util.List;

/** Hears what changes in the table, in order, on the thread that changes it and under the table's lock. */
public interface RouteChanges {
    RouteChanges IGNORED = new RouteChanges() {};

    default void routeRegistered(String uri) {}

    default void endpointRegistered(String uri, Endpoint endpoint) {}

    default void endpointUpdated(String uri, Endpoint endpoint) {}

    /** An older version of it came after a newer one. */
    default void endpointNotRegistered(String uri, EndpointInfo refused) {}

    default void endpointUnregistered(String uri, Endpoint endpoint) {}

    default void endpointNotUnregistered(String uri, EndpointInfo unknown) {}

    default void routeUnregistered(String uri) {}

    /** A registration had an option of a value that makes no sense; it is registered without. */
    default void optionIgnored(String uri, String problem) {}

    /** Its announcer leaves it out; from now on it is passed over. */
    default void endpointMissing(String uri, Endpoint endpoint) {}

    /** It was missing, and did not answer or was missing for long. */
    default void endpointWithdrawn(String uri, Endpoint endpoint) {}

    /** A registration asked for balancing that nobody knows; the route keeps what it has, empty for the router's. */
    default void balancingIgnored(String uri, String asked, String kept) {}

    /** These were not refreshed in time. */
    default void pruned(String uri, List<Endpoint> endpoints) {}
}
