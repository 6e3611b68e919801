import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers and subscribers of the Routing API benchmark; see routing-api.sh.
 *
 * <p>{@code java RoutingApiLoad.java PORT PID RATE BULK SUBSCRIBERS SECONDS}: sends RATE TCP route upserts a second in bulks,
 * each due at its time whether or not earlier ones are answered, and reads the events of all subscribers. A write's latency
 * counts from when it was due to its answer; an event's from when its write was due until the last event of that bulk
 * arrived at one subscriber. The others' events are counted in bytes.
 */
final class RoutingApiLoad {
    private static final int ROUTES = 20_000;
    private static final int WRITERS = 4;
    private static final double WARM_UP_SECONDS = 8;
    private static final byte[] EVENT_END = {'\n', '\n'};

    private static final ConcurrentLinkedQueue<Long> dueTimes = new ConcurrentLinkedQueue<>();
    private static final AtomicLong subscriberBytes = new AtomicLong();
    private static final AtomicLong sampledBytes = new AtomicLong();
    private static final AtomicLong sampledEvents = new AtomicLong();
    private static final AtomicLong cutOff = new AtomicLong();
    private static volatile List<Long> eventLatencies = new ArrayList<>();

    private RoutingApiLoad() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        String pid = arguments[1];
        int rate = Integer.parseInt(arguments[2]);
        int bulk = Integer.parseInt(arguments[3]);
        int subscribers = Integer.parseInt(arguments[4]);
        double seconds = Double.parseDouble(arguments[5]);
        var address = new InetSocketAddress("127.0.0.1", port);
        String group = createGroup(address);
        List<byte[]> requests = requests(group, bulk);
        subscribe(address, subscribers, bulk);

