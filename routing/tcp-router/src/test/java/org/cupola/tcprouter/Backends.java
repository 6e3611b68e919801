package org.cupola.tcprouter;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A backend that greets with its name and a line feed, then echoes until the client has finished. */
final class Backends implements AutoCloseable {
    final AtomicInteger accepted = new AtomicInteger();
    final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ServerSocket server;
    private final @Nullable String name;

    /** @param name null for one that says nothing by itself */
    Backends(ServerSocket server, @Nullable String name) {
        this.server = server;
        this.name = name;
        Thread.ofVirtual().start(this::accept);
    }

    static Backends greeting(String name) throws IOException {
        return new Backends(new ServerSocket(0, 1000, InetAddress.getLoopbackAddress()), name);
    }

    static Backends silent() throws IOException {
        return new Backends(new ServerSocket(0, 1000, InetAddress.getLoopbackAddress()), null);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            if (name != null) {
                out.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
            byte[] buffer = new byte[16 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (SocketException e) {
            return; // reset by the test
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
