package org.cupola.gorouter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that does to each connection what a test tells it. */
final class RawBackend implements AutoCloseable {
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<String> heads = new CopyOnWriteArrayList<>();

    @FunctionalInterface
    interface Script {
        void run(RawClient connection) throws Exception;
    }

    RawBackend(Script script) throws IOException {
        this(0, script);
    }

    RawBackend(int port, Script script) throws IOException {
        this(bound(port), script);
    }

    private static ServerSocket bound(int port) throws IOException {
        var socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 128);
        return socket;
    }

    RawBackend(ServerSocket listener, Script script) {
        this.listener = listener;
        Thread.ofVirtual().start(() -> accept(script));
    }

    /** Answers every request with the given response, keeping connections. */
    static RawBackend answering(String response) throws IOException {
        return serving((backend, connection) -> connection.send(response));
    }

    @FunctionalInterface
    interface Answer {
        void to(RawBackend backend, RawClient connection) throws Exception;
    }

    /** Reads heads (and bodies of a given length) and lets the answer do the rest, again and again. */
    static RawBackend serving(Answer answer) throws IOException {
        return servingOn(0, answer);
    }

    static RawBackend servingOn(int port, Answer answer) throws IOException {
        var self = new RawBackend[1];
        var ready = new java.util.concurrent.CountDownLatch(1);
        self[0] = new RawBackend(port, connection -> {
            ready.await();
            while (true) {
                String head = connection.readHead();
                String lower = head.toLowerCase(Locale.ROOT);
                int length = lower.indexOf("content-length: ");
                String body = length < 0
                        ? ""
                        : connection.read(Integer.parseInt(lower.substring(length + 16, lower.indexOf('\r', length))));
                self[0].heads.add(head + body);
                answer.to(self[0], connection);
            }
        });
        ready.countDown();
        return self[0];
    }

    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private void accept(Script script) {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> {
                    try (var connection = new RawClient(socket)) {
                        script.run(connection);
                    } catch (Exception e) {
                        // the router, or the test, has ended the connection
                    } finally {
                        open.remove(socket);
                    }
                });
            }
        } catch (SocketException e) {
            // closed
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    /** Connections not ended yet. */
    int openConnections() {
        return open.size();
    }

    /** Requests seen, heads and bodies of a given length. */
    List<String> requests() {
        return heads;
    }

    String lastRequest() {
        return heads.getLast();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
