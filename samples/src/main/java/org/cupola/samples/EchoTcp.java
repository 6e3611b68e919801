package org.cupola.samples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A TCP app that sends back every byte it gets, and ends its side when the client has ended its own. */
final class EchoTcp {
    private EchoTcp() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        try (var server = new ServerSocket(port, 512, InetAddress.getByAddress(new byte[4]))) {
            System.out.println("echoing on " + port);
            while (true) {
                Socket connection = server.accept();
                Thread.ofVirtual().start(() -> echo(connection));
            }
        }
    }

    private static void echo(Socket connection) {
        try (connection) {
            connection.getInputStream().transferTo(connection.getOutputStream());
        } catch (IOException e) {
            System.err.println("connection ended: " + e.getMessage());
        }
    }
}
