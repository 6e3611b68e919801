package org.cupola.acceptance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/**
 * One address for several instances of which one serves, as a platform's name service gives it: each connection goes to the
 * first port where somebody listens, and is closed at once when nobody does.
 */
final class WhoeverListens implements AutoCloseable {
    private final ServerSocket server;
    private final List<Integer> ports;

    WhoeverListens(Integer... ports) throws IOException {
        this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        this.ports = List.of(ports);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket instance = connect()) {
            Thread back = Thread.ofVirtual().start(() -> pump(instance, client));
            pump(client, instance);
            back.join();
        } catch (IOException e) {
            // nobody serves just now, which the client sees as a closed connection
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Socket connect() throws IOException {
        var nobody = new IOException("nobody listens on " + ports);
        for (int port : ports) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException e) {
                nobody.addSuppressed(e);
            }
        }
        throw nobody;
    }

    /** Either end takes both with it. */
    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one of the two is gone, and now the other is
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
