package org.cupola.gorouter.proxy;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Who a client is: the peer, or what the PROXY protocol says. Immutable as long as nobody writes to {@link #ip}. */
final class ClientAddress {
    private final InetSocketAddress socket;
    private final byte[] ip;

    ClientAddress(InetSocketAddress socket) {
        this.socket = socket;
        this.ip = socket.getAddress().getHostAddress().getBytes(StandardCharsets.US_ASCII);
    }

    InetSocketAddress socket() {
        return socket;
    }

    /** The address without its port, as text for headers and logs. */
    byte[] ip() {
        return ip;
    }
}
