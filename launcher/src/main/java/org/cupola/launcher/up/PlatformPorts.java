package org.cupola.launcher.up;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which port each part of an all-in-one platform has. Immutable.
 *
 * <p>The components must know each other's ports before any of them listens, so none is left to the system's choice.
 */
public record PlatformPorts(Map<PlatformPort, Integer> byPort, PortRange tcpRoutes) {
    private static final int FIRST_FREE = 20_000;
    private static final int FREE_COUNT = 12_000;

    public PlatformPorts {
        byPort = Map.copyOf(byPort);
    }

    /** The public ports as given, the internal ones one after another from {@code internalBase}. */
    public static PlatformPorts of(Map<PlatformPort, Integer> publicPorts, PortRange tcpRoutes, int internalBase) {
        Map<PlatformPort, Integer> ports = new EnumMap<>(PlatformPort.class);
        int next = internalBase;
        for (PlatformPort port : PlatformPort.values()) {
            ports.put(port, port.isPublic() ? requireNonNull(publicPorts.get(port), port.label()) : next++);
        }
        return new PlatformPorts(ports, tcpRoutes);
    }

    /**
     * Ports that were free a moment ago, for platforms that live shortly. They are below the ports that systems give to
     * clients, so that no client takes one while its component restarts.
     */
    public static PlatformPorts free(PortRange tcpRoutes) {
        Map<PlatformPort, Integer> ports = new EnumMap<>(PlatformPort.class);
        int candidate = FIRST_FREE + ThreadLocalRandom.current().nextInt(FREE_COUNT);
        for (PlatformPort port : PlatformPort.values()) {
            while (!isFree(candidate)) {
                candidate = FIRST_FREE + (candidate + 1 - FIRST_FREE) % FREE_COUNT;
            }
            ports.put(port, candidate);
            candidate = FIRST_FREE + (candidate + 1 - FIRST_FREE) % FREE_COUNT;
        }
        return new PlatformPorts(ports, tcpRoutes);
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    public int of(PlatformPort port) {
        return requireNonNull(byPort.get(port), port.label());
    }

    /**
     * Finds out before anything starts whether all ports can be had.
     *
     * @throws IllegalStateException with one line that names the taken port, what it is for and the flag that moves it
     */
    public void requireFree(String host) {
        for (PlatformPort port : PlatformPort.values()) {
            InetSocketAddress address = new InetSocketAddress(host, of(port));
            try {
                if (port.isUdp()) {
                    try (var socket = new DatagramSocket(null)) {
                        socket.bind(address);
                    }
                }
                try (var socket = new ServerSocket()) {
                    socket.setReuseAddress(true); // what a stopped platform left in TIME_WAIT is no obstacle
                    socket.bind(address);
                }
            } catch (IOException e) {
                throw new IllegalStateException(
                        "port " + of(port) + " (" + port.label() + ") cannot be used: " + e.getMessage()
                                + "; choose another with " + port.flag(),
                        e);
            }
        }
    }
}
