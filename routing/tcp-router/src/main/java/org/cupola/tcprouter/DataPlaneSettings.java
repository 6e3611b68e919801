package org.cupola.tcprouter;

import java.net.InetAddress;
import java.time.Duration;
import org.cupola.platform.net.ProxyHeader;
import org.cupola.platform.net.RelaySettings;
import org.jspecify.annotations.Nullable;

/**
 * How connections are treated. Immutable.
 *
 * @param listenAddress         where external ports are opened
 * @param eventLoops            threads; 0 means one per processor
 * @param connectTimeout        of one attempt when no other backend is left to try
 * @param idleTimeout           a connection without bytes either way for this long is closed; zero means never
 * @param clientHelloTimeout    how long a client of a port with SNI hosts may stay silent
 * @param maxConnections        open at once in all; further ones wait in the listen queue
 * @param maxConnectionsPerPort open at once on one port
 * @param acceptProxyProtocol   clients send a PROXY header first; those that do not are closed
 * @param sendProxyProtocol     backends get a PROXY header of this version first; absent for none
 * @param removedBackendTimeout open connections to a backend that lost its route are closed after this; zero means never
 * @param udpIdleTimeout        how long a client without datagrams keeps its backend; absent when no UDP is routed
 */
record DataPlaneSettings(
        InetAddress listenAddress,
        int eventLoops,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration clientHelloTimeout,
        int maxConnections,
        int maxConnectionsPerPort,
        boolean acceptProxyProtocol,
        ProxyHeader.@Nullable Version sendProxyProtocol,
        Duration removedBackendTimeout,
        @Nullable Duration udpIdleTimeout) {
    static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(30);
    static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);
    static final Duration DEFAULT_CLIENT_HELLO_TIMEOUT = Duration.ofSeconds(5);
    static final Duration DEFAULT_UDP_IDLE_TIMEOUT = Duration.ofMinutes(1);
    static final int DEFAULT_MAX_CONNECTIONS = 64_000;

    private static final int BUFFER_BYTES = 64 * 1024;

    static DataPlaneSettings on(InetAddress listenAddress) {
        return new DataPlaneSettings(
                listenAddress,
                0,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_IDLE_TIMEOUT,
                DEFAULT_CLIENT_HELLO_TIMEOUT,
                DEFAULT_MAX_CONNECTIONS,
                DEFAULT_MAX_CONNECTIONS,
                false,
                null,
                Duration.ZERO,
                null);
    }

    /** A half-closed connection has the same right to be idle: apps may answer long after the client's last byte. */
    RelaySettings relay() {
        return new RelaySettings(BUFFER_BYTES, idleTimeout, idleTimeout);
    }
}
