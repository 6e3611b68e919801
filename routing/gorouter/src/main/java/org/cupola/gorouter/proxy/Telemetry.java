package org.cupola.gorouter.proxy;

import org.cupola.gorouter.loggregator.Metron;
import org.jspecify.annotations.Nullable;

/**
 * To whom the data plane tells of single requests, besides its own counts. Immutable, any thread.
 *
 * @param metron         the Loggregator agent, {@code null} for none; the next three are of no effect without
 * @param accessLines    whether apps get the access log's lines about them
 * @param serverEvents   whether it learns of each request that was answered
 * @param clientEvents   whether it learns of each attempt at a backend
 * @param perRequest     whether the times of each request are kept, and told it
 * @param sourceInstance which router this is
 * @param usage          whether requests are counted by app and component
 * @param activeApps     whether apps that have requests are remembered until they are asked for
 */
public record Telemetry(
        @Nullable Metron metron,
        boolean accessLines,
        boolean serverEvents,
        boolean clientEvents,
        boolean perRequest,
        String sourceInstance,
        boolean usage,
        boolean activeApps) {
    /** Nobody. */
    public static final Telemetry NONE = new Telemetry(null, false, false, false, false, "", false, false);
}
