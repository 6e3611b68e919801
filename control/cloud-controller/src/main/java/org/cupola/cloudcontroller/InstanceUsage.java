package org.cupola.cloudcontroller;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What instances use, as measured by their cells. Blocking; any thread. */
@FunctionalInterface
interface InstanceUsage {
    /** Where nobody measures. */
    InstanceUsage NONE = (app, process) -> Map.of();

    /**
     * One instance, at the newest measurement of each.
     *
     * @param cpu            fraction of one core
     * @param cpuEntitlement fraction of what it may use; none when not measured
     * @param logRate        bytes a second
     */
    record Usage(double cpu, @Nullable Double cpuEntitlement, long memoryBytes, long diskBytes, long logRate) {
        static final Usage ZERO = new Usage(0, null, 0, 0, 0);
    }

    /**
     * By instance index; what has not been measured for two minutes is not in it.
     *
     * @throws IOException when the store of metrics does not answer
     */
    Map<Integer, Usage> of(String appGuid, String processGuid) throws IOException;
}
