import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import javax.net.ServerSocketFactory;

/**
 * A backend that can be told to misbehave. Plain HTTP/1.1 on virtual threads; {@link #healthySince} says from when on every
 * request it gets is answered in full.
 */
final class Instance {
    static final long NEVER = Long.MAX_VALUE;

    /** How an instance is broken. */
    enum Fault {
        NONE,
        /** Listener and connections closed, as when a process ends. */
        KILLED,
        /** The same with resets. */
        RESET,
        /** New connections are refused, those that are open go on. */
        REFUSING,
        /** Responses end in the middle, with a reset. */
        CUTTING,
        /** Connections end after the request, without an answer. */
        CLOSING,
        /** The same with a reset. */
        RESETTING,
        /** Takes everything, answers nothing; goes on where it was when that is over. */
        HANGING
    }

    final int port;
    final boolean tls;
    private final ServerSocketFactory sockets;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Nanoseconds of {@link System#nanoTime}; {@link #NEVER} while it is broken. Set before the harm is done. */
    volatile long healthySince = NEVER;

    volatile Fault fault = Fault.NONE;
    private ServerSocket listener;

    Instance(int port, boolean tls, ServerSocketFactory sockets) throws IOException {
        this.port = port;
        this.tls = tls;
        this.sockets = sockets;
        listen();
        healthySince = System.nanoTime();
    }

    private synchronized void listen() throws IOException {
        ServerSocket server = sockets.createServerSocket(port, 1024, InetAddress.getLoopbackAddress());
        listener = server;
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    Socket accepted = server.accept();
                    open.add(accepted);
                    if (server.isClosed()) {
                        accepted.close();
                    }
                    Thread.ofVirtual().start(() -> serve(accepted));
                } catch (IOException e) {
                    if (server.isClosed()) {
                        return;
                    }
                }
            }
        });
    }

    /** From now on it does what the fault says. */
    void breakWith(Fault how) throws IOException {
        healthySince = NEVER;
        synchronized (this) {
            fault = how;
            if (how == Fault.KILLED || how == Fault.RESET || how == Fault.REFUSING) {
                listener.close();
            }
        }
        if (how == Fault.KILLED || how == Fault.RESET) {
            for (Socket socket : open) {
                close(socket, how == Fault.RESET);
            }
        }
    }

    /** As good as new; requests from {@code graceNanos} on may rely on it. */
    void heal(long graceNanos) throws IOException {
        synchronized (this) {
            fault = Fault.NONE;
            notifyAll();
        }
        for (int tries = 1; listener.isClosed(); tries++) {
            try {
                listen();
            } catch (IOException e) { // the last of the old listener may still be on its way out
                if (tries == 100) {
                    throw e;
                }
                LockSupport.parkNanos(20_000_000L);
            }
        }
        healthySince = System.nanoTime() + graceNanos;
    }

    private static void close(Socket socket, boolean reset) {
        try {
            if (reset) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            // closed by the other side
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new Wire(socket.getInputStream());
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 16384);
            while (true) {
                Head head = Head.read(in);
                if (head == null || !answer(socket, head, in, out)) {
                    return;
                }
            }
        } catch (IOException e) {
            // the router or a fault ended it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    /** False to end the connection. */
    private boolean answer(Socket socket, Head head, Wire in, OutputStream out)
            throws IOException, InterruptedException {
        String[] path = head.firstWord(1).split("/"); // "", kind, size, token
        String token = path[3];
        int size = Integer.parseInt(path[2]);
        boolean intact = true;
        if (head.has("content-length") || head.has("transfer-encoding")) {
            intact = Payload.read(in, head, token, size);
            size = 16;
        }
        synchronized (this) {
            while (fault == Fault.HANGING) {
                wait();
            }
        }
        Fault now = fault;
        if (now == Fault.CLOSING || now == Fault.RESETTING || socket.isClosed()) {
            close(socket, now == Fault.RESETTING);
            return false;
        }
        boolean chunked = path[1].equals("c") || path[1].equals("s");
        out.write(
                ("HTTP/1.1 " + (intact ? "200 OK" : "500 Corrupt") + "\r\nX-Instance: " + port + "\r\nX-Token: " + token
                                + (chunked
                                        ? "\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        : "\r\nContent-Length: " + size + "\r\n\r\n"))
                        .getBytes(StandardCharsets.US_ASCII));
        byte[] start = Payload.token(token);
        if (now == Fault.CUTTING) {
            if (chunked) {
                out.write("40\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            out.write(start, 0, 8);
            out.flush();
            Thread.sleep(2); // or the reset overtakes what was sent
            close(socket, true);
            return false;
        }
        if (chunked) {
            int piece = Math.max(16, size / 8);
            for (int at = 0; at < size; at += piece) {
                int length = Math.min(piece, size - at);
                out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                Payload.write(out, start, at, length);
                out.write('\r');
                out.write('\n');
                if (path[1].equals("s")) {
                    out.flush();
                    Thread.sleep(10);
                }
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
            Payload.write(out, start, 0, size);
        }
        out.flush();
        return true;
    }
}
