package org.cupola.tcprouter;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * The original's command line flags that mean something here. Immutable.
 *
 * @param baseConfig                   head of the HAProxy configuration, from which timeouts, limits and health
 *                                     listeners are taken; absent for none
 * @param subscriptionRetryInterval    pause after a failed subscription
 * @param syncInterval                 between two bulk lists
 * @param staleRouteCheckInterval      between two looks for expired routes
 * @param defaultRouteExpiry           time to live of routes that carry none
 * @param routingGroupCheckExit        whether a router group with a reserved port ends the process
 * @param tokenFetchMaxRetries         per token
 * @param tokenFetchRetryInterval      between them
 * @param tokenExpirationBuffer        a token counts as expired this long before its end
 * @param statsCollectionInterval      between two reports of metrics
 * @param dropsondePort                where the Loggregator agent of this machine listens; 0 means that nothing is sent
 */
public record TcpRouterFlags(
        @Nullable Path baseConfig,
        Duration subscriptionRetryInterval,
        Duration syncInterval,
        Duration staleRouteCheckInterval,
        Duration defaultRouteExpiry,
        boolean routingGroupCheckExit,
        int tokenFetchMaxRetries,
        Duration tokenFetchRetryInterval,
        Duration tokenExpirationBuffer,
        Duration statsCollectionInterval,
        int dropsondePort) {
    public static final TcpRouterFlags DEFAULT = new TcpRouterFlags(
            null,
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            false,
            3,
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            0);

    private static final Duration MAX_EXPIRY = Duration.ofSeconds(65_535);

    /** @throws ConfigException with everything that is out of range */
    public TcpRouterFlags validated() throws ConfigException {
        List<String> problems = new ArrayList<>();
        positive(problems, "subscriptionRetryInterval", subscriptionRetryInterval);
        positive(problems, "syncInterval", syncInterval);
        positive(problems, "staleRouteCheckInterval", staleRouteCheckInterval);
        positive(problems, "defaultRouteExpiry", defaultRouteExpiry);
        if (defaultRouteExpiry.compareTo(MAX_EXPIRY) > 0) {
            problems.add(
                    "invalid-route-expiry: defaultRouteExpiry: " + defaultRouteExpiry + " (expected: at most 65535 s)");
        }
        if (staleRouteCheckInterval.compareTo(defaultRouteExpiry) > 0) {
            problems.add("invalid-stale-route-check-interval: staleRouteCheckInterval: " + staleRouteCheckInterval
                    + " (expected: at most defaultRouteExpiry, " + defaultRouteExpiry + ")");
        }
        positive(problems, "statsCollectionInterval", statsCollectionInterval);
        if (dropsondePort < 0 || dropsondePort > 65_535) {
            problems.add("dropsondePort: " + dropsondePort + " (expected: 0 to 65535)");
        }
        if (tokenFetchMaxRetries < 0) {
            problems.add("tokenFetchMaxRetries: " + tokenFetchMaxRetries + " (expected: >= 0)");
        }
        if (!problems.isEmpty()) {
            throw new ConfigException("flags", problems);
        }
        return this;
    }

    private static void positive(List<String> problems, String flag, Duration value) {
        if (!value.isPositive()) {
            problems.add(flag + ": " + value + " (expected: a positive duration)");
        }
    }
}
