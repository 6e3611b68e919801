package org.cupola.routingapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.linecorp.armeria.common.HttpMethod;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.cupola.platform.sql.DatabaseConfig;
import org.cupola.protocol.routing.TcpRouteMapping;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event streams as they go over the wire, read from a socket. */
class RawEventStreamTest {
    @TempDir
    Path folder;

    private RunningApi api;
    private String group;

    @BeforeEach
    void start() {
        api = RunningApi.start(folder, RunningApi.sql(DatabaseConfig.sqlite(folder.resolve("db"))));
        group = api.tcpGroup("group");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    /** One connection with an open stream; the chunks of its body are taken apart. */
    private final class Stream implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream input;
        private final String head;

        Stream(String query, String... headers) throws IOException {
            socket.setReceiveBufferSize(4096);
            socket.setSoTimeout(30_000);
            socket.connect(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), api.component().httpPort()));
            String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
            socket.getOutputStream()
                    .write(("GET /routing/v1/tcp_routes/events" + query + " HTTP/1.1\r\nHost: api\r\n" + more + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            input = socket.getInputStream();
            head = until("\r\n\r\n");
        }

        private String until(String end) throws IOException {
            var read = new StringBuilder();
            while (read.length() < end.length()
                    || !read.substring(read.length() - end.length()).equals(end)) {
                int next = input.read();
                if (next < 0) {
                    throw new EOFException("after " + read);
                }
                read.append((char) next);
            }
            return read.toString();
        }

        String chunk() throws IOException {
            int length = Integer.parseInt(until("\r\n").strip(), 16);
            String chunk = new String(input.readNBytes(length), StandardCharsets.UTF_8);
            until("\r\n");
            return chunk;
        }

        /** Past what only keeps the connection alive. */
        String event() throws IOException {
            String chunk = chunk();
            while (chunk.equals(":\n")) {
                chunk = chunk();
            }
            return chunk;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private TcpRouteMapping route(int port) {
        return TcpRouteMapping.of(group, port, "10.0.0.1", 80);
    }

    @Test
    void anIdleStreamIsKeptAliveByComments() throws Exception {
        try (var stream = new Stream("")) {
            assertThat(stream.head.toLowerCase(Locale.ROOT))
                    .startsWith("http/1.1 200")
                    .contains("content-type: text/event-stream; charset=utf-8\r\n")
                    .contains("cache-control: no-cache, no-store, must-revalidate\r\n");

            assertThat(stream.chunk()).isEqualTo(":\n");
            assertThat(stream.chunk()).isEqualTo(":\n");
        }
    }

    @Test
    void everyConnectionCountsItsEventsFromZero() throws Exception {
        try (var early = new Stream("")) {
            api.client().upsertTcpRoutes(List.of(route(1)));
            assertThat(early.event())
                    .startsWith("id: 0\nevent: Upsert\ndata: {")
                    .endsWith("}\n\n");
            try (var late = new Stream("")) {
                api.client().upsertTcpRoutes(List.of(route(2), route(3)));

                assertThat(early.event()).startsWith("id: 1\nevent: Upsert\n").contains("\n\nid: 2\nevent: Upsert\n");
                assertThat(late.event()).startsWith("id: 0\nevent: Upsert\n").contains("\n\nid: 1\nevent: Upsert\n");
                api.client().deleteTcpRoutes(List.of(route(2)));
                assertThat(early.event()).startsWith("id: 3\nevent: Delete\n");
                assertThat(late.event()).startsWith("id: 2\nevent: Delete\n");
            }
        }
    }

    @Test
    void aStreamGoesOnAfterTheLastEventIdOrSaysThatItCannot() throws Exception {
        String first;
        try (var stream = new Stream("?resumable=true")) {
            assertThat(stream.head).contains("x-cupola-events-resumed: false\r\n");
            api.client().upsertTcpRoutes(List.of(route(1)));
            first = stream.event();
        }
        api.client().upsertTcpRoutes(List.of(route(2)));
        String id = first.substring("id: ".length(), first.indexOf('\n'));

        try (var resumed = new Stream("?resumable=true", "Last-Event-ID: " + id)) {
            assertThat(resumed.head).contains("x-cupola-events-resumed: true\r\n");
            assertThat(resumed.event()).contains("\"port\":2,").doesNotContain("\"port\":1,");
        }
        for (String unknown : List.of("another-" + 0, id + "999", "", "-", "nonsense")) {
            try (var anew = new Stream("?resumable=true", "Last-Event-ID: " + unknown)) {
                assertThat(anew.head).contains("x-cupola-events-resumed: false\r\n");
            }
        }
    }

    @Test
    void aReaderThatDoesNotReadIsCutOffAndTheOthersNoticeNothing() throws Exception {
        List<TcpRouteMapping> large = IntStream.rangeClosed(1, 40)
                .mapToObj(port -> TcpRouteMapping.builder(group, port, "10.0.0.1", 80)
                        .instanceId("i".repeat(50_000))
                        .build())
                .toList();
        try (var slow = new Stream("");
                var reader = api.client().tcpRouteEvents("")) {
            Thread reading = Thread.ofVirtual().start(() -> {
                try {
                    while (reader.next().orElseThrow().route().port() != 50_000) {
                        // goes on
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            await().atMost(Duration.ofSeconds(120)).pollInterval(Duration.ZERO).until(() -> {
                api.client().upsertTcpRoutes(large);
                return api.admin(HttpMethod.GET, "/metrics").contentUtf8().contains("tcp_subscriptions 1\n");
            });

            api.client().upsertTcpRoutes(List.of(route(50_000)));

            assertThat(reading.join(Duration.ofSeconds(60))).isTrue();
            slow.socket.setSoTimeout(60_000);
            assertThat(slow.input.skip(Long.MAX_VALUE)).isPositive(); // what had been queued, then the end
        }
    }
}
