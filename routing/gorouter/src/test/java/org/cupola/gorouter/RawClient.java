package org.cupola.gorouter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** A connection on which tests say exactly what they want, byte for byte. Blocking; reads give up after 10 s. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
    }

    Socket socket() {
        return socket;
    }

    void send(String latin1) throws IOException {
        send(latin1.getBytes(ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Up to the end of the connection. */
    String readAll() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    /** Up to and with the text. */
    String readTo(String end) throws IOException {
        var read = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("connection ended after: " + read.toString(ISO_8859_1));
            }
            read.write(b);
            if (b == end.charAt(end.length() - 1) && read.toString(ISO_8859_1).endsWith(end)) {
                return read.toString(ISO_8859_1);
            }
        }
    }

    String read(int length) throws IOException {
        return new String(in.readNBytes(length), ISO_8859_1);
    }

    /** A response head, blank line included. */
    String readHead() throws IOException {
        return readTo("\r\n\r\n");
    }

    /** A response whose head says how long it is. */
    String readResponse() throws IOException {
        String head = readHead();
        for (String line : head.split("\r\n")) {
            if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
                return head + read(Integer.parseInt(line.substring(15).strip()));
            }
        }
        return head;
    }

    /** Whether the other side has closed. */
    boolean isEnded() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
