import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * Routing API, backend and clients of the TCP router's scale benchmark, see tcp-scale.sh: many ports, many idle connections,
 * then one new route after the other.
 *
 * <p>{@code java TcpScale.java API_PORT FIRST_PORT PORTS CONNECTIONS CHANGES SIBLING}, then the router's process id as a line
 * on standard input once that has been started. With SIBLING 1 there is a second router, of an API at the next port, and a
 * part of the measurement in which only that one's routes change: what it shows is no cost of the first.
 */
final class TcpScale {
    private static final int ACTIVE = 64;
    private static final String HOST = "127.0.0.1";

    /** Of the router that is measured, and of its sibling. */
    private static final OutputStream[] events = new OutputStream[2];

    private static volatile List<Long> latencies = new ArrayList<>();

    private TcpScale() {}

    public static void main(String[] arguments) {
        try {
            run(arguments);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1); // other threads would keep it alive
        }
        System.exit(0);
    }

    private static void run(String[] arguments) throws Exception {
        int apiPort = Integer.parseInt(arguments[0]);
        int firstPort = Integer.parseInt(arguments[1]);
        int ports = Integer.parseInt(arguments[2]);
        int connections = Integer.parseInt(arguments[3]);
        int changes = Integer.parseInt(arguments[4]);
        boolean sibling = "1".equals(arguments[5]);
        int backendPort = backend();
        api(apiPort, firstPort, ports, backendPort, 0);
        if (sibling) {
            api(apiPort + 1, firstPort, 0, backendPort, 1);
        }
        String pid = new String(System.in.readNBytes(16), StandardCharsets.US_ASCII).strip();
        for (int port = firstPort; port < firstPort + ports; port++) {
            accepted(port);
        }
        long idleBefore = residentKilobytes(pid);
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Socket socket = new Socket(HOST, firstPort + i % ports);
            socket.setTcpNoDelay(true);
            if (socket.getInputStream().read() != '!') {
                throw new IOException("no greeting");
            }
            open.add(socket);
        }
        Thread.sleep(2000);
        long idleAfter = residentKilobytes(pid);
        System.out.printf(
                Locale.ROOT,
                "%d ports: %d MB resident; %d idle connections: %.1f kB each%n",
                ports,
                idleBefore / 1024,
                connections,
                (idleAfter - idleBefore) / (double) connections);

        active(open.subList(0, ACTIVE));
        Thread.sleep(3000);
        latencies = new ArrayList<>();
        Cpu cpu = Cpu.of(pid);
        Thread.sleep(5000);
        String quietCpu = cpu.until(Cpu.of(pid));
        System.out.println("round trip on " + ACTIVE + " other connections, without changes: " + summary(latencies));
        int nextPort = firstPort + ports;
        if (sibling) {
            latencies = new ArrayList<>();
            System.out.println("new route of the sibling until accepted: " + change(1, nextPort, changes, backendPort));
            System.out.println("                     round trip, with changes of the sibling: " + summary(latencies));
            nextPort += changes;
        }
        latencies = new ArrayList<>();
        cpu = Cpu.of(pid);
        String accepting = change(0, nextPort, changes, backendPort);
        String changingCpu = cpu.until(Cpu.of(pid));
        System.out.println("new route until accepted, " + changes + " changes: " + accepting);
        System.out.println("                     round trip, with changes: " + summary(latencies));
        System.out.println("CPU of the router by thread, ms a second, without changes: " + quietCpu);
        System.out.println("                                              with changes: " + changingCpu);
    }

    /** One new route after the other, each awaited. */
    private static String change(int router, int firstPort, int changes, int backendPort)
            throws IOException, InterruptedException {
        List<Long> accepting = new ArrayList<>();
        for (int change = 0; change < changes; change++) {
            int port = firstPort + change;
            long began = System.nanoTime();
            events[router].write(("id: " + change + "\nevent: Upsert\ndata: " + route(port, backendPort) + "\n\n")
                    .getBytes(StandardCharsets.US_ASCII));
            events[router].flush();
            accepted(port);
            accepting.add(System.nanoTime() - began);
            Thread.sleep(20);
        }
        return summary(accepting);
    }

    private static String summary(List<Long> nanos) {
        long[] sorted = List.copyOf(nanos).stream().mapToLong(Long::longValue).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "mean %.2f ms, p50 %.2f ms, p99 %.2f ms, max %.2f ms",
                Arrays.stream(sorted).average().orElse(0) / 1e6,
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) Math.min(sorted.length - 1, Math.round(sorted.length * 0.99))] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    /** What each kind of thread of a process has used so far. */
    private record Cpu(long atNanos, Map<String, Long> nanosByThread) {
        static Cpu of(String pid) throws IOException {
            Map<String, Long> nanos = new TreeMap<>();
            try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
                for (Path task : tasks) {
                    String name = Files.readString(task.resolve("comm")).strip();
                    String[] fields = Files.readString(task.resolve("schedstat")).split(" ");
                    nanos.merge(name, Long.parseLong(fields[0]), Long::sum);
                }
            }
            return new Cpu(System.nanoTime(), nanos);
        }

        String until(Cpu later) {
            double seconds = (later.atNanos - atNanos) / 1e9;
            return later.nanosByThread.entrySet().stream()
                    .map(thread -> Map.entry(
                            thread.getKey(),
                            (thread.getValue() - nanosByThread.getOrDefault(thread.getKey(), 0L)) / 1e6 / seconds))
                    .filter(thread -> thread.getValue() >= 0.5)
                    .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                    .map(thread -> String.format(Locale.ROOT, "%s %.0f", thread.getKey(), thread.getValue()))
                    .collect(Collectors.joining(", "));
        }
    }

    private static long residentKilobytes(String pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    /** Waits until a connection to the port is let through to the backend. */
    private static void accepted(int port) throws InterruptedException {
        SocketAddress address = new InetSocketAddress(HOST, port);
        for (int tries = 0; tries < 120_000; tries++) {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                if (socket.getInputStream().read() == '!') {
                    return;
                }
            } catch (IOException e) {
                Thread.sleep(1);
            }
        }
        throw new IllegalStateException("nobody listens at " + address);
    }

    /** One round trip after the other on each connection in turn. */
    private static void active(List<Socket> connections) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    for (Socket connection : connections) {
                        long began = System.nanoTime();
                        connection.getOutputStream().write('x');
                        if (connection.getInputStream().read() != 'x') {
                            throw new IOException("a connection broke");
                        }
                        latencies.add(System.nanoTime() - began);
                        Thread.sleep(1);
                    }
                }
            } catch (IOException | InterruptedException e) {
                e.printStackTrace();
                System.exit(1);
            }
        });
    }

    private static String route(int port, int backendPort) {
        return "{\"router_group_guid\":\"g\",\"backend_port\":" + backendPort
                + ",\"backend_tls_port\":-1,\"backend_ip\":\"127.0.0.1\",\"instance_id\":\"\",\"port\":" + port
                + ",\"modification_tag\":{\"guid\":\"a\",\"index\":0},\"ttl\":60000,\"isolation_segment\":\"\"}";
    }

    private static void api(int apiPort, int firstPort, int ports, int backendPort, int router)
            throws IOException {
        var list = new StringBuilder("[");
        for (int port = firstPort; port < firstPort + ports; port++) {
            list.append(port == firstPort ? "" : ",").append(route(port, backendPort));
        }
        byte[] body = list.append("]\n").toString().getBytes(StandardCharsets.US_ASCII);
        HttpServer api = HttpServer.create(new InetSocketAddress(HOST, apiPort), 0);
        api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        api.createContext("/routing/v1/tcp_routes", exchange -> answer(exchange, body, router));
        api.start();
    }

    private static void answer(HttpExchange exchange, byte[] list, int router) throws IOException {
        if (exchange.getRequestURI().getPath().endsWith("/events")) {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
            events[router] = exchange.getResponseBody();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, list.length);
            try (OutputStream response = exchange.getResponseBody()) {
                response.write(list);
            }
        }
    }

    /** Greets every connection with one byte, then echoes. */
    private static int backend() throws IOException {
        Selector selector = Selector.open();
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(HOST, 0), 4096);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        Thread.ofPlatform().daemon().start(() -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
            try {
                while (true) {
                    selector.select();
                    Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                    while (keys.hasNext()) {
                        SelectionKey key = keys.next();
                        keys.remove();
                        if (key.isAcceptable()) {
                            SocketChannel accepted = server.accept();
                            accepted.configureBlocking(false);
                            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
                            accepted.register(selector, SelectionKey.OP_READ);
                            accepted.write(ByteBuffer.wrap(new byte[] {'!'}));
                        } else {
                            echo((SocketChannel) key.channel(), buffer);
                        }
                    }
                }
            } catch (IOException e) {
                e.printStackTrace();
                System.exit(1);
            }
        });
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    private static void echo(SocketChannel channel, ByteBuffer buffer) throws IOException {
        try {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                channel.close();
            } else {
                channel.write(buffer.flip());
            }
        } catch (IOException e) {
            channel.close();
        }
    }
}
