import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Registers many routes with a Gorouter over NATS, as route emitters would, plays their backends and measures what it
 * costs. Instances live on cells 127.x.y.z with 200 ports each, all of them served here.
 *
 * <pre>RouteLoad.java NATS_PORT ROUTER_PORT ROUTER_PID ROUTES STEP...</pre>
 *
 * Steps: {@code fill[:RATE]} (messages as fast as they go, or so many a second; time from the last until it is routable,
 * then 2,000 random routes are asked for), {@code clear}, {@code memory}, {@code refresh:RATE:SECONDS} (CPU for that many messages a second), {@code
 * latency:SECONDS} (of requests one by one, while all is refreshed every 20 s), {@code
 * pairs:COUNT:SECONDS:NATS_PORT:ROUTER_PORT:ROUTER_PID} (CPU per request, in turn with another router that gets 100 routes).
 */
public final class RouteLoad {
    private static final int PORTS = 200;
    private static final int FIRST_PORT = 17_000;
    private static final byte[] ANSWER = ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    private static final byte[] END = ascii("\r\n\r\n");

    private final int routerPort;
    private final long pid;
    private final int routes;
    private final Nats nats;

    private RouteLoad(int natsPort, int routerPort, long pid, int routes) throws IOException {
        this.routerPort = routerPort;
        this.pid = pid;
        this.routes = routes;
        this.nats = new Nats(natsPort);
    }

    public static void main(String[] args) throws Exception {
        for (int port = 0; port < PORTS; port++) {
            serve(FIRST_PORT + port);
        }
        var load = new RouteLoad(
                Integer.parseInt(args[0]),
                Integer.parseInt(args[1]),
                Long.parseLong(args[2]),
                Integer.parseInt(args[3]));
        for (String step : Arrays.asList(args).subList(4, args.length)) {
            String[] words = step.split(":");
            switch (words[0]) {
                case "fill" -> load.fill(words.length > 1 ? Integer.parseInt(words[1]) : Integer.MAX_VALUE);
                case "clear" -> load.clear();
                case "memory" -> load.memory();
                case "refresh" -> load.refresh(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                case "latency" -> load.latency(Integer.parseInt(words[1]));
                case "pairs" -> load.pairs(
                        Integer.parseInt(words[1]),
                        Integer.parseInt(words[2]),
                        new RouteLoad(
                                Integer.parseInt(words[3]), Integer.parseInt(words[4]), Long.parseLong(words[5]), 100));
                default -> throw new IllegalArgumentException(step);
            }
        }
        System.exit(0);
    }

    private static void serve(int port) throws IOException {
        var listener = new ServerSocket(port, 1024, InetAddress.getByName("0.0.0.0"));
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    Socket socket = listener.accept();
                    Thread.ofVirtual().start(() -> answer(socket));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private static void answer(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new BufferedInputStream(socket.getInputStream());
            while (readTo(in, END)) {
                socket.getOutputStream().write(ANSWER);
            }
        } catch (IOException e) {
            // the router has closed it
        }
    }

    private static boolean readTo(InputStream in, byte[] end) throws IOException {
        int matched = 0;
        while (matched < end.length) {
            int b = in.read();
            if (b < 0) {
                return false;
            }
            matched = b == end[matched] ? matched + 1 : b == end[0] ? 1 : 0;
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String route(int i) {
        return "app-" + i + ".apps.example.org";
    }

    private static String guid(String kind, int i) {
        return UUID.nameUUIDFromBytes(ascii(kind + i)).toString();
    }

    /** One app with one instance and one route each; 20 apps to a space, 10 spaces to an organization. */
    private static byte[] message(int i) {
        int cell = i / PORTS;
        String app = guid("app", i);
        String instance = guid("instance", i);
        String json = "{\"host\":\"127." + (1 + cell / 62_500) + "." + cell / 250 % 250 + "." + (1 + cell % 250)
                + "\",\"port\":" + (FIRST_PORT + i % PORTS) + ",\"uris\":[\"" + route(i) + "\"],\"app\":\"" + app
                + "\",\"private_instance_id\":\"" + instance + "\",\"private_instance_index\":\"0\","
                + "\"server_cert_domain_san\":\"" + instance + "\",\"tags\":{"
                + "\"app_id\":\"" + app + "\",\"app_name\":\"app-" + i + "\",\"component\":\"route-emitter\","
                + "\"instance_id\":\"0\",\"organization_id\":\"" + guid("org", i / 200) + "\","
                + "\"organization_name\":\"org-" + i / 200 + "\",\"process_id\":\"" + app + "\","
                + "\"process_instance_id\":\"" + instance + "\",\"process_type\":\"web\",\"source_id\":\"" + app
                + "\",\"space_id\":\"" + guid("space", i / 20) + "\",\"space_name\":\"space-" + i / 20
                + "\"},\"availability_zone\":\"z" + (1 + cell % 3) + "\"}";
        return ascii(json);
    }

    /** Ready-made, so that making them is not what is measured. */
    private byte[][] messages(String subject) {
        var made = new byte[routes][];
        for (int i = 0; i < routes; i++) {
            byte[] json = message(i);
            byte[] head = ascii("PUB " + subject + " " + json.length + "\r\n");
            byte[] all = Arrays.copyOf(head, head.length + json.length + 2);
            System.arraycopy(json, 0, all, head.length, json.length);
            all[all.length - 2] = '\r';
            all[all.length - 1] = '\n';
            made[i] = all;
        }
        return made;
    }

    private void fill(int rate) throws Exception {
        byte[][] messages = messages("router.register");
        try (var http = new Http(routerPort)) {
            http.status("warms.example.org");
            long cpu = cpuMillis();
            long begin = System.nanoTime();
            for (int i = 0; i < routes; i++) {
                nats.send(messages[i]);
                long due = begin + i * 1_000_000_000L / rate;
                if (i % 100 == 0 && due > System.nanoTime()) {
                    nats.flush();
                    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                }
            }
            nats.flush();
            long sent = System.nanoTime();
            String last = route(routes - 1);
            while (http.status(last) == 404) {
                if (System.nanoTime() - sent > TimeUnit.MINUTES.toNanos(2)) {
                    throw new IllegalStateException("the last route never came");
                }
                Thread.sleep(10); // each question costs a JVM that is still cold CPU of its own
            }
            long routable = System.nanoTime();
            System.out.printf(
                    "fill: %d routes, sent in %.2f s, last routable %.3f s after it was sent, %.2f s of CPU%n",
                    routes, (sent - begin) / 1e9, (routable - sent) / 1e9, (cpuMillis() - cpu) / 1e3);
            var random = new Random(1);
            int failed = 0;
            int asked = Math.min(2000, routes);
            for (int i = 0; i < asked; i++) {
                if (http.status(route(random.nextInt(routes))) != 200) {
                    failed++;
                }
            }
            System.out.printf("asked %d random routes: %d did not answer 200%n", asked, failed);
        }
    }

    private void clear() throws Exception {
        byte[][] messages = messages("router.unregister");
        try (var http = new Http(routerPort)) {
            for (byte[] message : messages) {
                nats.send(message);
            }
            nats.flush();
            while (http.status(route(routes - 1)) != 404) {
                Thread.sleep(5);
            }
        }
    }

    private void memory() throws Exception {
        long before = resident();
        String heap = jcmd("GC.run").isEmpty() ? "" : used(jcmd("GC.heap_info"));
        jcmd("GC.run");
        System.out.printf(
                "memory: %d routes, resident %d MB, after GC %d MB; heap in use after GC %s MB%n",
                routes, before >> 10, resident() >> 10, heap);
    }

    /** Kilobytes. */
    private long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    private String jcmd(String command) throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), String.valueOf(pid), command).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }

