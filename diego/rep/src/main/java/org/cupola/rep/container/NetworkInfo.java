package org.cupola.rep.container;

import java.util.List;

/**
 * How a container is reached.
 *
 * @param externalAddress the cell's address, where host ports are
 * @param containerAddress where the listen ports are
 */
public record NetworkInfo(String externalAddress, String containerAddress, List<PortMapping> ports) {
    public NetworkInfo {
        ports = List.copyOf(ports);
    }

    /** The port a process has to listen on for the given port of the specification; itself when it is not mapped. */
    public int listenPort(int containerPort) {
        return ports.stream()
                .filter(mapping -> mapping.containerPort() == containerPort)
                .mapToInt(PortMapping::listenPort)
                .findFirst()
                .orElse(containerPort);
    }
}
