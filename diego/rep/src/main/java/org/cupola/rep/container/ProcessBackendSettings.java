package org.cupola.rep.container;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How processes stand in for containers.
 *
 * @param folder        where containers' files are; used by one cell at a time
 * @param address       the cell's address, where applications are reached
 * @param firstPort     of the range of host ports
 * @param portCount     size of that range
 * @param environment   base variables of every process, such as PATH; the platform's own are never inherited
 * @param memoryBytes   what the cell may hand out
 * @param diskBytes     what the cell may hand out
 * @param maxContainers at once
 * @param memoryInterval how often memory is looked at
 * @param diskInterval  how often disk is looked at
 */
public record ProcessBackendSettings(
        Path folder,
        String address,
        int firstPort,
        int portCount,
        Map<String, String> environment,
        long memoryBytes,
        long diskBytes,
        int maxContainers,
        Duration memoryInterval,
        Duration diskInterval) {

    /** Above the range Linux takes ports of outgoing connections from. */
    public static final int FIRST_PORT = 61001;

    public static final int PORT_COUNT = 4534;

    public ProcessBackendSettings {
        folder = folder.toAbsolutePath().normalize();
        environment = Environment.copy(environment);
        if (firstPort < 1 || portCount < 1 || firstPort + portCount - 1 > 65535) {
            throw new IllegalArgumentException(
                    "host ports: " + portCount + " from " + firstPort + " (expected: within 1 to 65535)");
        }
    }
}
