import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocket;

/** One HTTP/1.1 client: one request after the other, on a connection that it keeps or on a new one each time. */
final class Client implements Runnable {
    private static final long SETTLED = 1_000_000_000L;

    private final Load load;
    private final boolean tls;
    private final boolean keeps;
    private final String prefix;
    private Socket socket;
    private Wire in;
    private OutputStream out;
    private int sent;

    Client(Load load, int number, boolean tls, boolean keeps) {
        this.load = load;
        this.tls = tls;
        this.keeps = keeps;
        this.prefix = Integer.toHexString(number) + "-";
    }

    @Override
    public void run() {
        long due = System.nanoTime() + ThreadLocalRandom.current().nextLong(100_000_000L);
        while (!load.stop) {
            one();
            due += load.intervalNanos;
            long now = System.nanoTime();
            if (due > now) {
                LockSupport.parkNanos(due - now);
            } else if (now - due > 1_000_000_000L) {
                due = now;
            }
        }
        drop();
    }

    private void one() {
        var random = ThreadLocalRandom.current();
        int dice = random.nextInt(1000);
        Route route = load.routes.get(random.nextInt(load.routes.size()));
        if (dice < 20) {
            List<Route> recent = load.registrar.recent;
            if (!recent.isEmpty()) {
                route = recent.get(random.nextInt(recent.size()));
            }
        }
        String token = prefix + Integer.toHexString(sent++);
        String kind = "f";
        int size = 1024;
        int upload = -1;
        if (dice >= 990) {
            kind = "s";
            size = 4096;
        } else if (dice >= 900) {
            kind = "c";
            size = 1024 + random.nextInt(20_000);
        } else if (dice >= 870) {
            size = 65_536;
        } else if (dice >= 865) {
            size = 800_000;
        } else if (dice >= 780) {
            upload = 100 + random.nextInt(dice < 790 ? 200_000 : 4000);
        }
        request(route, upload >= 0 ? "p" : kind, upload >= 0 ? 16 : size, upload, token);
    }

    private void request(Route route, String kind, int size, int upload, String token) {
        long begun = System.nanoTime();
        Head head = null;
        boolean intact;
        try {
            if (socket == null) {
                open();
            }
            String method = upload >= 0 ? "POST" : "GET";
            out.write((method + " /" + kind + "/" + (upload >= 0 ? upload : size) + "/" + token + " HTTP/1.1\r\nHost: "
                            + route.host + "\r\n" + (upload >= 0 ? "Content-Length: " + upload + "\r\n" : "")
                            + (keeps ? "" : "Connection: close\r\n") + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            if (upload >= 0) {
                Payload.write(out, Payload.token(token), 0, upload);
            }
            out.flush();
            head = Head.read(in);
            if (head == null) {
                drop();
                load.judge(
                        route,
                        begun,
                        upload >= 0,
                        null,
                        token + "/" + kind + "/" + size + "/" + upload,
                        "connection closed without an answer");
                return;
            }
            intact = head.firstWord(1).equals("200")
                    ? Payload.read(in, head, token, size)
                            && head.value("x-token").equals(token)
                    : skip(head);
        } catch (IOException e) {
            drop();
            load.judge(route, begun, upload >= 0, head, token, e.toString());
            return;
        }
        if (!keeps || head.value("connection").equalsIgnoreCase("close")) {
            drop();
        }
        if (!intact) {
            drop();
            load.tally.failed("wrong bytes", load.describe(route, head, token, ""));
            return;
        }
        load.judge(route, begun, upload >= 0, head, token, "");
    }

    private boolean skip(Head head) throws IOException {
        in.skip(head.has("content-length") ? Integer.parseInt(head.value("content-length")) : 0);
        return true;
    }

    private void open() throws IOException {
        socket = tls ? load.tlsSockets.createSocket("127.0.0.1", load.tlsPort) : new Socket("127.0.0.1", load.port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(40_000);
        if (socket instanceof SSLSocket secure) {
            secure.startHandshake();
            load.shown((X509Certificate) secure.getSession().getPeerCertificates()[0]);
        }
        in = new Wire(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream(), 16384);
    }

    private void drop() {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // it had gone before
            }
            socket = null;
        }
    }
}