    /** Of both generations, from what jcmd says of them. */
    private static String used(String info) {
        long kilobytes = 0;
        for (String line : info.lines().toList()) {
            if (line.contains("total ") && line.contains("used ") && !line.contains("Metaspace")) {
                kilobytes += Long.parseLong(line.replaceAll(".*used ([0-9]+)K.*", "$1"));
            }
        }
        return String.format("%.1f", kilobytes / 1024.0);
    }

    private void refresh(int rate, int seconds) throws Exception {
        byte[][] messages = messages("router.register");
        int at = send(messages, 0, rate, 3);
        long cpu = cpuMillis();
        long begin = System.nanoTime();
        send(messages, at, rate, seconds);
        double elapsed = (System.nanoTime() - begin) / 1e9;
        long used = cpuMillis() - cpu;
        System.out.printf(
                "refresh: %.0f messages/s for %.1f s: %.1f %% of a core, %.2f us each%n",
                (long) rate * seconds / elapsed, elapsed, used / elapsed / 10, used * 1e3 / ((long) rate * seconds));
    }

    /** In portions of ten milliseconds. */
    private int send(byte[][] messages, int from, int rate, int seconds) throws Exception {
        int at = from;
        long begin = System.nanoTime();
        int portion = rate / 100;
        for (int i = 0; i < seconds * 100; i++) {
            for (int j = 0; j < portion; j++) {
                nats.send(messages[at]);
                at = (at + 1) % messages.length;
            }
            nats.flush();
            long wait = begin + (i + 1) * 10_000_000L - System.nanoTime();
            if (wait > 0) {
                TimeUnit.NANOSECONDS.sleep(wait);
            }
        }
        return at;
    }