        run(address, requests, rate, bulk, WARM_UP_SECONDS);
        eventLatencies = new ArrayList<>();
        long cpuBefore = cpuMicros(pid);
        long bytesBefore = subscriberBytes.get();
        long began = System.nanoTime();
        long[] latencies = run(address, requests, rate, bulk, seconds);
        double elapsed = (System.nanoTime() - began) / 1e9;
        long cpu = cpuMicros(pid) - cpuBefore;
        double upserts = (double) latencies.length * bulk;
        System.out.printf(
                Locale.ROOT,
                "%d subscribers, asked %d/s: %.0f upserts/s, writes p50 %.1f ms p99 %.1f ms max %.1f ms, events %s, %.0f MB/s"
                        + " of events, %d cut off, %.1f CPU us per upsert%n",
                subscribers,
                rate,
                upserts / elapsed,
                percentile(latencies, 0.50),
                percentile(latencies, 0.99),
                percentile(latencies, 1),
                events(),
                (subscriberBytes.get() - bytesBefore) / 1e6 / elapsed,
                cutOff.get(),
                cpu / upserts);
        System.exit(0);
    }

    private static String events() {
        long[] all = List.copyOf(eventLatencies).stream().mapToLong(Long::longValue).toArray();
        return all.length == 0
                ? "none"
                : String.format(Locale.ROOT, "p50 %.1f ms p99 %.1f ms", percentile(all, 0.50), percentile(all, 0.99));
    }

    private static double percentile(long[] nanos, double part) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[Math.clamp((long) Math.ceil(sorted.length * part) - 1, 0, sorted.length - 1)] / 1e6;
    }

    private static long cpuMicros(String pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000;
    }

    private static String createGroup(InetSocketAddress address) throws IOException {
        try (var connection = new Connection(address)) {
            String answer = connection.send(
                    request("/routing/v1/router_groups", "{\"name\":\"bench\",\"type\":\"tcp\",\"reservable_ports\":\"1024-65535\"}"));
            int at = answer.indexOf("\"guid\":\"") + 8;
            return answer.substring(at, answer.indexOf('"', at));
        }
    }

    private static byte[] request(String path, String body) {
        return ("POST " + path + " HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static List<byte[]> requests(String group, int bulk) {
        List<byte[]> requests = new ArrayList<>();
        for (int first = 0; first < ROUTES; first += bulk) {
            var body = new StringBuilder("[");
            for (int i = first; i < first + bulk; i++) {
                body.append(i == first ? "" : ",")
                        .append("{\"router_group_guid\":\"").append(group).append("\",\"port\":").append(1024 + i % 5000)
                        .append(",\"backend_ip\":\"10.0.").append(i / 250 % 250).append('.').append(i % 250)
                        .append("\",\"backend_port\":").append(61_000 + i % 100)
                        .append(",\"backend_tls_port\":-1,\"instance_id\":\"6f1d668d-9f69-477d-7f53-2e2f812e53ab\"")
                        .append(",\"ttl\":120,\"isolation_segment\":\"\"}");
            }
            requests.add(request("/routing/v1/tcp_routes/create", body.append(']').toString()));
        }
        return requests;
    }

    private static long[] run(InetSocketAddress address, List<byte[]> requests, int rate, int bulk, double seconds)
            throws Exception {
        int count = (int) (seconds * rate / bulk);
        long[] latencies = new long[count];
        long start = System.nanoTime();
        long interval = (long) (1e9 * bulk / rate);
        var next = new AtomicLong();
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            writers.add(Thread.ofPlatform().start(() -> {
                try (var connection = new Connection(address)) {
                    for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        long due = start + i * interval;
                        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                            LockSupport.parkNanos(left);
                        }
                        dueTimes.add(due);
                        String answer = connection.send(requests.get((int) (i % requests.size())));
                        if (!answer.startsWith("HTTP/1.1 201")) {
                            throw new IOException(answer);
                        }
                        latencies[(int) i] = System.nanoTime() - due;
                    }
                } catch (IOException e) {
                    e.printStackTrace();
                    System.exit(1);
                }
            }));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        return latencies;
    }

    /** Blocking HTTP/1.1, one request at a time. */
    private static final class Connection implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream input;

        Connection(InetSocketAddress address) throws IOException {
            socket.setTcpNoDelay(true);
            socket.connect(address);
            input = new BufferedInputStream(socket.getInputStream());
        }

        String send(byte[] request) throws IOException {
            socket.getOutputStream().write(request);
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = input.read();
                if (next < 0) {
                    throw new IOException("closed after " + head);
                }
                head.append((char) next);
            }
            String lower = head.toString().toLowerCase(Locale.ROOT);
            int at = lower.indexOf("content-length: ");
            int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 16, lower.indexOf('\r', at)));
            return head + new String(input.readNBytes(length), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static void subscribe(InetSocketAddress address, int subscribers, int bulk) throws IOException {
        if (subscribers == 0) {
            return;
        }
        Selector selector = Selector.open();
        byte[] request = "GET /routing/v1/tcp_routes/events HTTP/1.1\r\nHost: api\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < subscribers; i++) {
            SocketChannel channel = SocketChannel.open(address);
            channel.write(ByteBuffer.wrap(request));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, i == 0 ? new Counting(bulk) : null);
        }
        Thread.ofPlatform().daemon().start(() -> read(selector));
    }

    private static void read(Selector selector) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1024 * 1024);
        try {
            while (true) {
                selector.select();
                Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
                while (keys.hasNext()) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    buffer.clear();
                    int read = ((SocketChannel) key.channel()).read(buffer);
                    if (read < 0) {
                        cutOff.incrementAndGet();
                        key.channel().close();
                        continue;
                    }
                    subscriberBytes.addAndGet(read);
                    if (key.attachment() instanceof Counting counting) {
                        sampledBytes.addAndGet(read);
                        counting.count(buffer.flip());
                    }
                }
            }
        } catch (IOException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    /** Finds the ends of events; bulks are applied one after the other, in nearly the order in which they were sent. */
    private static final class Counting {
        private final int bulk;
        private int matched;

        Counting(int bulk) {
            this.bulk = bulk;
        }

        void count(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                if (next != EVENT_END[matched]) {
                    matched = next == EVENT_END[0] ? 1 : 0;
                } else if (++matched == EVENT_END.length) {
                    matched = 0;
                    if (sampledEvents.incrementAndGet() % bulk == 0) {
                        Long due = dueTimes.poll();
                        if (due != null) {
                            eventLatencies.add(System.nanoTime() - due);
                        }
                    }
                }
            }
        }
    }
}
