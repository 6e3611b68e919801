package org.cupola.gorouter;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;

/** The address under which others see this machine. */
final class OwnAddress {
    private OwnAddress() {}

    /** The one that the system would send from; nothing is sent. Loopback where there is no network at all. */
    static String find() {
        try (var socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress("1.2.3.4", 1));
            String address = socket.getLocalAddress().getHostAddress();
            return socket.getLocalAddress().isAnyLocalAddress() ? "127.0.0.1" : address;
        } catch (IOException | java.io.UncheckedIOException e) {
            return "127.0.0.1";
        }
    }
}
