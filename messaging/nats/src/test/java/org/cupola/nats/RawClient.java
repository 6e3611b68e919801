package org.cupola.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that speaks bytes. What it expects, it expects exactly. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final String info;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        this.in = new BufferedInputStream(socket.getInputStream());
        this.info = line();
    }

    /** Connects and reads INFO. */
    static RawClient connect(int port) throws IOException {
        return new RawClient(new Socket("127.0.0.1", port));
    }

    /** Also sends CONNECT, not verbose, with further fields, and waits until it was processed. */
    static RawClient connected(int port, String moreFields) throws IOException {
        RawClient client = connect(port);
        client.send("CONNECT {\"verbose\":false,\"pedantic\":false" + moreFields + "}\r\nPING\r\n");
        client.expect("PONG\r\n");
        return client;
    }

    static RawClient connected(int port) throws IOException {
        return connected(port, "");
    }

    String info() {
        return info;
    }

    Socket socket() {
        return socket;
    }

    void send(String bytes) throws IOException {
        send(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Everything sent so far has been processed by the server when this returns. */
    void sync() throws IOException {
        send("PING\r\n");
        expect("PONG\r\n");
    }

    /** As {@link #sync}, with more expected before the PONG. */
    void syncAfter(String expectedBefore) throws IOException {
        send("PING\r\n");
        String found = line();
        while (!found.endsWith("PONG\r\n")) {
            found += line();
        }
        assertThat(found).isEqualTo(expectedBefore + "PONG\r\n");
    }

    String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b != -1; b = in.read()) {
            line.write(b);
            if (b == '\n') {
                break;
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Reads as many bytes as are expected, and compares. */
    void expect(String expected) throws IOException {
        var found = new ByteArrayOutputStream();
        try {
            while (found.size() < expected.length()) {
                int b = in.read();
                if (b == -1) {
                    break;
                }
                found.write(b);
            }
        } catch (SocketTimeoutException e) {
            // told by the comparison
        }
        assertThat(found.toString(StandardCharsets.ISO_8859_1)).isEqualTo(expected);
    }

    /** Nothing more comes: the connection ends, by the end of the stream or by a reset. */
    void expectClosed() throws IOException {
        try {
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .isEmpty();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the connection is still open", e);
        } catch (java.net.SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
