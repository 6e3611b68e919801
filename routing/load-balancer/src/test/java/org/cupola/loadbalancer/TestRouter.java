package org.cupola.loadbalancer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A router as seen by a load balancer: each connection is greeted with the router's name and a line end, then echoed. Beside
 * it a health endpoint that answers what it is told to.
 */
final class TestRouter implements AutoCloseable {
    private final String name;
    private final ServerSocket listener;
    private final ServerSocket health;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile int healthStatus = 200;

    TestRouter(String name) {
        this(name, new InetSocketAddress("127.0.0.1", 0));
    }

    TestRouter(String name, InetSocketAddress address) {
        this.name = name;
        try {
            listener = new ServerSocket(address.getPort(), 1000, address.getAddress());
            health = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Under a virtual thread in accept(), a closed listener goes on listening until that thread has had its turn.
        Thread.ofPlatform().daemon().start(() -> acceptAll(listener, this::echo));
        Thread.ofPlatform().daemon().start(() -> acceptAll(health, this::answerHealth));
    }

    private interface Conversation {
        void hold(Socket socket) throws IOException;
    }

    private void acceptAll(ServerSocket server, Conversation conversation) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        conversation.hold(socket);
                    } catch (IOException e) {
                        // the client, or the death of this router, ended it
                    } finally {
                        open.remove(socket);
                    }
                });
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void echo(Socket socket) throws IOException {
        accepted.incrementAndGet();
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().transferTo(socket.getOutputStream());
        socket.shutdownOutput();
    }

    private void answerHealth(Socket socket) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            // the request says nothing of interest
        }
        socket.getOutputStream()
                .write(("HTTP/1.1 " + healthStatus + " X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
    }

    String name() {
        return name;
    }

    int port() {
        return listener.getLocalPort();
    }

    int accepted() {
        return accepted.get();
    }

    void answersHealthWith(int status) {
        healthStatus = status;
    }

    String healthUrl() {
        return "http://127.0.0.1:" + health.getLocalPort() + "/health";
    }

    /** As YAML. */
    String asHttpBackend() {
        return "{address: \"127.0.0.1:" + port() + "\", health: \"" + healthUrl() + "\"}";
    }

    String asTcpBackend() {
        return "{address: " + listener.getInetAddress().getHostAddress() + ", health: \"" + healthUrl() + "\"}";
    }

    /** Dies at once: nothing is accepted any more and everything open is reset. */
    void die() {
        try {
            listener.close();
            health.close();
            for (Socket socket : open) {
                reset(socket);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void reset(Socket socket) throws IOException {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            return; // its conversation has just ended, which closed it
        }
        socket.close();
    }

    @Override
    public void close() {
        die();
    }
}
