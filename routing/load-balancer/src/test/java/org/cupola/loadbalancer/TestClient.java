package org.cupola.loadbalancer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client of a load balancer in front of {@link TestRouter}s. */
final class TestClient implements AutoCloseable {
    private final Socket socket;

    TestClient(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
    }

    Socket socket() {
        return socket;
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Without its end; empty at the end of the stream. */
    String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = socket.getInputStream().read();
                b != -1 && b != '\n';
                b = socket.getInputStream().read()) {
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** The name of the router behind a new connection; also proves that bytes go both ways. */
    static String routerBehind(int port) throws IOException {
        try (var client = new TestClient(port)) {
            client.send("hello\n");
            String router = client.line();
            String echo = client.line();
            if (!echo.equals("hello")) {
                throw new IOException("echo of " + router + ": " + echo);
            }
            return router;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
