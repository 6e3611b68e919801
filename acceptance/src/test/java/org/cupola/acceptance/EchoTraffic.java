package org.cupola.acceptance;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A server that sends back what it gets, and long-lived connections to it that never rest and must never break. */
final class EchoTraffic implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    private final List<Socket> connections = new ArrayList<>();
    private final AtomicLong rounds = new AtomicLong();
    private final CompletableFuture<Void> broken = new CompletableFuture<>();
    private volatile boolean ending;

    EchoTraffic() throws IOException {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket accepted = server.accept();
                    Thread.ofVirtual().start(() -> echo(accepted));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    private static void echo(Socket accepted) {
        try (accepted) {
            accepted.getInputStream().transferTo(accepted.getOutputStream());
        } catch (IOException e) {
            // the router's end of it is gone; the client's side tells the test
        }
    }

    int port() {
        return server.getLocalPort();
    }

    /** Opens one more connection through a router; only before {@link #start}. */
    void open(InetSocketAddress router) throws IOException {
        connections.add(connect(router));
    }

    private static Socket connect(InetSocketAddress router) throws IOException {
        var socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        socket.connect(router, 60_000);
        return socket;
    }

    /** Whether a new connection through the router is echoed. */
    static boolean echoes(InetSocketAddress router) throws IOException {
        try (Socket socket = connect(router)) {
            exchange(socket, 42);
            return true;
        }
    }

    /** Sends on every connection and awaits every echo, again and again. */
    void start() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (!ending) {
                    long round = rounds.get() + 1;
                    for (Socket connection : connections) {
                        exchange(connection, round);
                    }
                    rounds.set(round);
                }
            } catch (IOException | RuntimeException e) {
                broken.completeExceptionally(e);
            }
        });
    }

    private static void exchange(Socket connection, long number) throws IOException {
        connection
                .getOutputStream()
                .write(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
        long answer = new DataInputStream(connection.getInputStream()).readLong();
        if (answer != number) {
            throw new IOException("echo: " + answer + " (expected: " + number + ")");
        }
    }

    /** How often all connections have been used. */
    long rounds() {
        return rounds.get();
    }

    /** Fails with the first thing that went wrong on any connection. */
    CompletableFuture<Void> broken() {
        return broken;
    }

    @Override
    public void close() throws IOException {
        ending = true;
        for (Socket connection : connections) {
            connection.close();
        }
        server.close();
    }
}
