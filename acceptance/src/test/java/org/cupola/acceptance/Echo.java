package org.cupola.acceptance;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client of the TCP sample app. */
final class Echo {
    private Echo() {}

    /** Sends the text on a connection of its own and returns all that comes back. */
    static String echo(int port, String text) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