    private long cpuMillis() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return 10 * (Long.parseLong(words[11]) + Long.parseLong(words[12]));
    }

    private void latency(int seconds) throws Exception {
        byte[][] messages = messages("router.register");
        var done = new AtomicBoolean();
        Thread refreshing = Thread.ofPlatform().start(() -> {
            try {
                for (int at = 0; !done.get(); ) {
                    at = send(messages, at, Math.max(100, routes / 20), 1);
                }
            } catch (Exception e) {
                e.printStackTrace();
            }
        });
        try (var http = new Http(routerPort)) {
            var times = new long[seconds * 1000];
            int count = 0;
            int failed = 0;
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            while (System.nanoTime() < end && count < times.length) {
                long begin = System.nanoTime();
                failed += http.status(route(count % 100)) == 200 ? 0 : 1;
                times[count++] = System.nanoTime() - begin;
                Thread.sleep(1);
            }
            long[] sorted = Arrays.copyOf(times, count);
            Arrays.sort(sorted);
            System.out.printf(
                    "latency while %d routes are refreshed: %d requests, %d failed, p50 %.2f ms, p99 %.2f ms, p99.9 %.1f ms,"
                            + " worst %.1f ms%n",
                    routes,
                    count,
                    failed,
                    sorted[count / 2] / 1e6,
                    sorted[count * 99 / 100] / 1e6,
                    sorted[(int) (count * 999L / 1000)] / 1e6,
                    sorted[count - 1] / 1e6);
        }
        done.set(true);
        refreshing.join();
    }

    private void pairs(int count, int seconds, RouteLoad few) throws Exception {
        few.fill(Integer.MAX_VALUE);
        few.cost(10);
        cost(10);
        var ratios = new double[count];
        for (int i = 0; i < count; i++) {
            double without = few.cost(seconds);
            double with = cost(seconds);
            ratios[i] = with / without;
            System.out.printf("pair: %.2f us CPU a request with %d routes, %.2f us with 100%n", with, routes, without);
        }
        Arrays.sort(ratios);
        System.out.printf(
                "CPU per request to that with few routes: median %.3f, %.3f to %.3f%n",
                ratios[count / 2], ratios[0], ratios[count - 1]);
    }

    /** Microseconds of CPU per request, 64 connections asking for the first 100 routes in turn. */
    private double cost(int seconds) throws Exception {
        Path script = Files.createTempFile("routes", ".lua");
        Files.writeString(script, "local n = 0\nrequest = function()\n n = (n + 1) % 100\n"
                + " return 'GET / HTTP/1.1\\r\\nHost: app-' .. n .. '.apps.example.org\\r\\n\\r\\n'\nend\n");
        long cpu = cpuMillis();
        Process wrk = new ProcessBuilder(
                        "wrk", "-t1", "-c64", "-d" + seconds + "s", "-s", script.toString(),
                        "http://127.0.0.1:" + routerPort)
                .redirectErrorStream(true)
                .start();
        String out = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        wrk.waitFor();
        long used = cpuMillis() - cpu;
        Files.delete(script);
        if (out.contains("Non-2xx") || out.contains("Socket errors") || !out.contains("requests in")) {
            throw new IllegalStateException(out);
        }
        long requests = Long.parseLong(
                out.lines().filter(line -> line.contains("requests in")).findFirst().orElseThrow().strip().split(" ")[0]);
        return used * 1e3 / requests;
    }

    /** Enough of a NATS client to publish. */
    private static final class Nats {
        private final OutputStream out;
        private final InputStream in;

        private Nats(int port) throws IOException {
            var socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
            out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
            readTo(in, ascii("\r\n"));
            out.write(ascii("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"));
            flush();
        }

        private void send(byte[] message) throws IOException {
            out.write(message);
        }

        /** Returns when the server has taken in all of it. */
        private void flush() throws IOException {
            out.write(ascii("PING\r\n"));
            out.flush();
            readTo(in, ascii("PONG\r\n"));
        }
    }

    /** A client on one connection. */
    private static final class Http implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;

        private Http(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        }

        private int status(String host) throws IOException {
            socket.getOutputStream().write(ascii("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
            var head = new StringBuilder();
            while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
                int b = in.read();
                if (b < 0) {
                    throw new IOException("closed by the router");
                }
                head.append((char) b);
            }
            int at = head.indexOf("Content-Length: ");
            int length = Integer.parseInt(head.substring(at + 16, head.indexOf("\r", at)));
            in.readNBytes(length);
            return Integer.parseInt(head.substring(9, 12));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
