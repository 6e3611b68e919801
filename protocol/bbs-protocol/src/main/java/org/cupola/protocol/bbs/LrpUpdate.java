package org.cupola.protocol.bbs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes a cell makes to a running instance. Absent means: leave as it is; empty means: clear.
 *
 * @param internalRoutes names on the platform's internal domain
 */
public record LrpUpdate(
        @JsonProperty("instance_guid") String instanceGuid,
        @JsonProperty("process_guid") String processGuid,
        @JsonProperty("index") int index,
        @JsonProperty("domain") String domain,
        @JsonProperty("internal_routes") @Nullable List<InternalRoute> internalRoutes,
        @JsonProperty("metric_tags") @Nullable Map<String, String> metricTags) {
    /** One internal route as JSON. */
    public record InternalRoute(@JsonProperty("hostname") String hostname) {
        public InternalRoute {
            hostname = JsonValues.orEmpty(hostname);
        }
    }
}
