package org.cupola.platform.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPInputStream;
import jdk.jfr.consumer.RecordingFile;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.cupola.platform.telemetry.Logging;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class DebugServerTest {
    private static final Logger log = LoggerFactory.getLogger(DebugServerTest.class);

    private static final HttpResponse.BodyHandler<String> TEXT = HttpResponse.BodyHandlers.ofString();

    /** Where the compiler cannot do without it. */
    private volatile byte[] kept = {};

    private final HttpClient client = HttpClient.newHttpClient();
    private final DebugServer server = new DebugServer(
            "part",
            new InetSocketAddress("127.0.0.1", 0),
            services -> services.service(
                    "/metrics", (ctx, request) -> com.linecorp.armeria.common.HttpResponse.of("mine 1\n")));

    @BeforeEach
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
        Logging.level(LogLevel.WARN);
    }

    @Test
    void changesTheLogLevelByNameLetterOrNumber() throws Exception {
        assertThat(send("POST", "/log-level", "debug").body()).isEqualTo("/log-level was invoked with Level: debug\n");
        assertThat(log.isDebugEnabled()).isTrue();

        assertThat(send("PUT", "/log-level", " I\n").body()).isEqualTo("/log-level was invoked with Level: info\n");
        assertThat(log.isDebugEnabled()).isFalse();
        assertThat(log.isInfoEnabled()).isTrue();

        assertThat(send("POST", "/log-level", "2").body()).isEqualTo("/log-level was invoked with Level: warn\n");
        assertThat(log.isInfoEnabled()).isFalse();
        assertThat(log.isWarnEnabled()).isTrue();

        assertThat(send("POST", "/log-level", "FATAL").statusCode()).isEqualTo(200);
        assertThat(log.isWarnEnabled()).isFalse();
        assertThat(log.isErrorEnabled()).isTrue();
    }

    @Test
    void refusesWhatIsNoLevel() throws Exception {
        Logging.level(LogLevel.INFO);

        assertThat(send("POST", "/log-level", "loud").statusCode()).isEqualTo(400);
        assertThat(send("POST", "/log-level", "loud").body()).isEqualTo("invalid log level: loud\n");
        assertThat(send("POST", "/log-level", "").body()).isEqualTo("log level cannot be empty\n");
        assertThat(send("GET", "/log-level", "").body()).isEqualTo("method not allowed, use POST\n");
        assertThat(log.isInfoEnabled()).isTrue();
        assertThat(log.isDebugEnabled()).isFalse();
    }

    @Test
    void showsVirtualThreadsTooForPeopleAndForPprof() throws Exception {
        var end = new CountDownLatch(1);
        Thread waiting = Thread.ofVirtual().name("one-of-many").start(() -> waitHereFor(end));
        try {
            await().untilAsserted(() ->
                    assertThat(get("/debug/pprof/goroutine?debug=2")).contains("one-of-many", "waitHereFor"));

            assertThat(strings(pprof("/debug/pprof/goroutine")))
                    .contains("goroutine", DebugServerTest.class.getName() + ".waitHereFor", "DebugServerTest.java");
        } finally {
            end.countDown();
            waiting.join();
        }
    }

    @Test
    void showsTheHeapByClassForPeopleAndForPprof() throws Exception {
        assertThat(get("/debug/pprof/heap?debug=1&gc=1")).contains("# collector", "# pool", "java.lang.String");

        assertThat(strings(pprof("/debug/pprof/heap"))).contains("inuse_space", "bytes", "java.lang.String");
    }

    @Test
    void samplesWhereTimeAndMemoryGo() throws Exception {
        var end = new CountDownLatch(1);
        Thread busy = Thread.ofPlatform().start(() -> workUntil(end));
        try {
            await().untilAsserted(() -> assertThat(strings(pprof("/debug/pprof/profile?seconds=0.2")))
                    .contains("cpu", "nanoseconds", DebugServerTest.class.getName() + ".workUntil"));
            await().untilAsserted(() -> assertThat(strings(pprof("/debug/pprof/allocs?seconds=0.2")))
                    .contains("alloc_space", DebugServerTest.class.getName() + ".workUntil"));
        } finally {
            end.countDown();
            busy.join();
        }
    }

    @Test
    void recordsWhatHappensForTheFlightRecordersReaders(@TempDir Path folder) throws Exception {
        byte[] recording = bytes("/debug/pprof/trace?seconds=0.2");

        Path file = Files.write(folder.resolve("trace.jfr"), recording);
        assertThat(RecordingFile.readAllEvents(file)).isNotEmpty();
    }

    @Test
    void takesOneProfileAtATimeAndGivesItUpWhenClosed() {
        CompletableFuture<HttpResponse<String>> endless =
                client.sendAsync(request("GET", "/debug/pprof/profile?seconds=600", ""), TEXT);
        await().untilAsserted(() -> assertThat(
                        send("GET", "/debug/pprof/mutex?seconds=1", "").statusCode())
                .isEqualTo(500));

        server.close();

        await().until(endless::isDone);
    }

    @Test
    void answersTheRestAsTheOriginalDoes() throws Exception {
        assertThat(get("/debug/pprof/")).contains("goroutine", "heap", "profile", "trace");
        assertThat(get("/debug/pprof/cmdline")).contains("java");
        assertThat(get("/debug/pprof/symbol")).isEqualTo("num_symbols: 0\n");
        assertThat(send("GET", "/debug/pprof/unheard-of", "").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/debug/pprof/profile?seconds=601", "").statusCode())
                .isEqualTo(400);
        assertThat(send("PUT", "/block-profile-rate", "1").statusCode()).isEqualTo(200);
        assertThat(send("PUT", "/mutex-profile-fraction", "x").statusCode()).isEqualTo(400);
        assertThat(get("/metrics")).isEqualTo("mine 1\n");
    }

    @Test
    void aTakenPortIsOnlyLoggedWhereTheOriginalOnlyLogsIt() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var late = new DebugServer(
                        "late", new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort()))) {
            assertThatCode(late::startOrLog).doesNotThrowAnyException();
        }
    }

    private static void waitHereFor(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int workUntil(CountDownLatch end) {
        int sum = 0;
        while (end.getCount() > 0) {
            kept = new byte[64 + Math.abs(sum % 7)];
            sum += kept.length;
        }
        return sum;
    }

    private HttpRequest request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return client.send(request(method, path, body), TEXT);
    }

    private String get(String path) throws Exception {
        HttpResponse<String> response = send("GET", path, "");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private byte[] bytes(String path) throws Exception {
        HttpResponse<byte[]> response = client.send(request("GET", path, ""), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private UnknownFieldSet pprof(String path) throws Exception {
        return UnknownFieldSet.parseFrom(new GZIPInputStream(new ByteArrayInputStream(bytes(path))));
    }

    /** Field 6 of {@code profile.proto}. */
    private static List<String> strings(UnknownFieldSet profile) {
        return profile.getField(6).getLengthDelimitedList().stream()
                .map(ByteString::toStringUtf8)
                .toList();
    }
}
