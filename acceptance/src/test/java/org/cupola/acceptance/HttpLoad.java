package org.cupola.acceptance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends GET requests over many keep-alive connections until closed, and remembers every request that was not answered with 200.
 *
 * <p>Only what a correct client may retry is retried: nothing. A connection that the server announced to close is
 * replaced; one that breaks in a request is a failure.
 */
final class HttpLoad implements AutoCloseable {
    private final InetSocketAddress address;
    private final byte[] request;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicLong answered = new AtomicLong();
    private final Map<String, AtomicLong> bodies = new ConcurrentHashMap<>();
    private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    /** One answer; {@code close} when the server said so. */
    record Answer(int status, Map<String, String> headers, String body) {
        boolean close() {
            return "close".equalsIgnoreCase(headers.get("connection"));
        }
    }

    /** A request without a good answer; {@code sentAt} as {@link System#nanoTime}. */
    record Failure(long sentAt, String outcome) {}

    HttpLoad(String address, int port, String host, int connections) {
        this.address = new InetSocketAddress(address, port);
        this.request = request(host, "/");
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofVirtual().name("load-" + i).start(this::drive));
        }
    }

    static byte[] request(String host, String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** One request on a connection of its own. */
    static Answer get(String address, int port, String host, String path) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 5_000);
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request(host, path));
            return read(new BufferedInputStream(socket.getInputStream()));
        }
    }

    long answered() {
        return answered.get();
    }

    /** How often each body was seen. */
    Map<String, AtomicLong> bodies() {
        return bodies;
    }

    List<Failure> failures() {
        return List.copyOf(failures);
    }

    private void drive() {
        while (running.get()) {
            long sentAt = System.nanoTime();
            try (var socket = new Socket()) {
                socket.connect(address, 5_000);
                socket.setSoTimeout(30_000);
                socket.setTcpNoDelay(true);
                var input = new BufferedInputStream(socket.getInputStream());
                boolean open = true;
                while (open && running.get()) {
                    sentAt = System.nanoTime();
                    socket.getOutputStream().write(request);
                    Answer answer = read(input);
                    answered.incrementAndGet();
                    if (answer.status() != 200) {
                        failures.add(new Failure(sentAt, answer.toString()));
                    }
                    bodies.computeIfAbsent(answer.body(), _ -> new AtomicLong()).incrementAndGet();
                    open = !answer.close();
                }
            } catch (IOException e) {
                if (running.get()) {
                    failures.add(new Failure(sentAt, e.toString()));
                }
            }
        }
    }

    private static Answer read(InputStream input) throws IOException {
        String status = line(input);
        Map<String, String> headers = new java.util.HashMap<>();
        for (String line = line(input); !line.isEmpty(); line = line(input)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(java.util.Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "-1"));
        String body;
        if (length >= 0) {
            body = new String(input.readNBytes(length), StandardCharsets.UTF_8);
        } else if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            body = chunks(input);
        } else {
            body = new String(input.readAllBytes(), StandardCharsets.UTF_8);
        }
        return new Answer(Integer.parseInt(status.split(" ")[1]), headers, body);
    }

    private static String chunks(InputStream input) throws IOException {
        var body = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(line(input).split(";")[0].strip(), 16);
            body.append(new String(input.readNBytes(size), StandardCharsets.UTF_8));
            String end = line(input);
            if (size == 0) {
                while (!end.isEmpty()) {
                    end = line(input);
                }
                return body.toString();
            }
        }
    }

    private static String line(InputStream input) throws IOException {
        var line = new StringBuilder();
        for (int c = input.read(); c != '\n'; c = input.read()) {
            if (c < 0) {
                throw new IOException("connection closed " + (line.isEmpty() ? "before an answer" : "in " + line));
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        running.set(false);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
