package org.cupola.rep.container;

/**
 * One port of a container.
 *
 * @param containerPort as the work names it
 * @param hostPort      on the cell's address
 * @param listenPort    on the container's address, what the process must open: the container port where containers have a network
 *                      of their own, the host port where they share the host's
 */
public record PortMapping(int containerPort, int hostPort, int listenPort) {}
