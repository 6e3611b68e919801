import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/**
 * Clients and backend of the TCP benchmark, in one process so that one CPU holds both; see tcp.sh.
 *
 * <p>{@code java TcpLoad.java routes API_PORT BACKEND_PORT EXTERNAL_PORT} is a Routing API with one route;
 * {@code java TcpLoad.java await PORT} waits until something listens;
 * {@code java TcpLoad.java load SCENARIO PROXY_PORT BACKEND_PORT CONNECTIONS SECONDS PROXY_PID} prints one line: what was done
 * a second, and the proxy's CPU time for it.
 */
final class TcpLoad {
    private static final int MESSAGE_BYTES = 64;
    private static final int BULK_BYTES = 256 * 1024;
    private static final double WARM_UP_SECONDS = 3;

    private TcpLoad() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "routes" -> routes(arguments);
            case "load" -> load(arguments);
            case "await" -> await(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void await(InetSocketAddress address) throws InterruptedException {
        for (int tries = 0; tries < 300; tries++) {
            try (SocketChannel channel = SocketChannel.open(address)) {
                return;
            } catch (IOException e) {
                Thread.sleep(100);
            }
        }
        throw new IllegalStateException("nobody listens at " + address);
    }

    private static void routes(String[] arguments) throws IOException {
        byte[] list = ("[{\"router_group_guid\":\"g\",\"backend_port\":" + arguments[2]
                        + ",\"backend_tls_port\":-1,\"backend_ip\":\"127.0.0.1\",\"instance_id\":\"\",\"port\":"
                        + arguments[3]
                        + ",\"modification_tag\":{\"guid\":\"a\",\"index\":0},\"ttl\":60000,\"isolation_segment\":\"\"}]\n")
                .getBytes(StandardCharsets.UTF_8);
        HttpServer api = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])), 0);
        api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        api.createContext("/routing/v1/tcp_routes", exchange -> {
            if (exchange.getRequestURI().getPath().endsWith("/events")) {
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().flush();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            } else {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, list.length);
                try (OutputStream body = exchange.getResponseBody()) {
                    body.write(list);
                }
            }
        });
        api.start();
    }

    private static void load(String[] arguments) throws Exception {
        String scenario = arguments[1];
        var proxy = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[2]));
        int backendPort = Integer.parseInt(arguments[3]);
        int connections = Integer.parseInt(arguments[4]);
        double seconds = Double.parseDouble(arguments[5]);
        var process = new ProcessCpu(arguments[6]);
        var loop = new Loop(scenario, proxy, backendPort);
        loop.open(connections);
        loop.run(WARM_UP_SECONDS);
        long cpuBefore = process.micros();
        loop.done = 0;
        loop.bytes = 0;
        long began = System.nanoTime();
        loop.run(seconds);
        double elapsed = (System.nanoTime() - began) / 1e9;
        double cpuMicros = process.micros() - cpuBefore;
        if (scenario.equals("bulk")) {
            double gigabytes = loop.bytes / 1e9;
            System.out.printf(
                    Locale.ROOT, "%.2f Gbit/s, %.3f CPU s per GB%n", gigabytes * 8 / elapsed, cpuMicros / 1e6 / gigabytes);
        } else {
            System.out.printf(Locale.ROOT, "%.0f per s, %.1f CPU us each%n", loop.done / elapsed, cpuMicros / loop.done);
        }
    }

    /** User and system time from /proc, in the kernel's ticks of 10 ms. */
    private record ProcessCpu(String pid) {
        long micros() throws IOException {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000;
        }
    }

    /** One thread for everything: whoever is ready does its next step. */
    private static final class Loop {
        private final String scenario;
        private final InetSocketAddress proxy;
        private final Selector selector = Selector.open();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BULK_BYTES);
        private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
        long done;
        long bytes;

        private enum Role {
            LISTENER,
            BACKEND,
            CLIENT
        }

        Loop(String scenario, InetSocketAddress proxy, int backendPort) throws IOException {
            this.scenario = scenario;
            this.proxy = proxy;
            ServerSocketChannel server = ServerSocketChannel.open();
            server.bind(new InetSocketAddress("127.0.0.1", backendPort), 4096);
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT, Role.LISTENER);
        }

        void open(int connections) throws IOException {
            for (int i = 0; i < connections; i++) {
                connect();
            }
        }

        private void connect() throws IOException {
            SocketChannel client = SocketChannel.open();
            client.configureBlocking(false);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean connected = client.connect(proxy);
            SelectionKey key = client.register(selector, SelectionKey.OP_CONNECT, Role.CLIENT);
            if (connected) {
                started(key, client);
            }
        }

        private void started(SelectionKey key, SocketChannel client) throws IOException {
            key.interestOps(SelectionKey.OP_READ);
            if (!scenario.equals("bulk")) {
                send(client);
            }
        }

        private void send(SocketChannel channel) throws IOException {
            message.clear();
            channel.write(message);
        }

        void run(double seconds) throws IOException {
            long end = System.nanoTime() + (long) (seconds * 1e9);
            while (System.nanoTime() - end < 0) {
                selector.select(100);
                Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    if (key.isValid()) {
                        step(key);
                    }
                }
            }
        }

        private void step(SelectionKey key) throws IOException {
            switch ((Role) key.attachment()) {
                case LISTENER -> {
                    for (SocketChannel accepted = ((ServerSocketChannel) key.channel()).accept();
                            accepted != null;
                            accepted = ((ServerSocketChannel) key.channel()).accept()) {
                        accepted.configureBlocking(false);
                        accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
                        accepted.register(
                                selector,
                                scenario.equals("bulk") ? SelectionKey.OP_WRITE : SelectionKey.OP_READ,
                                Role.BACKEND);
                    }
                }
                case BACKEND -> backend((SocketChannel) key.channel());
                case CLIENT -> client(key, (SocketChannel) key.channel());
            }
        }

        private void backend(SocketChannel channel) throws IOException {
            buffer.clear();
            if (scenario.equals("bulk")) {
                channel.write(buffer);
                return;
            }
            int read = channel.read(buffer);
            if (read < 0) {
                channel.close();
            } else {
                buffer.flip();
                channel.write(buffer);
            }
        }

        private void client(SelectionKey key, SocketChannel channel) throws IOException {
            if (key.isConnectable()) {
                channel.finishConnect();
                started(key, channel);
                return;
            }
            buffer.clear();
            int read = channel.read(buffer);
            if (read < 0) {
                throw new IOException("the proxy closed a connection");
            }
            bytes += read;
            switch (scenario) {
                case "bulk" -> {}
                case "pingpong" -> {
                    done++;
                    send(channel);
                }
                default -> {
                    done++;
                    channel.close();
                    connect();
                }
            }
        }
    }
}
